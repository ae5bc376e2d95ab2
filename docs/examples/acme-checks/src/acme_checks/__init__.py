"""Acme's own checks of a project's readiness."""
