# Managed by poc2prod; extend with a command of your own beside it.
"""`scan`: known holes in what the project is made of."""

from datetime import UTC, datetime
from pathlib import Path


def run() -> None:
    """Ask which holes are known in the pinned packages, and in the image that was built last."""
    from .. import evidence, kpi
    from ..errors import ProjectError
    from ..settings import settings
    from ..supply import holes, parts

    begun = evidence.begin("scan")
    files = sorted(Path("requirements").glob("**/*.txt"))
    pins, others = parts.pinned(files), parts.installed()
    if not pins:
        raise ProjectError("requirements/ pins nothing: there is nothing to scan")
    security = kpi.load().security
    policy = dict(holes.POLICY)
    if security and security.vuln_policy:
        declared = security.vuln_policy
        policy = {"critical": declared.critical.days, "high": declared.high.days}
    found = holes.known([*pins, *others], settings().vulnerabilities)
    today = datetime.now(UTC).date()
    late = [hole for hole in found if hole.overdue(today, policy)]
    begun.record(
        "scan",
        ["SEC-03"],
        inputs=[*files, *([parts.IMAGE] if others else [])],
        subject={},
        values={
            "packages": len(pins),
            "of_image": len(others),
            "policy_days": policy,
            "holes": [hole.document() for hole in found],
            "overdue": [f"{hole.id} in {hole.package} {hole.version}" for hole in late],
        },
    )
    for hole in found:
        mend = f"fixed in {', '.join(hole.fixed)}" if hole.fixed else "not fixed yet"
        mark = "OVERDUE  " if hole in late else ""
        print(
            f"{mark}{hole.id}: {hole.package} {hole.version}, {hole.severity}, known since"
            f" {hole.published}, {mend}"
        )
    print(f"{len(pins)} pins and {len(others)} packages of the image: {len(found)} known holes")
    if late:
        raise ProjectError(
            f"{len(late)} holes are open for longer than security.vuln_policy allows: make upgrade"
            " or poc2prod update, or rebuild the image"
        )
