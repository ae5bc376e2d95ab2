"""AUD-03: what is no envelope is no evidence, and the audit judges that as a validator does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from audited import ENVELOPE, context, write
from poc2prod.audit.probes.integrity.records import evidence_authentic
from poc2prod.audit.records.evidence import FOLDER
from poc2prod.audit.records.evidence_shape import Shape, fault

if TYPE_CHECKING:
    from pathlib import Path

PATH = f"{FOLDER}/evaluation.json"
BROKEN = {
    "no JSON": "{",
    "no mapping": "[]",
    "a key twice": '{"schema": 1, "schema": 1}',
    "no number": json.dumps({**ENVELOPE, "values": {"recall": float("nan")}}),
    "deep": "[" * 100_000,
    "digits": '{"schema": ' + "9" * 5000 + "}",
    "another schema": json.dumps({**ENVELOPE, "schema": "v2"}),
    "unknown key": json.dumps({**ENVELOPE, "extra": 1}),
    "out of the tree": json.dumps({**ENVELOPE, "inputs": [{"path": "../a", "sha256": "0" * 64}]}),
    "absolute": json.dumps({**ENVELOPE, "inputs": [{"path": "/etc/passwd", "sha256": "0" * 64}]}),
    "short digest": json.dumps({**ENVELOPE, "inputs": [{"path": "a", "sha256": "0"}]}),
    "no day": json.dumps({**ENVELOPE, "started": "2026-02-31T09:00:00+00:00"}),
    "no offset": json.dumps({**ENVELOPE, "started": "2026-02-21T09:00:00"}),
    "a branch": json.dumps({**ENVELOPE, "git_sha": "main"}),
    "an option": json.dumps({**ENVELOPE, "git_sha": "--output=/tmp/x"}),
    "yes": json.dumps({**ENVELOPE, "dirty": "yes"}),
    "a number": json.dumps({**ENVELOPE, "dirty": 0}),
    "checks twice": json.dumps({**ENVELOPE, "checks": ["MDL-02", "MDL-02"]}),
    **{
        f"no {key}": json.dumps({k: v for k, v in ENVELOPE.items() if k != key}) for key in ENVELOPE
    },
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_envelope_fails(tmp_path: Path, text: str) -> None:
    write(tmp_path, {PATH: text})
    with context(tmp_path) as found:
        outcome = evidence_authentic(found)
    assert outcome.status == "FAIL"
    assert PATH in outcome.message


@pytest.mark.parametrize("text", [*BROKEN.values(), json.dumps(ENVELOPE)])
def test_a_shape_is_judged_as_by_a_validator(text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    schema = Shape.model_json_schema()
    assert (fault(value) is None) == jsonschema.Draft202012Validator(schema).is_valid(value)
