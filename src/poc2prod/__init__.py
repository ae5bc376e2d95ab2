"""Generate production-shaped machine-learning repositories."""

__version__ = "0.6.0"
