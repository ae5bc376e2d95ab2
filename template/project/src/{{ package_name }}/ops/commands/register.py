"""`register`: from a candidate to the champion."""


def run() -> None:
    """Register the newest candidate as the champion, if it passed its gates."""
    from .. import registry, training
    from ..settings import settings

    print(registry.register(training.latest_run(settings()), settings().models))
