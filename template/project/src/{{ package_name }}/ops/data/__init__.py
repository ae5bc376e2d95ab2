# Managed by poc2prod; extend in sources.py, settings.toml and data-contract.yaml.
"""From sources to snapshots: ingestion, cleansing, validation, quarantine and lineage."""
