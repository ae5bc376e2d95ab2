# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Versions, and which of them is the champion."""

import pytest
from package import load

bundle = load("ops.bundle")
registry = load("ops.registry")
ProjectError = load("ops.errors").ProjectError


def candidate(project):
    return registry.latest_run(project / "runs")


def test_the_registry_numbers_its_versions_and_serves_the_one_that_is_appointed(project):
    (project / "models" / "v9").mkdir()
    versions = [registry.store(candidate(project), project / "models") for _ in range(2)]
    assert [version.name for version in versions] == ["v10", "v11"]
    assert registry.champion(project / "models").name == "v1"
    registry.appoint(versions[1])
    assert registry.champion(project / "models") == versions[1]


@pytest.mark.parametrize("name", ["v2", "champion", "../v1", "v1/evaluation", ""])
def test_what_is_no_version_is_named(project, name):
    with pytest.raises(ProjectError, match=r"there is no version .* there are v1"):
        registry.version(project / "models", name)


def test_the_newest_whole_candidate_is_the_latest(tmp_path):
    for name in ("20240101T000000.1Z", "20240102T000000.1Z", ".tmp-x", "20240103T000000.1Z"):
        (tmp_path / name).mkdir()
        if "03T" not in name:
            (tmp_path / name / bundle.SUMS).touch()
    assert registry.latest_run(tmp_path).name.startswith("20240102")
