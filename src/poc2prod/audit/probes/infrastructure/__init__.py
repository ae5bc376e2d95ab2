"""Step 3: what it runs on."""
