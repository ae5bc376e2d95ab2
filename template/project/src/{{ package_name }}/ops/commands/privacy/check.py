# Managed by poc2prod; extend with a command of your own beside it.
"""`privacy check`: do contracts, settings and data agree on what is personal?"""

import typer


def run() -> None:
    """Say where contracts and settings differ, and which columns look personal, with status 1."""
    from ... import contract, kpi
    from ...data import agreement, scanner
    from ...settings import settings

    declared, said = contract.load(), kpi.load().privacy
    found = [
        *agreement.refused(declared, said),
        *agreement.differences(declared, said, settings()),
        *map(str, scanner.scan(declared, settings())),
    ]
    for line in found:
        print(line)
    if found:
        raise typer.Exit(1)
    print(f"{len([c for c in declared.columns if c.is_personal])} personal columns, all treated")
