"""The readiness audit: how far a repository is from production, and what is missing.

Read in this order: outcome, catalogue, conditions, tree, repository, context, engine; then scoring,
report, and the probes.
"""
