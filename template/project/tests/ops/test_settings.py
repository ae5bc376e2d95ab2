# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What the environment and settings.toml may say."""

import polars as pl
import pytest
from conftest import run
from package import load

ProjectError = load("ops.errors").ProjectError
settings = load("ops.settings").settings


@pytest.fixture(autouse=True)
def read_anew(project):
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("OPS_SEED", "8")
    assert settings().seed == 8
    assert str(settings().data) == "table.parquet"


@pytest.mark.parametrize("name", ["OPS_SEDE", "ops_sede"])
def test_a_variable_that_no_setting_reads_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "8")
    with pytest.raises(ProjectError, match=f"no setting {name}; did you mean OPS_SEED"):
        settings()


def test_a_variable_that_the_file_names_is_let_be(project, monkeypatch):
    monkeypatch.setenv("OPS_PLANT", "sqlite:///plant.db")
    source = '[sources.plant]\nurl_env = "OPS_PLANT"\ntable = "t"\nwatermark = "time"\n'
    (project / "settings.toml").write_text(source, encoding="utf-8")
    assert settings().sources["plant"].url_env == "OPS_PLANT"


def test_a_wrong_value_is_refused(monkeypatch):
    monkeypatch.setenv("OPS_SEED", "seven")
    with pytest.raises(ProjectError, match="OPS_SEED: seed: Input should be a valid integer"):
        settings()


def test_a_version_that_is_named_is_used_instead_of_the_champion(project, monkeypatch):
    assert run(project, "register", "--hold").returncode == 0
    monkeypatch.setenv("OPS_MODEL", "v2")
    assert run(project, "score", "table.parquet", "o.parquet").returncode == 0
    (said,) = set(pl.read_parquet(project / "o.parquet")["predicted_by"])
    assert said.startswith("v2 ")

    monkeypatch.setenv("OPS_MODEL", "v3")
    refused = run(project, "score", "table.parquet", "o.parquet")
    assert refused.returncode == 1
    assert "there is no version v3 in models/; there are v1, v2" in refused.stderr
