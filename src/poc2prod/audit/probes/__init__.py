"""Functions that examine one thing each: `probe(context, **arguments) -> Outcome`."""
