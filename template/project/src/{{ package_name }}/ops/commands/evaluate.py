# Managed by poc2prod; extend with a command of your own beside it.
"""`evaluate`: a candidate against its baseline, the champion and its gates."""

from typing import Any

import typer


def run() -> None:
    """Evaluate the newest candidate on held-out rows. Exit status 1: it missed a blocker."""
    from .. import contract, dataset, kpi, registry
    from ..console import step
    from ..settings import settings

    declared, quality = contract.load(), kpi.load().model_quality
    candidate = registry.latest_run(settings().runs)
    champion = registry.champion_or_none(settings().models)
    with step("Evaluate on held-out rows"):
        data = dataset.load(declared, settings())
        from .. import evaluation, judging

        result = evaluation.evaluate(candidate, champion, declared, data, quality)

    drawn, rival = result["resampled"], result["champion"]
    print(
        f"{candidate}, {result['rows']:,} held-out rows; 95 % intervals from {drawn['resamples']:,}"
        f" draws by {drawn['unit']}, of which there are {drawn['units']:,}"
    )
    _metrics(result)
    if rival:
        print(
            f"champion: {rival['version']}",
            f"is not compared, {rival['reason']}" * (not rival["compared"]),
        )
    for verdict in result["verdicts"]:
        print(_line(verdict))
    if judging.blockers(result["verdicts"]):
        raise typer.Exit(1)


def _metrics(result: dict[str, Any]) -> None:
    models = result["metrics"]
    print(
        f"{'':20}{'model':>10}{'95 % interval':>22}" + "".join(f"{m:>12}" for m in list(models)[1:])
    )
    for name, value in models["model"].items():
        low, high = (_number(end) for end in result["intervals"]["model"][name])
        others = "".join(f"{models[other][name]:12.4f}" for other in list(models)[1:])
        print(f"{name:20}{value:10.4f}{low:>11}{high:>11}{others}")


def _line(verdict: dict[str, Any]) -> str:
    match verdict["passed"], verdict["severity"]:
        case True, _:
            sign = {"gte": "≥", "lte": "≤", "gt": ">"}[verdict["op"]]
            how = f"passed, {verdict['what']} {verdict['measured']:g} {sign} {verdict['limit']:g}"
        case None, _:
            how = f"{verdict['what']} {verdict['reason']}"
        case False, "warning":
            how = f"warning, {verdict['reason']}"
        case _:
            how = f"failed, {verdict['reason']}"
    return f"{verdict['id']}: {how}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
