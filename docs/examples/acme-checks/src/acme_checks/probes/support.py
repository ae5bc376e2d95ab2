"""Who answers when a model fails."""

from poc2prod.audit.context import Context
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed


def contact(context: Context, *, domain: str) -> Outcome:
    """SUPPORT.md names an address of the company."""
    text = context.tree.text("SUPPORT.md")
    if text is None:
        return missing("SUPPORT.md is not there", Location("SUPPORT.md"))
    if f"@{domain}" not in text:
        return failed(f"SUPPORT.md names no address at {domain}", Location("SUPPORT.md", 1))
    return passed(f"SUPPORT.md names an address at {domain}", examined=1)
