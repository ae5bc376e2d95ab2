# Managed by poc2prod; extend in a module of your own that imports it.
"""What is done with data before a model sees it, and with more of it than fits into memory."""
