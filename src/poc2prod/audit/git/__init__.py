"""The audited repository's history, read without its configuration."""
