"""MDL-02 on a generated project of each problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Status
from poc2prod.audit.running.lab import Lab
from projects import with_model
from toys import context, outcome

if TYPE_CHECKING:
    from projects import Project


def test_intervals_are_recomputed_for_every_problem(any_project: Project) -> None:
    project = with_model(any_project)
    with Lab(project.root) as lab:
        found = outcome("MDL-02", context(project.root, lab))
    assert found.status is Status.PASS, found.message
