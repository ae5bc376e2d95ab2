"""Step 1: what success means, what is promised, and who agreed to it."""
