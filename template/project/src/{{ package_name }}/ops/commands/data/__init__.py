# Managed by poc2prod; extend with a command of your own: a module here.
"""Judge data, and get to know it."""
