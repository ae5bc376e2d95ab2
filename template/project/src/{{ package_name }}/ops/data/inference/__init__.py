# Managed by poc2prod; extend in what it writes, which is yours.
"""Describes a table that nobody has described yet: its contract, and what follows from it."""
