# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Each rule of a data contract catches what breaks it, and clean data raises nothing.

It is tried with this project's own contract, and with one that has every kind of rule.
"""

import dataclasses
from datetime import timedelta

import polars as pl
import pytest
from contracts import full, written
from corrupting import KINDS, Fault, faults, swapped
from drawing import draw
from package import ROOT, load

preparing = load("ops.data.preparing")
tables = load("ops.data.tables")
ROWS = 120


@pytest.fixture(scope="module", params=["of this project", "with every rule"])
def tried(request, tmp_path_factory):
    """A contract and a table that keeps to it, but for the number of its rows."""
    path = ROOT / "data-contract.yaml"
    if request.param == "with every rule":
        path = written(full(), tmp_path_factory.mktemp("contract"))
    contract = load("ops.contract").load(path)
    for column in contract.columns:  # what sources send is drawn corrected already
        contract = swapped(contract, column, calibration=None, missing=None)
    return contract, draw(contract, ROWS, seed=3)


def complaints(contract, fault):
    """All that is said of a table, and which rows are rejected."""
    numbered = fault.frame.with_row_index("number")
    try:
        done = preparing.prepare(numbered, contract, newest=fault.newest)
    except load("ops.errors").ProjectError as error:
        return [str(error)], []
    said = done.rejected["rejected_because"].unique().str.split("; ").explode().to_list()
    # As rows come, since those that break a rule of their own are gone before a table is judged.
    frame, _ = load("ops.table").cast(fault.frame, contract.columns)
    said += tables.broken(frame, contract)
    if fault.now is not None:
        newest = frame[contract.time.name].max()
        said.append(tables.stale(newest, contract, fault.now) or "")
    return said, done.rejected["number"].to_list()


def caught(contract, fault):
    """Whether a fault is named, and all its rows are rejected and no others."""
    said, rows = complaints(contract, fault)
    return any(fault.said in one for one in said) and (tuple(rows) == fault.rows or not fault.rows)


def of_rows(contract):
    """The contract without its number of rows, which is tried by itself."""
    rules = tuple(rule for rule in contract.quality if rule.metric != "rowCount")
    return dataclasses.replace(contract, quality=rules)


def test_clean_data_raises_nothing(tried):
    contract, clean = tried
    newest = contract.time and clean[contract.time.name].max()
    whole = Fault("rows", "", clean, (), "", None, newest and newest + timedelta(seconds=1), newest)
    if contract.latency is not None:
        whole = dataclasses.replace(whole, newest=clean[contract.time.name].min())
    said, rows = complaints(of_rows(contract), whole)
    assert [one for one in said if one] == []
    assert rows == []


def test_every_rule_catches_its_fault_and_nothing_else_does(tried):
    contract, clean = tried
    broken = list(faults(contract, clean))
    assert [fault.rule for fault in broken if not caught(contract, fault)] == []
    # Without the rule nobody notices, so that it is this rule that was tried.
    weaker = [fault for fault in broken if fault.without is not None]
    assert [fault.rule for fault in weaker if caught(fault.without, fault)] == []
    assert len(weaker) > len(broken) / 6  # few columns have few rules


def test_every_rule_has_its_fault(tried):
    contract, clean = tried
    found = [fault.rule for fault in faults(contract, clean)]
    bounds = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "earliest")
    rules = (*bounds, "latest", "max_length", "pattern", "values", "required")
    for column in contract.columns:
        for rule in rules:
            if getattr(column, rule) not in (None, False):
                assert f"{column.name}: {rule}" in found
        assert f"{column.name} is there" in found
        assert (f"{column.name}: unique" in found) is bool(column.unique)
    assert {rule.said for rule in contract.quality} <= {*found}
    assert ("freshness" in found) is (contract.freshness is not None)
    assert ("latency" in found) is (contract.latency is not None)
    if contract.version == "1.2.0":  # that with every rule
        assert {fault.kind for fault in faults(contract, clean)} == {*KINDS}


def test_a_spike_of_each_kind_is_named_once_per_row(tried):
    contract, clean = tried
    name = contract.target.name
    values = [None if row % 2 else value for row, value in enumerate(clean[name].to_list())]
    frame = clean.with_columns(pl.Series(name, values, clean[name].dtype))
    required = swapped(contract, contract.target, required=True)
    done = preparing.prepare(frame, required)
    assert done.rejected["rejected_because"].to_list() == [f"{name}: a missing value"] * (ROWS // 2)
