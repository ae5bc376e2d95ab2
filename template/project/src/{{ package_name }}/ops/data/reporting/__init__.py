# Managed by poc2prod; extend in a module of your own that imports it.
"""The data quality report: what is measured, how it is drawn, and the page."""
