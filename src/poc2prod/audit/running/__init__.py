"""Code of the repository and programs of others, run in copies and bounded."""
