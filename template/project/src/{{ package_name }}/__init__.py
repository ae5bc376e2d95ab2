# Managed by poc2prod; extend in modules of your own beside it.
"""The project's package: three short files of the team's beside `ops`, the managed machinery."""
