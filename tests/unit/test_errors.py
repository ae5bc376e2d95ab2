from __future__ import annotations

import pytest

from poc2prod.errors import nearest


@pytest.mark.parametrize(
    ("typo", "hint"),
    [("latncy", "; did you mean latency?"), ("zzz", ""), ("", "")],
)
def test_a_typo_gets_the_nearest_name(typo: str, hint: str) -> None:
    assert nearest(typo, ["latency", "license"]) == hint
