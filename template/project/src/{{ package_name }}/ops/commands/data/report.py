# Managed by poc2prod; extend with a command of your own beside it.
"""`data report`: how good the data is, as a page with pictures."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    output: Annotated[Path, typer.Option(help="Where to write.")] = Path("build/data/report.html"),
) -> None:
    """Report on the newest snapshot: rules, rejected rows, missing values, distributions, trend.

    It is one HTML file, which needs nothing else. It shows no value of a personal column.
    """
    from datetime import UTC, datetime

    from ... import contract
    from ...cli import PROJECT
    from ...console import step
    from ...data.reporting import measured, page
    from ...files import write_text
    from ...settings import settings

    with step("Measure the newest snapshot"):
        found = measured.measure(PROJECT, contract.load(), settings(), datetime.now(UTC))
    write_text(output, page.page(found))
    for each in found.broken:
        print(f"broken: {each}")
    print(f"{found.rows:,} rows, {found.waiting:,} in quarantine: {output}")
