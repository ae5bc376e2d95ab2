"""The whole project, made once in a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit.whole import Whole, made
from projects import with_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from projects import Project
    from updates import Workbench


@pytest.fixture(scope="session")
def whole(
    bench: Workbench,
    generated: Callable[[str], Project],
    tmp_path_factory: pytest.TempPathFactory,
) -> Whole:
    """A project in which everything is as it should be; only to be copied."""
    default = with_model(generated("default"))
    return made(bench, default, tmp_path_factory.mktemp("whole"))
