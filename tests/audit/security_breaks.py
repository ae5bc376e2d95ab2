"""What people do to a good project against its security, each of which one check guards against."""

from __future__ import annotations

import json
import random
import re
import string
from datetime import timedelta
from typing import TYPE_CHECKING

from audit.whole import today

if TYPE_CHECKING:
    from audit.whole import Whole

KEY = "ghp_" + "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=36))


def key_that_was_removed_again(whole: Whole) -> None:
    file = whole.root / "notes.txt"
    file.write_text(f"token = {KEY}\n", encoding="utf-8")
    whole.commit()
    file.write_text("token: see the vault\n", encoding="utf-8")
    whole.commit()


def hole_that_nobody_closed(whole: Whole) -> None:
    file = whole.root / "readiness/evidence/scan.json"
    document = json.loads(file.read_text("utf-8"))
    hole = {"id": "GHSA-1", "package": "numpy", "severity": "critical", "fixed": ["9"]}
    document["values"]["holes"] = [{**hole, "published": f"{today() - timedelta(days=40)}"}]
    file.write_text(json.dumps(document), encoding="utf-8")


def action_by_its_tag(whole: Whole) -> None:
    file = whole.root / ".github/workflows/ci.yml"
    text, found = re.subn(r"actions/cache@\w{40}", "actions/cache@v5", file.read_text("utf-8"))
    assert found == 1
    file.write_text(text, encoding="utf-8")
    whole.commit()


def model_signed_by_nobody(whole: Whole) -> None:
    (whole.root / "models/v1/SHA256SUMS.sig").unlink()
