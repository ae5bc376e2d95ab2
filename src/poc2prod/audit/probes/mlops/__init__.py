"""Step 4: models, the tests of their code, and alerts."""
