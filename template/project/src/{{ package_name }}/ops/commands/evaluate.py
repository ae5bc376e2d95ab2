# Managed by poc2prod; extend with a command of your own beside it.
"""`evaluate`: a candidate against its baseline and its gates."""

import typer


def run() -> None:
    """Evaluate the newest candidate on held-out rows. Exit status 1: a gate failed."""
    from .. import contract, dataset, kpi, registry
    from ..console import step
    from ..settings import settings

    gates, declared = kpi.load().model_quality.gates, contract.load()
    candidate = registry.latest_run(settings().runs)
    with step("Evaluate on held-out rows"):
        data = dataset.load(declared, settings())
        from .. import evaluation  # scikit-learn, as in train

        result = evaluation.evaluate(candidate, declared, data, gates)

    model, baseline = result["metrics"]["model"], result["metrics"]["baseline"]
    print(f"{candidate}, {result['rows']:,} held-out rows")
    print(f"{'':24}{'model':>12}{'baseline':>12}")
    for name, value in model.items():
        print(f"{name:24}{value:12.4f}{baseline[name]:12.4f}")
    for gate in result["gates"]:
        print(f"{gate['id']}: {'passed' if gate['passed'] else 'failed, ' + gate['reason']}")
    if not all(gate["passed"] for gate in result["gates"]):
        raise typer.Exit(1)
