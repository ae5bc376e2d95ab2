"""A copy of the repository in which its code may run, be broken, and be thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class Lab:
    """Copies of a repository. Nothing that runs in one changes the repository itself."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass
