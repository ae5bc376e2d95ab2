"""What there is to know about checks, in words: `poc2prod explain` and the pages of checks."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from poc2prod.audit.catalogue import STEPS, TIERS, load
from poc2prod.audit.catalogue import Kind as _Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.catalogue import Check

KNOWN: Mapping[_Kind, str] = {
    "static": "read from the files",
    "executed": "by running it",
    "measured": "from the evidence of a run",
    "attested": "attested by a person",
}


def known(check: Check) -> str:
    """Say how a check is known."""
    return " and ".join(KNOWN[kind] for kind in check.kinds)


def severity(check: Check) -> str:
    """Say how badly a check matters, tier by tier unless that is the same in all of them."""
    by_tier = [check.severity[tier] for tier in TIERS]
    return by_tier[0] if len({*by_tier}) == 1 else " / ".join(by_tier)


def waivable(check: Check) -> str:
    """Say whether a waiver may accept its failure."""
    if check.waivable is True:
        return "yes"
    return "below tier high" if check.waivable else "no"


def find(name: str) -> Check | None:
    """Return the check of that id, whatever its case; None where there is none."""
    by_id = {check.id.casefold(): check for check in load().checks.values()}
    return by_id.get(name.casefold())


def explanation(check: Check, width: int = 88) -> str:
    """Return what there is to know about a check, its prose in lines of `width`."""
    return "\n".join(_lines(check, width))


def _lines(check: Check, width: int) -> Iterator[str]:
    def prose(title: str, text: str) -> Iterator[str]:
        yield f"\n  {title}:"
        yield textwrap.fill(text, width, initial_indent="    ", subsequent_indent="    ")

    step = f"step {check.step}, {STEPS[check.step]}" if check.step else STEPS[0]
    yield f"{check.id}  {check.title}"
    yield f"  {step}; for the {check.role}"
    yield from prose("Why", check.why)
    yield from prose("How to fix it", check.fix)
    yield ""
    facts = {
        "Known": known(check) + (", which needs --allow-exec" if check.executes else ""),
        "Profile": check.profile,
        **{f"Severity, {tier}": check.severity[tier] for tier in TIERS},
        "Applies": f"where {check.when}" if check.when else "always",
        "Reads": ", ".join(dict.fromkeys([*check.documents, *check.paths])),
        "Lasts": f"{check.max_age} days" if check.max_age else "",
        "Informs": "; ".join(f"{name} {', '.join(ids)}" for name, ids in check.maps.items()),
        "Waivable": waivable(check),
        "Since": check.since,
        "In force": f"from {check.effective_from}" if check.effective_from else "",
        "Version": str(check.version),
        "Replaced by": check.replaced_by or "",
        "From": "" if check.package == "poc2prod.audit" else check.package,
    }
    width = max(map(len, facts)) + 1
    yield from (f"  {name + ':':{width}} {value}" for name, value in facts.items() if value)


def listing() -> str:
    """Return a line for each check: id, severity, profile and title."""
    checks = list(load().checks.values())
    width = max((len(check.id) for check in checks), default=0)
    longest = max((len(severity(check)) for check in checks), default=0)
    return "\n".join(
        f"{check.id:{width}}  {severity(check):{longest}}  {check.profile:7}  {check.title}"
        for check in checks
    )


def document() -> str:
    """Return the list as JSON."""
    return json.dumps(
        [
            {
                "id": check.id,
                "title": check.title,
                "step": check.step,
                "severity": dict(check.severity),
                "profile": check.profile,
                "kinds": list(check.kinds),
                "executes": check.executes,
                "when": check.when,
                "since": check.since,
            }
            for check in load().checks.values()
        ],
        indent=2,
    )
