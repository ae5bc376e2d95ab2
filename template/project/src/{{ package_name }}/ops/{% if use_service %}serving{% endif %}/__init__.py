# Managed by poc2prod; extend in a module of your own that imports it.
"""The HTTP service: app, body (limits), telemetry (metrics and logs), server (start and stop)."""
