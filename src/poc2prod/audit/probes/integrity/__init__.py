"""The audit's own integrity."""
