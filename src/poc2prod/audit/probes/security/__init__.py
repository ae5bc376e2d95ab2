"""Step 5: what must not get out."""
