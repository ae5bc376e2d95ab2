"""Step 6: who is there for it."""
