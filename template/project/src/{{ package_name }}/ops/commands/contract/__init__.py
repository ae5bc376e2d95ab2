# Managed by poc2prod; extend with a command of your own: a module here with a function `run`.
"""Judge, compare and export the KPI contract."""
