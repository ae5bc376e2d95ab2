# Managed by poc2prod; extend with a command of your own beside it.
"""`evaluate`: a candidate against its baseline, the champion and its gates."""

from typing import Any

import typer


def run() -> None:
    """Evaluate the newest candidate on held-out rows. Exit status 1: it missed a blocker."""
    from .. import bundle, contract, dataset, evidence, kpi, registry
    from ..console import step
    from ..settings import settings

    begun = evidence.begin("evaluate")
    quality, declared = kpi.load().model_quality, contract.load()
    candidate = registry.latest_run(settings().runs)
    champion = registry.champion_or_none(settings().models)
    with step("Evaluate on held-out rows"):
        made_from = bundle.read_metadata(candidate).made_from
        data = dataset.load(declared, settings(), made_from)
        from .. import evaluation, judging

        result = evaluation.evaluate(candidate, champion, declared, data, quality)

    begun.record(
        "evaluate",
        ["MDL-02"],
        inputs=data.files,
        subject={
            "model": candidate / "model.onnx",
            "evaluation": candidate / "evaluation/evaluation.json",
            "predictions": candidate / f"evaluation/{evaluation.TABLE}",
        },
        values={
            "rows": result["rows"],
            **result["metrics"]["model"],
            "failed": judging.blockers(result["verdicts"]),
        },
    )
    drawn, rival = result["resampled"], result["champion"]
    print(
        f"{candidate}, {result['rows']:,} held-out rows; 95 % intervals from {drawn['resamples']:,}"
        f" draws by {drawn['unit']}, of which there are {drawn['units']:,}"
    )
    _metrics(result)
    if rival and not rival["compared"]:
        print(f"the champion {rival['version']} is not compared: {rival['reason']}")
    for verdict in result["verdicts"]:
        _show(verdict)
    if judging.blockers(result["verdicts"]):
        raise typer.Exit(1)


def _metrics(result: dict[str, Any]) -> None:
    """Print the metrics of all models, then the model's in each slice."""
    models, intervals = result["metrics"], result["intervals"]["model"]
    others = [name for name in models if name != "model"]
    print(f"{'':28}{'model':>10}{'95 % interval':>20}" + "".join(f"{name:>11}" for name in others))
    for name, value in models["model"].items():
        rest = "".join(f"{models[other][name]:11.4f}" for other in others)
        print(f"{name:28}{value:10.4f}{_interval(intervals[name])}{rest}")
    for item in result["slices"]:
        value = "-" if item["value"] is None else f"{item['value']:.4f}"
        name = f"{item['id']} {item['slice']}"
        print(f"{name:28}{value:>10}{_interval(item['interval'])}{item['support']:11,} rows")


def _show(verdict: dict[str, Any]) -> None:
    sign = {"gte": "≥", "lte": "≤", "gt": ">"}[verdict["op"]]
    match verdict["passed"]:
        case True:
            word = "passed"
            reason = f"{verdict['what']} {verdict['measured']:g} {sign} {verdict['limit']:g}"
        case None:
            word, reason = "-", f"{verdict['what']} {verdict['reason']}"
        case _:
            word = "failed" if verdict["severity"] == "blocker" else "warning"
            reason = verdict["reason"]
    print(f"{word:8}{verdict['id']}: {reason}")


def _interval(ends: list[float | None]) -> str:
    return "".join(f"{'-' if end is None else f'{end:.4f}':>10}" for end in ends)
