"""MDL-07: the tests run, and they notice mistakes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Status
from poc2prod.audit.running.code_mutants import chosen, functions, mutants
from poc2prod.audit.running.inside import noticed
from poc2prod.audit.running.lab import Lab
from poc2prod.audit.running.suite import _halves, run
from toys import TESTS, context, interpreter, outcome, toy, write

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome


def judged(root: Path) -> Outcome:
    with Lab(root) as lab:
        return outcome("MDL-07", context(root, lab))


def test_tests_that_notice_mistakes_pass(tmp_path: Path) -> None:
    found = judged(toy(tmp_path))
    assert found.status is Status.PASS, found.message
    assert found.examined == 2
    assert found.value == 1


def test_tests_that_assert_nothing_fail(tmp_path: Path) -> None:
    calls = "from toy.features import twice\n\n\ndef test_it_runs():\n    twice(3)\n"
    write(toy(tmp_path), {"tests/test_features.py": calls})
    found = judged(tmp_path)
    assert found.status is Status.FAIL
    assert "tests notice 29% of 7 mistakes" in found.message  # those that raise
    assert found.locations[0].path == "src/toy/features.py"


def test_a_function_that_no_test_calls_fails(tmp_path: Path) -> None:
    more = "\n\ndef thrice(x):\n    return 3 * x\n"
    write(toy(tmp_path), {"src/toy/features.py": features(tmp_path) + more})
    found = judged(tmp_path)
    assert found.status is Status.FAIL
    assert "thrice() in src/toy/features.py" in found.message


def test_tests_of_something_else_fail(tmp_path: Path) -> None:
    write(toy(tmp_path), {"tests/test_features.py": "def test_nothing():\n    assert True\n"})
    found = judged(tmp_path)
    assert found.status is Status.FAIL
    assert "twice() in src/toy/features.py" in found.message


def _endless() -> int:
    while True:
        time.sleep(1)


def test_what_does_not_end_is_noticed() -> None:
    assert noticed._wait(noticed._forked(_endless), 0.2) != 0


def test_one_half_of_the_tests_that_ends_early_is_not_green(tmp_path: Path) -> None:
    ends = "import os\n\n\ndef test_it():\n    os._exit(0)\n"
    write(toy(tmp_path), {"tests/test_more.py": ends})
    assert judged(tmp_path).status is not Status.PASS


def test_every_test_runs_in_one_half(tmp_path: Path) -> None:
    one = "def test_it():\n    pass\n"
    write(
        toy(tmp_path), {"tests/test_a.py": one, "tests/test_b.py": one, "tests/sub/test_c.py": one}
    )
    with Lab(tmp_path) as lab:
        found = _halves(lab)
        assert found is not None
        assert found.passed == run(lab, lab.copy()).passed
        assert len(found.files) == 4


def test_what_fails_only_beside_others_does_not_fail(tmp_path: Path) -> None:
    alone = "import sys\n\n\ndef test_it():\n    assert sys.argv[0] != 'pytest'\n"
    write(toy(tmp_path), {"tests/test_more.py": alone})
    assert judged(tmp_path).status is Status.PASS


def test_managed_tests_do_not_count_as_the_teams(tmp_path: Path) -> None:
    owners = "yours: []\nmanaged:\n  tests/test_features.py: 00\n"
    write(toy(tmp_path), {".poc2prod/ownership.yaml": owners})
    assert judged(tmp_path).status is Status.FAIL


def test_a_failing_test_fails_and_is_named(tmp_path: Path) -> None:
    write(toy(tmp_path), {"tests/test_more.py": "def test_it():\n    assert 1 == 2\n"})
    found = judged(tmp_path)
    assert found.status is Status.FAIL
    assert "tests/test_more.py::test_it" in found.message


@pytest.mark.parametrize(
    "tests",
    [
        {"tests/test_features.py": ""},
        {
            "tests/test_features.py": (
                "import pytest\n\n\n@pytest.mark.skip\ndef test_it():\n    pass\n"
            )
        },
    ],
)
def test_no_tests_are_missing(tmp_path: Path, tests: dict[str, str]) -> None:
    write(toy(tmp_path), tests)
    assert judged(tmp_path).status is Status.MISSING


def test_a_run_that_ends_before_any_test_is_not_green(tmp_path: Path) -> None:
    write(toy(tmp_path), {"tests/conftest.py": "import os\n\nos._exit(0)\n"})
    assert judged(tmp_path).status is Status.MISSING


def test_no_feature_code_is_missing(tmp_path: Path) -> None:
    write(toy(tmp_path), {"src/toy/features.py": ""})
    assert judged(tmp_path).status is Status.MISSING


def test_a_pipeline_that_trains_nothing_fails(tmp_path: Path) -> None:
    write(toy(tmp_path), {"src/toy/__main__.py": "raise SystemExit(0)\n"})
    found = judged(tmp_path)
    assert found.status is Status.FAIL
    assert found.message == "training fails: it left no model"


def test_a_model_that_answers_something_else_fails(tmp_path: Path) -> None:
    changed = features(toy(tmp_path)).replace("2 * x", "2 * x + 0.01")
    tests = TESTS.replace("== 6", "== 6.01").replace("== 0", "== 0.01")
    write(tmp_path, {"src/toy/features.py": changed, "tests/test_features.py": tests})
    found = judged(tmp_path)
    assert found.status is Status.FAIL
    assert found.message.startswith("predict answers something else")


def test_scripts_that_exit_0_are_no_project(tmp_path: Path) -> None:
    names = ("src/toy/features.py", "src/toy/__main__.py", "tests/test_features.py")
    write(tmp_path, dict.fromkeys(names, ""))
    interpreter(tmp_path, "#!/bin/sh\nexit 0\n")
    for check in ("MDL-01", "MDL-02", "MDL-06", "MDL-07"):
        with Lab(tmp_path) as lab:
            found = outcome(check, context(tmp_path, lab))
        assert found.status in (Status.MISSING, Status.UNKNOWN), check


def features(root: Path) -> str:
    return (root / "src/toy/features.py").read_text("utf-8")


CODE = """\
class Rule:
    def twice(self, x):
        if x > 0 and self:
            return {"a": x * 2, "b": True}
        raise ValueError


def later() -> None:
    pass


def put(table, x):
    table["c"] = x + 1
"""


def test_every_mutant_is_python_and_says_something_else() -> None:
    found = mutants("f.py", CODE)
    texts = [mutant.text for mutant in found]
    assert len({*texts, CODE}) == len(found) + 1
    for text in texts:
        compile(text, "f.py", "exec")
    assert {m.what for m in found} == {
        "does nothing",
        "the condition is turned round",
        "and is another operator",
        "the comparison is turned round",
        "mult is another operator",
        "add is another operator",
        "'a' is left out",
        "'b' is left out",
        "line 5 is left out",
        "line 13 is left out",
        "0 is 1",
        "2 is 3",
        "1 is 2",
        "True is False",
    }


def test_a_function_that_does_nothing_is_not_counted() -> None:
    assert functions("f.py", CODE) == ["Rule.twice", "put"]


def test_a_choice_of_mutants_has_each_function() -> None:
    found = chosen(mutants("f.py", CODE), 5)
    assert len(found) == 5
    assert {mutant.function for mutant in found} == {"Rule.twice", "put"}


@pytest.mark.parametrize("text", ["def f(:", "\0", "x = " + "(" * 1000 + ")" * 1000])
def test_code_that_is_no_python_is_named(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"f\.py is no Python"):
        mutants("f.py", text)
