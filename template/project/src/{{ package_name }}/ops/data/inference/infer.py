# Managed by poc2prod; extend in what it writes, which is yours.
"""From a table that nobody has described to the files that the next `train` needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from ... import contract as contracts
from ...cli import PROJECT
from ...contract import DataContract
from ...errors import ProjectError
from ...settings import Settings
from ...splits import Splits, split
from ..preparing import BECAUSE, prepare
from ..privacy import stored, treat
from . import edits, featuring, gates
from .contracts import contract as contract_text
from .facts import Facts, facts
from .judgement import Judged, judge, without
from .opening import Found
from .personal import tells_groups
from .target import Target, target

PACKAGE = Path("src", PROJECT.replace("-", "_"))
SETTINGS, DATA_CONTRACT = Path("settings.toml"), Path("data-contract.yaml")
KPI_CONTRACT, MODEL = Path("kpi-contract.yaml"), PACKAGE / "model.py"


@dataclass
class Proposal:
    """What infer found, and the files that follow from it.

    Attributes:
        where: the table, as settings.toml names it.
        texts: the files with their new text.
        held: how rows are held out.
        remarks: what a person should know of the whole table.
    """

    where: Path
    target: Target
    judged: list[Judged]
    ignored: dict[str, str]
    held: gates.HeldOut
    texts: dict[Path, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def groups(self) -> list[str]:
        """Name inputs that say which group a person belongs to."""
        return [
            f"{each.name}: if it is about people, may it decide? See fairness in kpi-contract.yaml"
            for each in self.judged
            if each.role == "input" and tells_groups(each.name)
        ]


def propose(found: Found, name: str, problem: str | None, settings: Settings) -> Proposal:
    """Describe a table.

    Args:
        found: the table.
        name: the column to predict.
        problem: what a person wants it to be.
        settings: how rows are held out.

    Raises:
        ProjectError: it has no such column, nothing to learn from, or can't be split.
    """
    frame = found.frame
    if name not in frame.columns:
        near = [other for other in frame.columns if other.casefold() == name.casefold()]
        hint = f": did you mean {near[0]}?" if near else f": it has {', '.join(frame.columns)}"
        raise ProjectError(f"{found.where} has no column {name}{hint}")
    columns: dict[str, Facts] = {}
    ignored: dict[str, str] = {}
    for column in frame.columns:
        seen = facts(frame[column], found.spellings.get(column))
        if seen is not None:
            columns[column] = seen
        else:
            empty = frame[column].null_count() == frame.height
            ignored[column] = "it has no value" if empty else f"it is {frame[column].dtype}"
    goal = target(columns.get(name), name, problem)
    judged = judge(columns, goal)
    if not any(each.role == "input" for each in judged):
        raise ProjectError(f"{found.where} has no column that a model could learn {name} from")
    proposal = Proposal(found.where, goal, judged, ignored, gates.HeldOut("random", 0, None))
    shuffle, parts = _split(proposal, found, settings)
    _texts(proposal, found, shuffle, parts)
    return proposal


def _split(proposal: Proposal, found: Found, settings: Settings) -> tuple[bool, Splits]:
    """Hold rows out by what the contract proposes, or by less where that leaves too few."""
    asked = settings.model_copy(update={"label_horizon_hours": 0.0, "shuffle_rows": False})
    why = ""
    for role in (None, "time", "entity"):
        if role is not None:
            if not any(each.role == role for each in proposal.judged):
                continue
            proposal.judged = without(proposal.judged, role, f"not the {role}: {why}")
            proposal.remarks.append(f"rows are not held out by {role}: {why}")
        declared, frame = _tried(proposal, found, asked.max_rejected_share)
        by = [
            word
            for word, column in (("grouped", declared.entity), ("temporal", declared.time))
            if column
        ]
        try:
            parts = split(frame, declared, asked)
        except ProjectError as error:
            why = str(error).split(":")[0]
            if by:
                continue
            parts = None
        shuffle = False
        if not by and (parts is None or _sorted(parts, declared)):
            shuffle = True
            parts = split(frame, declared, asked.model_copy(update={"shuffle_rows": True}))
            proposal.remarks.append(
                "the last rows have other values of the target than the first, so rows are held out"
                " by chance (shuffle_rows): honest only if no two rows are about the same thing"
            )
        if parts is not None:
            break
    else:
        raise ProjectError(f"{found.where} cannot be split: {why}")
    assert parts is not None  # noqa: S101 - the loop ends with parts or raises
    if declared.time:
        proposal.remarks.append(
            f"{declared.time.name} is the time: if a label looks ahead of it, say how far in"
            " settings.toml (label_horizon_hours)"
        )
    rarest = None
    if declared.problem != "regression":
        rarest = int(parts.test[declared.target.name].value_counts()["count"].min())  # type: ignore[arg-type]
    proposal.held = gates.HeldOut("_".join(by) or "random", parts.test.height, rarest)
    return shuffle, parts


def _tried(proposal: Proposal, found: Found, most: float) -> tuple[DataContract, pl.DataFrame]:
    """Read the proposed contract back, and the rows by it: hardly any may break it."""
    with TemporaryDirectory(prefix="infer-") as folder:
        path = Path(folder, DATA_CONTRACT.name)
        path.write_text(_contract(proposal), encoding="utf-8")
        declared = contracts.load(path)
    frame = found.frame.select(column.name for column in declared.columns)
    prepared = prepare(frame, declared, now=None)
    if prepared.rejected.height:
        first = prepared.rejected[BECAUSE][0]
        remark = f"{prepared.rejected.height:,} rows go to quarantine, the first because of {first}"
        if prepared.rejected.height > most * frame.height:
            raise ProjectError(f"{found.where}: {remark}: mend the table, then infer again")
        if remark not in proposal.remarks:
            proposal.remarks.append(remark)
    kept = treat(
        prepared.valid, declared.columns, None
    )  # as ingestion will: without what is dropped
    return stored(declared), kept.drop_nulls(declared.target.name)


def _sorted(parts: Splits, declared: DataContract) -> bool:
    """Whether the last rows have other targets than the first, as in a sorted table."""
    name = declared.target.name
    first, last = parts.train[name], parts.test[name]
    if declared.problem == "regression":
        spread = float(first.cast(pl.Float64).std() or 0.0)  # type: ignore[arg-type]
        means = [float(part.cast(pl.Float64).mean()) for part in (first, last)]  # type: ignore[arg-type]
        return abs(means[0] - means[1]) > 0.5 * spread
    classes = set(first.to_list()) | set(last.to_list())
    shares = [
        {value: (part == value).sum() / len(part) for value in classes} for part in (first, last)
    ]
    return any(
        abs(shares[0][value] - shares[1][value]) > 0.1
        or 0.0 in (shares[0][value], shares[1][value])
        for value in classes
    )


def _contract(proposal: Proposal) -> str:
    before = contracts.read_yaml(DATA_CONTRACT) if DATA_CONTRACT.exists() else {}
    return contract_text(
        proposal.judged,
        proposal.target,
        proposal.ignored,
        where=proposal.where.as_posix(),
        table=proposal.where.stem,
        before=before,
    )


def _texts(proposal: Proposal, found: Found, shuffle: bool, parts: Splits) -> None:
    """Write all texts."""
    sensors = any(
        each.role == "input" and each.facts.kind in ("number", "integer")
        for each in proposal.judged
    )
    block = gates.quality(proposal.target, proposal.held, sensors=sensors)
    texts = proposal.texts
    texts[DATA_CONTRACT] = _contract(proposal)
    texts[PACKAGE / "features.py"] = featuring.features(proposal.judged)
    texts[Path("tests/test_features.py")] = featuring.tests(proposal.judged)
    edit: list[tuple[Path, Callable[[str], str]]] = [
        (KPI_CONTRACT, lambda text: gates.replaced(text, block)),
        (SETTINGS, lambda text: edits.settings(text, proposal.where.as_posix(), shuffle=shuffle)),
        (MODEL, lambda text: edits.model(text, parts.train.height)),
    ]
    for path, change in edit:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = change(before)
        if after != before:
            texts[path] = after
    if found.sources is not None:
        texts[PACKAGE / "sources.py"] = found.sources
    if found.tests is not None:
        texts[Path("tests/test_sources.py")] = found.tests
