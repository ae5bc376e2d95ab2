# Managed by poc2prod; extend with a command of your own: a module here with a function `run`.
"""One command a module: its `run` function, whose docstring is its help."""
