# Managed by poc2prod; extend in a module of your own that imports it.
"""The one error that a person is meant to read."""


class ProjectError(Exception):
    """What went wrong, where, and how to fix it, in one or two sentences."""
