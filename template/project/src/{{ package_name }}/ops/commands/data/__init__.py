# Managed by poc2prod; extend with a command of your own: a module here with a function `run`.
"""Describe the team's own data."""
