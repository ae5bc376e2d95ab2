"""One command a module: its `run` function, whose docstring is its help."""
