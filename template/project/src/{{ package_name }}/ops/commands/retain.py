# Managed by poc2prod; extend with a command of your own beside it.
"""`retain`: delete what has been kept for long enough."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer


def run(
    apply: Annotated[
        bool, typer.Option("--apply", help="Delete; without it, only say what is due.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="What is due at the end of this day, such as 2027-03-31."),
    ] = None,
) -> None:
    """Delete rows, rejected rows and candidates that are older than the contracts allow."""
    from .. import contract, kpi
    from ..data import retention
    from ..errors import ProjectError
    from ..settings import settings

    now = datetime.now(UTC)
    if as_of is not None:
        try:
            now = datetime.strptime(as_of, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
        except ValueError:
            raise ProjectError(f"--as-of {as_of}: write a day, such as 2027-03-31") from None
    privacy = kpi.load().privacy
    said = privacy.retention if privacy else None
    found = (retention.apply if apply else retention.plan)(contract.load(), settings(), said, now)
    for item in found.items:
        what = f"kept: {item.stays}" if item.stays else "deleted" if apply else "due"
        print(f"{item.what} {item.name}, of {item.written:%Y-%m-%d}: {what}")
    verb = "deleted" if apply else "due; --apply deletes"
    print(f"{len(found.due)} {verb}, {len(found.items) - len(found.due)} kept although due")
