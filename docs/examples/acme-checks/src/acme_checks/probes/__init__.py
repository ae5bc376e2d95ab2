"""What the checks of this package look at."""
