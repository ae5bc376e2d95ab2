"""Step 2: what the data may be, how it comes in, and what a model makes of it."""
