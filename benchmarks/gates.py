"""Measure what the default gates can ask for, on simulated pumps of several seeds.

    python benchmarks/gates.py [SEEDS]

Prints, for each problem and seed, what `evaluate` measures: metrics with intervals, the worst
plant, what each perturbation costs. The values in kpi-contract.yaml.jinja are what the worst seed
keeps, with a little room.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
METRICS = {
    "binary": {"average_precision": "gte", "recall": "gte", "alarm_rate": "lte"},
    "multiclass": {"macro_f1": "gte", "balanced_accuracy": "gte"},
    "regression": {"mae": "lte", "r2": "gte"},
}
PERTURBATIONS = ("sensor_dropout_10pct", "sensor_noise_5pct", "sensor_offset_half_sd")


def quality(problem: str) -> dict[str, Any]:
    """Gates that ask for nothing, so that everything is measured and nothing refused."""
    metrics = METRICS[problem]
    ids = {metric: f"MQ-{number}" for number, metric in enumerate(metrics, start=1)}
    return {
        "gates": [
            {
                "id": ids[metric],
                "metric": metric,
                "op": op,
                "value": -1e9 if op == "gte" else 1e9,
                "vs_baseline": -1e9,
            }
            for metric, op in metrics.items()
        ],
        "slices": [
            {"id": f"SL-{number}", "by": "plant", "gate": gate, "value": 0.0, "max_gap": 1e9}
            for number, gate in enumerate(ids.values())
        ],
        "robustness": [
            {"id": f"RB-{a}-{b}", "perturbation": name, "gate": gate, "max_drop": 1e9}
            for a, name in enumerate(PERTURBATIONS)
            for b, gate in enumerate(ids.values())
        ],
    }


def measure(project: Path, python: Path, problem: str, seed: int) -> dict[str, Any]:
    """Train and evaluate on the pumps of one seed."""
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        document = yaml.safe_load((project / "kpi-contract.yaml").read_text(encoding="utf-8"))
        document["model_quality"] = quality(problem)
        (here / "kpi-contract.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        for name in ("data-contract.yaml", "settings.toml"):
            (here / name).write_bytes((project / name).read_bytes())
        (package,) = (path.name for path in (project / "src").iterdir())
        environment = {**os.environ, "PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1"}
        for command in (
            [str(project / "simulator/pumps.py"), "data/readings.parquet", "--seed", str(seed)],
            ["-m", package, "train"],
            ["-m", package, "evaluate"],
        ):
            # A failed slice ends evaluate with 1, and is measured all the same.
            fails = command[-1] != "evaluate"
            subprocess.run(
                [str(python), *command], cwd=here, env=environment, capture_output=True, check=fails
            )
        (file,) = here.glob("runs/*/evaluation/evaluation.json")
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found


def show(problem: str, seed: int, found: dict[str, Any]) -> None:
    """Print one line for each metric."""
    for metric in METRICS[problem]:
        models, interval = found["metrics"], found["intervals"]["model"][metric]
        plants = [item for item in found["slices"] if item["metric"] == metric]
        values = " ".join(f"{item['value']:.3f}" for item in plants)
        print(
            f"{problem} seed {seed} {metric}: {models['model'][metric]:.3f}"
            f" [{interval[0]:.3f}, {interval[1]:.3f}], baseline {models['baseline'][metric]:.3f};"
            f" plants {values},"
            f" gap {max(item['gap'] for item in plants):.3f};",
            "; ".join(
                f"{item['perturbation']} costs {item['drop']:.4f} ({item['variant']})"
                for item in found["robustness"]
                if item["metric"] == metric
            ),
            flush=True,
        )


def main(seeds: int) -> None:
    """Generate a project for each problem; all use the environment of the first."""
    with tempfile.TemporaryDirectory() as directory:
        projects = {problem: Path(directory) / problem for problem in METRICS}
        for problem, project in projects.items():
            new = ["new", str(project), "--defaults", "-d", f"problem={problem}"]
            template = ["--template", str(ROOT), "--ref", "HEAD"]
            subprocess.run(
                [sys.executable, "-m", "poc2prod", *new, *template], check=True, capture_output=True
            )
        first = next(iter(projects.values()))
        subprocess.run(["make", "-C", str(first), ".venv/.installed"], check=True)
        for problem, project in projects.items():
            for seed in range(7, 7 + seeds):
                show(problem, seed, measure(project, first / ".venv/bin/python", problem, seed))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
