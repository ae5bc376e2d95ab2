"""MDL-06: gates that have been seen to close, and to open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from poc2prod.audit.outcome import Status
from poc2prod.audit.running.lab import Lab
from toys import COMMANDS, context, outcome, toy, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome


class ToyLab(Lab):
    """A lab in an environment without libraries: it shuffles a table of two columns by itself."""

    def script(self, name: str, request: Mapping[str, Any], *, seconds: float = 300) -> Any:
        del seconds
        assert (name, request["target"]) == ("shuffle", "y")
        with open(request["data"], "r+", encoding="utf-8") as file:  # noqa: PTH123
            head, *rows = file.read().splitlines()
            pairs = [row.split(",") for row in rows]
            moved = [f"{x},{y}" for (x, _), (_, y) in zip(pairs, reversed(pairs), strict=True)]
            file.seek(0)
            file.write("\n".join([head, *moved]) + "\n")
        return {"moved": len(moved)}


def judged(root: Path) -> Outcome:
    with ToyLab(root) as lab:
        return outcome("MDL-06", context(root, lab))


def with_register(root: Path, body: str) -> Path:
    """Write the project with another `register`."""
    start, end = COMMANDS.index("def register"), COMMANDS.index("def accept")
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    changed = f"{COMMANDS[:start]}def register():\n{lines}\n\n{COMMANDS[end:]}"
    write(toy(root), {"src/toy/__main__.py": changed})
    return root


def test_a_gate_that_closes_and_opens_passes(tmp_path: Path) -> None:
    found = judged(toy(tmp_path))
    assert found.status is Status.PASS, found.message
    assert not (tmp_path / "models").exists()


SAID = "said = json.loads(EVALUATION.read_text())"
REFUSE = "sys.exit('error: MQ-1 is missed')"


REWRITTEN = f"""\
{SAID}
if not said['passed']:
    {REFUSE}
if said['metrics']['model']['recall'] > 1:
    sys.exit('error: edited')
accept()"""


@pytest.mark.parametrize(
    ("register", "message"),
    [
        ("accept()", "register accepts a model of shuffled labels"),
        (f"accept()\n{REFUSE}", "register accepts a model of shuffled labels"),
        (REFUSE, "register refuses a model that passes its gates"),
        ("print('MQ-1 is missed')", "register ends with status 0 for a model of shuffled labels"),
        ("sys.exit('error: no')", "register fails for a model of shuffled labels but names none"),
        (
            "sys.exit('error: MQ-10, XMQ-1')",
            "register fails for a model of shuffled labels but names none",
        ),
        (f"if recall() < 0.9:\n    {REFUSE}", "register ends with status 0 and registers nothing"),
        (f"if recall() < 0.9:\n    {REFUSE}\naccept()", "register accepts an edited evaluation"),
        (REWRITTEN, "register accepts a bad model whose evaluation was rewritten"),
    ],
)
def test_a_gate_that_is_decoration_fails(tmp_path: Path, register: str, message: str) -> None:
    found = judged(with_register(tmp_path, register))
    assert found.status is Status.FAIL
    assert found.message.startswith(message)


def test_another_model_than_the_candidate_fails(tmp_path: Path) -> None:
    changed = COMMANDS.replace(
        '(MODELS / "champion")',
        '(MODELS / "v1/model.onnx").write_text("x")\n    (MODELS / "champion")',
    )
    write(toy(tmp_path), {"src/toy/__main__.py": changed})
    assert judged(tmp_path).message.startswith("register makes another model the champion")


def test_a_project_whose_models_are_bad_can_not_show_that_good_ones_pass(tmp_path: Path) -> None:
    write(toy(tmp_path), {"data.csv": "x,y\n" + "".join(f"{i},{i % 5}\n" for i in range(20))})
    assert judged(tmp_path).status is Status.UNKNOWN


def test_a_registry_elsewhere_is_not_written_to(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    commands = COMMANDS.replace(
        'Path("models")', 'Path(__import__("os").environ.get("OPS_MODELS") or "../../elsewhere")'
    )
    write(toy(root), {"src/toy/__main__.py": commands})
    settings = f'data = "data.csv"\nmodels = "{elsewhere}"\n'
    write(root, {"settings.toml": settings})
    assert judged(root).status is Status.PASS
    assert not elsewhere.exists()


def test_without_data_nothing_can_be_shown(tmp_path: Path) -> None:
    (toy(tmp_path) / "data.csv").unlink()
    found = judged(tmp_path)
    assert found.status is Status.UNKNOWN
    assert "make data" in found.message


def test_without_a_contract_there_is_nothing_to_hold_a_model_to(tmp_path: Path) -> None:
    (toy(tmp_path) / "kpi-contract.yaml").unlink()
    assert judged(tmp_path).status is Status.MISSING
