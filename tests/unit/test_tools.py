"""A missing tool is skipped on a developer's machine and fails in CI."""

import pytest

from tools import require_tool


def test_a_tool_is_found_by_name() -> None:
    assert require_tool("git").endswith("/git")


def test_a_missing_tool_skips_and_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("POC2PROD_REQUIRE_TOOLS", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"run \.ci/install-tools"):
        require_tool("no-such-tool")


def test_a_missing_tool_fails_where_tools_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POC2PROD_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool"):
        require_tool("no-such-tool")
