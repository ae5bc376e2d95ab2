"""The part of `data.py` that runs in a generated project's environment."""

from __future__ import annotations

import importlib
import json
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = "demo_model"
PARTS, OUT = Path("build/parts"), Path("build/out")


def load(module: str) -> Any:
    """Import a module of the project."""
    return importlib.import_module(f"{PACKAGE}.{module}")


def write(rows: int, files: int) -> None:
    """Write the simulated rows, again and again, as files of one size."""
    table = pl.scan_parquet("data/readings.parquet")
    table = pl.concat([table] * 100)
    shutil.rmtree(PARTS, ignore_errors=True)
    PARTS.mkdir(parents=True)
    for number in range(files):
        size = rows // files
        table.slice(number * size, size).sink_parquet(PARTS / f"{number}.parquet")


def run(job: Any) -> None:
    """Run a job of the project over all files, in this process."""
    engines, runs = load("ops.data.engines"), load("ops.data.runs")
    partitions = runs.find(str(PARTS), 100_000_000)
    manifest = runs.run(partitions, job, engines.engine("single"), engines.Cluster(None, 1))
    assert manifest["rejected"] == 0


def score() -> None:
    """Score as the project does."""
    champion = load("ops.registry").champion(Path("models"))
    run(load("ops.data.jobs").score(champion, OUT, 0.0))


def validate() -> None:
    """Validate as the project does."""
    run(load("ops.data.jobs").validate(Path("data-contract.yaml"), OUT, 0.0))


def plain_onnx_runtime() -> Callable[[], None]:
    """Load the champion's graph; return what scores with nothing but libraries."""
    import onnxruntime

    version = load("ops.registry").champion(Path("models"))
    metadata = load("ops.bundle").read_metadata(version)
    features = load("features")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(version / "model.onnx"), options)
    graph_input, graph_output = session.get_inputs()[0].name, session.get_outputs()[-1].name

    def run() -> None:
        OUT.mkdir(parents=True)
        for file in sorted(PARTS.iterdir()):
            frame = pl.read_parquet(file)
            inputs = {column.name: frame[column.name].to_numpy() for column in metadata.inputs}
            columns = features.build(inputs).values()
            matrix = np.column_stack([np.asarray(column, np.float32) for column in columns])
            probability = session.run([graph_output], {graph_input: matrix})[0][:, 1].astype(float)
            frame.with_columns(
                predicted_probability=probability,
                predicted_alarm=probability >= metadata.threshold,
                predicted_by=pl.lit(version.name),
            ).write_parquet(OUT / file.name)

    return run


def plain_pandera() -> Callable[[], None]:
    """Write the contract's bounds as a schema; return what validates with nothing but that."""
    import pandera.polars as pa

    contract = load("ops.contract").load(Path("data-contract.yaml"))
    types = pl.read_parquet_schema(PARTS / "0.parquet")
    schema = pa.DataFrameSchema(
        {
            column.name: pa.Column(
                types[column.name],
                [
                    check(bound)
                    for check, bound in (
                        (pa.Check.ge, column.minimum),
                        (pa.Check.le, column.maximum),
                    )
                    if bound is not None
                ],
                nullable=not column.required,
            )
            for column in contract.columns
        }
    )

    def run() -> None:
        OUT.mkdir(parents=True)
        for file in sorted(PARTS.iterdir()):
            schema.validate(pl.read_parquet(file), lazy=True).write_parquet(OUT / file.name)

    return run


def cpu_seconds(work: Callable[[], None]) -> float:
    """Return what a second run takes: the first one imports and compiles."""
    seconds = 0.0
    for _ in range(2):
        shutil.rmtree(OUT, ignore_errors=True)
        started = time.process_time()
        work()
        seconds = time.process_time() - started
    return seconds


def main(what: str, *arguments: str) -> dict[str, float]:
    """Write rows; or time the work on them; or score them, and tell this process's peak."""
    if what == "write":
        write(*map(int, arguments))
        return {}
    if what == "peak":
        shutil.rmtree(OUT, ignore_errors=True)
        score()
        return {"kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    works = {
        "score": score,
        "plain ONNX Runtime": plain_onnx_runtime(),
        "validate": validate,
        "plain Pandera": plain_pandera(),
    }
    return {name: cpu_seconds(work) for name, work in works.items()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
