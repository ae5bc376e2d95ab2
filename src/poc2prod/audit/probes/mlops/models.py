"""Step 4: the model that serves, recomputed from its predictions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import (
    Evidence,
    Location,
    failed,
    missing,
    passed,
    stale,
)
from poc2prod.audit.probes.mlops import verdicts
from poc2prod.audit.running import candidates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.context import Context
    from poc2prod.audit.files.tree import Tree
    from poc2prod.audit.outcome import Outcome


def gates_met(context: Context) -> Outcome:
    """The model that serves keeps the contract's gates, by what is computed here."""
    if stop := candidates.no_contract(context):
        return stop
    assert context.lab is not None
    assert context.contract is not None
    bundle = _bundle(context.tree)
    if bundle is None:
        return missing("no model is registered, and none has passed its gates: run `make demo`")
    if wrong := _altered(context.tree, bundle):
        return failed(wrong, Location(bundle))
    evaluation = candidates.document(context.tree, f"{bundle}/evaluation/evaluation.json")
    data = _data(context.tree, bundle)
    if wrong := _other_rows(context.tree, data):
        return failed(wrong, Location(data))
    there = data if data and context.tree.has(data) else None
    pristine = context.lab.pristine
    request = {
        "bundle": str(pristine / bundle),
        "data": str(pristine / there) if there else None,
        "as_read": all(map(context.untouched, context.tree.matching("/src/*/sources.py"))),
    }
    found = context.lab.script("recompute", request)
    place = Location(f"{bundle}/evaluation/evaluation.json")
    if "error" in found:
        return failed(f"{bundle}: {found['error']}", place)
    strangers = context.lab.script("strangers", request).get("rows")
    if strangers:
        return failed(
            f"{strangers} labels in {bundle}/evaluation/predictions.parquet are not those"
            f" of {there}",
            place,
        )
    if wrong := verdicts.difference(evaluation, _claims(found)):
        return failed(f"{place}: {wrong}, recomputed from predictions.parquet", place)
    return _judged(context, bundle, evaluation, found, there)


def _judged(
    context: Context,
    bundle: str,
    evaluation: Mapping[str, Any],
    found: Mapping[str, Any],
    data: str | None,
) -> Outcome:
    assert context.model is not None
    quality = context.model.model_quality
    place = Location(f"{bundle}/evaluation/evaluation.json")
    judged = verdicts.judged(quality, found)
    missed = [verdict for verdict in judged if verdict.blocker and not verdict.passed]
    if missed:
        more = f", and {len(missed) - 1} more" if missed[1:] else ""
        return failed(
            f"{bundle} misses {missed[0]}{more}",
            Location(CONTRACT),
            place,
            examined=len(judged),
            value=missed[0].value,
            threshold=missed[0].limit,
        )
    if evaluation.get("model_quality") != quality.model_dump(mode="json", exclude_unset=True):
        return stale(f"{bundle} was judged by other gates than those of {CONTRACT}", place)
    recorded = evaluation.get("data_sha256")
    if recorded != candidates.made_from(
        candidates.document(context.tree, f"{bundle}/model.json")
    ).get("data_sha256"):
        return failed(f"{bundle} was evaluated on other data than it was trained with", place)
    if data and context.tree.digest(data) != recorded:
        return stale(f"{data} is not what {bundle} was evaluated on: evaluate again", place)
    if late := _late(evaluation, context.now, quality.evaluation.max_age):
        return late.but(late.status, f"{bundle} {late.message}")
    compared = " and the champion before it" if "champion" in found["metrics"] else ""
    return passed(
        f"{bundle} keeps all {len(judged)} bounds and beats its baseline{compared}, recomputed from"
        f" {found['rows']:,} held-out rows",
        len(judged),
        evidence=tuple(
            Evidence(path, context.tree.digest(path) or "")
            for path in (place.path, f"{bundle}/evaluation/predictions.parquet")
        ),
        locations=(place,),
    )


