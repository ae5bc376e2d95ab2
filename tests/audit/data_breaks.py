"""What people do to a good project's data and to the code that handles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.whole import Whole


def again(whole: Whole) -> None:
    """Commit what was changed, and evaluate again, as evidence of older code is stale."""
    whole.commit()
    whole.run("evaluate")


def table_that_nobody_described(whole: Whole) -> None:
    file = whole.root / whole.code("weather.py")
    text = 'import polars as pl\n\n\ndef rain():\n    return pl.read_csv("data/weather.csv")\n'
    file.write_text(text, encoding="utf-8")
    whole.commit()


def validation_without_lower_bounds(whole: Whole) -> None:
    old, new = "    if low is not None:\n", "    if low is not None and not column.name:\n"
    whole.edit(whole.code("ops/data/schema.py"), old, new)
    again(whole)


def ingestion_that_always_writes(whole: Whole) -> None:
    old, new = "if head and before and not changed:", "if head and before and not settings:"
    whole.edit(whole.code("ops/data/ingestion.py"), old, new)
    again(whole)


def lineage_that_only_prints(whole: Whole) -> None:
    whole.edit(whole.code("ops/commands/lineage.py"), "raise typer.Exit(1)", "return")
    again(whole)


def pumps_of_the_test_in_all_parts(whole: Whole) -> None:
    file = whole.code("ops/splits.py")
    whole.edit(file, "frame.filter(group == name)", 'frame.filter(group.is_in([name, "test"]))')
    whole.edit(file, "    refuse_overlaps(parts, contract, settings)\n    return", "    return")
    again(whole)


def requests_in_another_unit(whole: Whole) -> None:
    answer = "    print(to_json(predictor.reply(read))"
    other = '    read = [{**row, "flow_m3_h": 1.5 * row["flow_m3_h"]} for row in read]\n'
    whole.edit(whole.code("ops/commands/predict.py"), answer, other + answer)
    again(whole)


def feature_that_is_always_the_same(whole: Whole) -> None:
    last = '        "seal_leak_ml_h": inputs["seal_leak_ml_h"],\n'
    idle = '        "shaft": inputs["speed_rpm"] * 0,\n'
    whole.edit(whole.code("features.py"), last, last + idle)
    whole.commit()
    whole.measure()


def truth_of_every_second(whole: Whole) -> None:
    whole.join(joined_share=0.5)


FAIL = Status.FAIL

DATA: dict[str, tuple[str, Callable[[Whole], None], Status, str]] = {
    "the code reads a table that no contract describes": (
        *("DAT-01", table_that_nobody_described, FAIL),
        "weather.py:5: it reads data/weather.csv",
    ),
    "ingestion forgets the lower bounds": (
        *("DAT-02", validation_without_lower_bounds, FAIL),
        "ingest lets a row in that breaks minimum of running_hours",
    ),
    "ingestion makes a snapshot of nothing new": (
        *("DAT-03", ingestion_that_always_writes, FAIL),
        "of what it has ingested already",
    ),
    "lineage prints what is broken and ends well": (
        *("DAT-04", lineage_that_only_prints, FAIL),
        "finds nothing wrong when a byte of",
    ),
    "training learns from the pumps of the test": (
        *("DAT-05", pumps_of_the_test_in_all_parts, FAIL),
        "values of pump are in train and in",
    ),
    "requests are taken to be in another unit": (
        *("DAT-06", requests_in_another_unit, FAIL),
        "the same row gets answers that differ",
    ),
    "a feature is always the same": (
        *("DAT-07", feature_that_is_always_the_same, FAIL),
        "shaft make no prediction better",
    ),
    "half of the predictions never meet their truth": (
        *("DAT-09", truth_of_every_second, FAIL),
        "only 50% of predictions met their truth",
    ),
}
"""What somebody does: the check that turns red, how it is done, its status, what it says."""
