# Managed by poc2prod; extend with a command of your own beside it.
"""`score`: predictions for a whole file."""

import time
from pathlib import Path
from typing import Annotated

import typer


def run(
    source: Annotated[Path, typer.Argument(help="CSV or Parquet.")],
    output: Annotated[Path, typer.Argument(help="CSV or Parquet.")],
) -> None:
    """Write a copy of a file with the model's predictions beside each row."""
    from .. import evidence, registry, scoring
    from ..predictor import Predictor
    from ..settings import settings

    deadlines = _deadlines()
    begun = evidence.begin(f"score {source} {output}") if deadlines else None
    started = time.perf_counter()
    version = registry.chosen(settings().models, settings().model)
    predictor = Predictor(version, settings().signed_by)
    model = f"{version.name} {predictor.metadata.digest[:12]}"
    rows = scoring.score(source, output, predictor, model)
    seconds = round(time.perf_counter() - started, 3)
    if begun:
        begun.record(
            "score",
            ["KPI-04"],
            inputs=[source],
            subject={"model": version / "model.onnx"},
            values={
                "rows": rows,
                **dict.fromkeys(deadlines, seconds),
                "missed": [name for name, most in deadlines.items() if seconds > most],
            },
        )
    print(f"{output}: {rows:,} rows, scored by {model}")
    for name, most in deadlines.items():
        verdict = "missed" if seconds > most else "kept"
        print(f"{name} {verdict}: {seconds:,.1f} s, of {most:,g} s")


def _deadlines() -> dict[str, float]:
    """Return the seconds that the KPI contract gives, by the limit's id.

    None where there is no contract, as in the image; one that is broken must not stop a job.
    """
    if not Path("kpi-contract.yaml").exists():
        return {}
    try:
        from .. import kpi  # pyyaml, which scoring itself can do without
    except ImportError:
        return {}
    try:
        limits = kpi.load().nonfunctional.limits
    except kpi.ContractError:
        return {}
    return {limit.id: limit.value for limit in limits if limit.kind == "batch_seconds"}