def _data(tree: Tree, bundle: str) -> str:
    """Return the path of what a model was made from: a snapshot's manifest, or else the data file.

    Empty where it is outside of the repository.
    """
    made_from = candidates.made_from(candidates.document(tree, f"{bundle}/model.json"))
    if "snapshot" not in made_from:
        return candidates.places(tree)["data"]
    path = str(made_from.get("data"))
    return path if candidates.inside(path) else ""


def _other_rows(tree: Tree, data: str) -> str | None:
    """Say which part of a snapshot is not what its name says."""
    if not data.endswith(".json") or not tree.has(data):
        return None
    folder = f"{data.rpartition('/')[0].rpartition('/')[0]}/parts"
    parts = candidates.document(tree, data).get("parts")
    for part in parts if isinstance(parts, list) else []:
        digest = str(part.get("sha256")) if isinstance(part, dict) else ""
        path = f"{folder}/{digest}.parquet"
        if tree.has(path) and tree.digest(path) != digest:
            return f"{path} is not what its name says: its SHA-256 differs"
    return None


def _claims(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what evaluation.json must agree with."""
    drawn = {name: found[name] for name in ("units", "resamples")}
    whole = {name: found[name] for name in ("rows", "rarest_class", "metrics", "intervals")}
    return {**whole, "resampled": drawn}


def _late(evaluation: Mapping[str, Any], now: datetime, max_age: Any) -> Outcome | None:
    try:
        when = datetime.fromisoformat(str(evaluation.get("evaluated")))
    except ValueError:
        return failed("does not say when it was evaluated")
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if when > now:
        return failed(f"claims to be evaluated in the future, on {when:%Y-%m-%d}")
    if max_age is not None and now - when > max_age:
        return stale(
            f"was evaluated {(now - when).days} days ago, and {CONTRACT} allows {max_age.days}"
        )
    return None


def _bundle(tree: Tree) -> str | None:
    """Return the folder of the champion, or else of the newest run that passed."""
    places = candidates.places(tree)
    if places["models"] and tree.has(f"{places['models']}/champion"):
        name = (tree.text(f"{places['models']}/champion") or "").strip()
        folder = f"{places['models']}/{name}"
        if not tree.has(f"{folder}/model.json") or "/" in name:
            raise UnreadableError(f"{places['models']}/champion names no model that is there")
        return folder
    if not places["runs"]:
        return None
    for path in reversed(tree.matching(f"/{places['runs']}/*/evaluation/evaluation.json")):
        judged = candidates.document(tree, path).get("verdicts")
        if isinstance(judged, list) and judged and not any(map(_refuses, judged)):
            return path.removesuffix("/evaluation/evaluation.json")
    return None


def _refuses(verdict: Any) -> bool:
    if not isinstance(verdict, dict):
        return True
    return verdict.get("passed") is False and verdict.get("severity") == "blocker"


def _altered(tree: Tree, bundle: str) -> str | None:
    """Say which file of a bundle is not what its sums and records say."""
    for folder in (bundle, f"{bundle}/evaluation"):
        sums = tree.text(f"{folder}/SHA256SUMS")
        if sums is None:
            return (
                f"{folder} has no SHA256SUMS" if folder == bundle else f"{bundle} is not evaluated"
            )
        listed = {
            name: digest for digest, _, name in (s.partition("  ") for s in sums.splitlines())
        }
        names = {
            path.rpartition("/")[2] for path in tree.matching(f"/{folder}/*", f"!/{folder}/*/")
        } - {"SHA256SUMS", "SHA256SUMS.sig"}
        for name in sorted(names | set(listed)):
            if listed.get(name) != tree.digest(f"{folder}/{name}") or name not in listed:
                return f"{folder}/{name} is not what {folder}/SHA256SUMS says"
    evaluation = candidates.document(tree, f"{bundle}/evaluation/evaluation.json")
    model = tree.digest(f"{bundle}/model.onnx")
    if evaluation.get("model_sha256") != model:
        return f"{bundle}/evaluation is of another model"
    table = f"{bundle}/evaluation/predictions.parquet"
    if evaluation.get("predictions_sha256") != tree.digest(table) or not tree.has(table):
        return f"{table} is not what was evaluated"
    return None
