# Managed by poc2prod; extend in a module of your own that imports it.
"""What the project is made of: its packages, their known holes, and a bill of materials."""
