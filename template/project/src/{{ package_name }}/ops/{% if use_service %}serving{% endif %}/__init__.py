"""The HTTP service: app, body (limits), telemetry (metrics and logs), server (start and stop)."""
