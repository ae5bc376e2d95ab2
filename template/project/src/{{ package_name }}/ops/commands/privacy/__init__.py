# Managed by poc2prod; extend with a command of your own beside it.
"""What is said of people: keys, and whether contracts and data agree."""
