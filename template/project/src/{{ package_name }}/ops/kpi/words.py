# Managed by poc2prod; extend in a module of your own that imports it.
"""How a KPI stands, in words, numbers and days that are the same on every machine."""

from datetime import date

from .people import BusinessKpi
from .progress import Progress

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: float, sign: str = "") -> str:
    """Write a number with four digits or so: 6.4, 1,234.5, 12.5 million."""
    if abs(value) >= 1e7:
        return f"{value / 1e6:{sign},.4g} million"
    if abs(value) >= 1000:
        return f"{value:{sign},.1f}".removesuffix(".0")
    return f"{value:{sign}.4g}"


def day(value: date) -> str:
    """Write a day: 31 Mar 2027."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def line(text: str, longest: int = 200) -> str:
    """Make one line of a text, without what can't be printed."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def title(kpi: BusinessKpi) -> str:
    """Name a KPI as a person would."""
    return line(f"{kpi.name} ({kpi.id})")


def describe(progress: Progress) -> str:
    """Say what a picture shows to those who can't see it."""
    kpi, readings = progress.kpi, progress.readings
    last, by = readings[-1], kpi.target.by
    levels = (("Baseline", kpi.baseline.value), ("floor", kpi.floor), ("target", kpi.target.value))
    known = [f"{name} {number(value)}" for name, value in levels if value is not None]
    missed = sum(progress.misses(reading) for reading in readings)
    return (
        f"{line(kpi.name)} in {line(kpi.unit)}, {len(readings)} periods from"
        f" {day(readings[0].start)} to {day(last.end)}, {number(last.value)} in the last."
        f" {', '.join(known)}{f' by {day(by)}' if by else ''}. Worse than the floor in {missed}."
    )


def decision(progress: Progress) -> str:
    """Say what the contract asks for where `asks_for_decision`, and of whom."""
    floor, rule = progress.kpi.floor, progress.kpi.if_missed
    if floor is None or rule is None:
        raise ValueError(f"{progress.kpi.id} asks for none")
    who = rule.decider or "the accountable person, as if_missed.decider is unknown,"
    periods = "period" if progress.missed == 1 else "periods in a row"
    return (
        f"worse than the floor of {number(floor)} {line(progress.kpi.unit)} for {progress.missed}"
        f" {periods}; {line(who)} decides: {rule.action.replace('_', ' ')}"
    )


def notes(progress: Progress) -> list[str]:
    """Say what else must be known: what is late, and what the contract leaves open."""
    kpi, said = progress.kpi, []
    if progress.latest and progress.late:
        said.append(f"the next value is due since {progress.due}")
    if progress.latest and progress.planned is None:
        parts = {
            "baseline.value": kpi.baseline.value,
            "baseline.to": kpi.baseline.to,
            "target.value": kpi.target.value,
            "target.by": kpi.target.by,
        }
        unknown = [name for name, value in parts.items() if value is None]
        are = f"{' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown"
        said.append(f"nobody can tell whether it is on track while {are}")
    return said


def unmeasured(progress: Progress) -> str:
    """Say since when a KPI without a value should have one."""
    if progress.due is None:
        return "not measured yet; due once the contract knows cadence and baseline.to"
    return f"not measured yet, due {'since' if progress.late else 'on'} {progress.due}"
