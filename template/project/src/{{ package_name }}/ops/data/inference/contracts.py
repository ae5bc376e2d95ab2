# Managed by poc2prod; extend in what it writes, which is yours.
"""Writes data-contract.yaml: what the columns hold and what they are for."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import yaml

from .facts import around
from .judgement import Judged
from .target import Target

_TOP = """\
# Yours: the table that the model learns from. Open Data Contract Standard 3.1.
# `data infer` proposed it after a look at {rows:,} rows of {where}.
# Ranges have a tenth to spare, and nobody has said yet what the values mean: go through the
# columns, add units, descriptions and real limits.
# A column without the custom property `role` is an input: a request must hold it, and
# features.py gets it. Columns that are not listed are ignored.
apiVersion: v3.1.0
kind: DataContract
id: {id}
name: {name}
version: 0.1.0
status: draft
"""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*( [A-Za-z0-9_]+)*")


def contract(
    judged: list[Judged],
    target: Target,
    ignored: Mapping[str, str],
    *,
    where: str,
    table: str,
    before: Mapping[str, Any],
) -> str:
    """The text of data-contract.yaml.

    Args:
        judged: all columns but the target.
        target: what to predict.
        ignored: columns that are left out, and why.
        where: the table, for a person.
        table: its name.
        before: the contract that was there; it says whose the data is.
    """
    lines = [
        _TOP.format(
            where=where,
            rows=len(target.facts.values),
            id=scalar(re.sub(r"[^A-Za-z0-9]+", "-", table).strip("-").lower() or "table"),
            name=scalar(table),
        ).rstrip("\n")
    ]
    if isinstance(before.get("team"), dict | list):
        team = yaml.safe_dump({"team": before["team"]}, allow_unicode=True, sort_keys=False)
        lines += team.rstrip("\n").splitlines()
    lines += ["", "schema:", f"  - name: {scalar(table)}", "    physicalType: table"]
    lines += ["    properties:"]
    for each in judged:
        lines += (f"      {line}" for line in _column(each))
    lines += (f"      {line}" for line in _target(target))
    for name, why in ignored.items():
        lines.append(f"      # left out: {scalar(name)}, {why}")
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """A value of YAML in one line, quoted only where it must be."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        text = repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return re.sub(r"^(-?\d+)e", r"\1.0e", text)  # YAML 1.1 has no number 1e-05
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return json.dumps(value.isoformat())
    text = str(value)
    if _PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _column(each: Judged) -> Iterator[str]:
    facts = each.facts
    if each.flag:
        yield f"# CONFIRM: {_comment(each.flag)}"
    elif each.because:
        yield f"# {_comment(each.because)}"
    yield from (f"# {_comment(remark)}" for remark in facts.remarks)
    yield f"- name: {scalar(each.name)}"
    yield f"  logicalType: {facts.kind}"
    limited = each.role == "input" and facts.kind in ("number", "integer")
    if limited:
        low, high = around(facts)
        yield f"  logicalTypeOptions: {{minimum: {scalar(low)}, maximum: {scalar(high)}}}"
    if each.key:
        yield "  primaryKey: true"
        yield "  primaryKeyPosition: 1"
    if not facts.nulls and not each.personal:
        yield "  required: true"
    if each.role == "input":
        yield f"  examples: [{scalar(facts.example)}]"
    if each.personal:
        yield "  classification: confidential"
    rules = []
    if each.closed:
        known = ", ".join(map(scalar, each.shown))
        rules += [
            "    metric: invalidValues",
            f"    arguments: {{validValues: [{known}]}}",
            "    mustBe: 0",
        ]
    yield from _rules(rules)
    if facts.nulls and each.role == "input":
        most = min(100, math.ceil(5 + 150 * facts.null_share))
        yield from ("  quality:" for _ in range(not rules))
        yield "    - type: library"
        yield "      metric: nullValues"
        yield "      unit: percent"
        seen = f"{100 * facts.null_share:.1f} % when it was looked at"
        yield f"      mustBeLessOrEqualTo: {most} # {seen}"
    custom = [] if each.role == "input" else [f"{{property: role, value: {each.role}}}"]
    if each.personal:
        said = f"{{category: {each.personal.category}, treatment: drop}}"
        custom.append(f"{{property: personal, value: {said}}}")
    if custom:
        yield f"  customProperties: [{', '.join(custom)}]"


def _target(target: Target) -> Iterator[str]:
    facts = target.facts
    yield from (f"# {_comment(remark)}" for remark in (*facts.remarks, *target.said()))
    yield f"- name: {scalar(target.name)}"
    yield f"  logicalType: {target.kind}"
    if not facts.nulls:
        yield "  required: true"
    if target.kind == "string":
        known = ", ".join(map(scalar, target.classes))
        yield from _rules(
            [
                "    metric: invalidValues",
                f"    arguments: {{validValues: [{known}]}}",
                "    mustBe: 0",
            ]
        )
    custom = f"{{property: role, value: target}}, {{property: problem, value: {target.problem}}}"
    yield f"  customProperties: [{custom}]"


def _rules(rule: list[str]) -> Iterator[str]:
    if rule:
        yield "  quality:"
        yield "    - type: library"
        yield from (f"  {line}" for line in rule)


def _comment(text: str) -> str:
    return " ".join(text.split())
