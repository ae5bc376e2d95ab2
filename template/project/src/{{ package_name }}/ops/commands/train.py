# Managed by poc2prod; extend with a command of your own beside it.
"""`train`: from the data to a candidate."""


def run() -> None:
    """Train a candidate and its baseline; export both to ONNX and verify the export."""
    from .. import contract, dataset, kpi
    from ..cli import PROJECT
    from ..console import step
    from ..settings import settings

    kpi.load()  # nobody should train for an hour towards what can't be measured
    declared = contract.load()
    with step("Read and check the data"):
        data = dataset.load(declared, settings())

    from .. import training  # scikit-learn takes a second: bad data should not wait for it

    print(training.train(PROJECT, declared, data, settings()))
