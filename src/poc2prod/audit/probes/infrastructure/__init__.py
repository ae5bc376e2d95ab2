"""Step 3: what the project runs on."""
