# Managed by poc2prod; extend with a command of your own beside it.
"""`score`: predictions for a whole file, or for all files of a table."""

import time
from pathlib import Path
from typing import Annotated

import typer


def run(
    source: Annotated[str, typer.Argument(help="CSV or Parquet; or a directory or pattern.")],
    output: Annotated[Path, typer.Argument(help="CSV or Parquet; or a directory, for parts.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove parts that the source no longer has.")
    ] = False,
) -> None:
    """Write a copy of a file with the model's predictions beside each row.

    Where the output is a directory, it is done in parts, by as many workers as settings.toml says:
    a part that is done is left alone, and rows that break the data contract are set aside.
    """
    from .. import evidence, registry, signing
    from ..settings import settings

    deadlines = _deadlines()
    begun = evidence.begin(f"score {source} {output}") if deadlines else None
    started = time.perf_counter()
    version = registry.chosen(settings().models, settings().model)
    signing.check(version, settings().signed_by)  # the sums are compared by whoever loads it
    rows, read, said = (_whole if output.suffix else _parts)(source, output, version, prune)
    seconds = round(time.perf_counter() - started, 3)
    if begun:
        begun.record(
            "score",
            ["KPI-04"],
            inputs=[read],
            subject={"model": version / "model.onnx"},
            values={
                "rows": rows,
                **dict.fromkeys(deadlines, seconds),
                "missed": [name for name, most in deadlines.items() if seconds > most],
            },
        )
    print(f"{output}: {said}")
    for name, most in deadlines.items():
        verdict = "missed" if seconds > most else "kept"
        print(f"{name} {verdict}: {seconds:,.1f} s, of {most:,g} s")


def _whole(source: str, output: Path, version: Path, prune: bool) -> tuple[int, Path, str]:
    """Score a file; return its rows, what was read, and what to say."""
    from .. import scoring
    from ..errors import ProjectError
    from ..predictor import Predictor

    if prune:
        raise ProjectError(f"--prune is for a directory of parts, and {output} is a file")
    predictor = Predictor(version)
    model = f"{version.name} {predictor.metadata.digest[:12]}"
    rows = scoring.score(Path(source), output, predictor, model)
    return rows, Path(source), f"{rows:,} rows, scored by {model}"


def _parts(source: str, output: Path, version: Path, prune: bool) -> tuple[int, Path, str]:
    """Score in parts; what was read is in the manifest, with its digests."""
    from ..data import jobs, runs
    from ..settings import settings

    job = jobs.score(version, output, settings().max_rejected_share)
    manifest = runs.start(source, job, settings(), prune=prune)
    rows: int = manifest["rows"]
    counts = f"{rows:,} rows, {manifest['rejected']:,} rejected"
    return rows, output / runs.MANIFEST, f"{counts}, scored by {job.by}"


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
