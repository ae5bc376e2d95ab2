# Managed by poc2prod; extend with a command of your own beside it.
"""`privacy key`: make the key of pseudonyms."""

from typing import Annotated

import typer


def run(
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Replace the key that is there by a new one.")
    ] = False,
) -> None:
    """Make the key that pseudonyms are made with, unless there is one. Keep it out of git."""
    from ...data import keys
    from ...settings import settings

    file = settings().pseudonym_key_file
    made = keys.create(file, rotate=rotate)
    print(f"{file}: {'a new key' if made else 'there is a key already'}; its secret is not shown")
