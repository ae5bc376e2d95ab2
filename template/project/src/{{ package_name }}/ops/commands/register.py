# Managed by poc2prod; extend with a command of your own beside it.
"""`register`: from a candidate to the champion."""


def run() -> None:
    """Register the newest candidate as the champion, if it passed its gates."""
    from .. import kpi, registry
    from ..settings import settings

    kpi.load()
    print(registry.register(registry.latest_run(settings().runs), settings().models))
