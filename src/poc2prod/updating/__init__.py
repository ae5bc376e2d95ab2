"""What `poc2prod update` is made of."""
