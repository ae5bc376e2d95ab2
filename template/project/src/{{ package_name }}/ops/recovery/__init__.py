# Managed by poc2prod; extend in settings.toml.
"""Backups of what no run can make again, their restoration, and the drill that times it."""
