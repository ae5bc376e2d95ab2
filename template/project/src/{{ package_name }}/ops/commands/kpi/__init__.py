# Managed by poc2prod; extend with a command of your own: a module here with a function `run`.
"""Follow the business KPIs from the baseline to the target."""
