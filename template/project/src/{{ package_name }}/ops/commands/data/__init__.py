# Managed by poc2prod; extend with a command of your own: a module here.
"""Describe data, and judge it."""
