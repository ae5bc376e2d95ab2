# Managed by poc2prod; extend in kpi-contract.yaml.
"""Compiles the KPI contract into what watches the service: see monitoring/ in the project's root.

Read in this order: promql, alerts, burn, bounds, service; then series, cases, dashboard, compiled.
"""
