# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Known holes are named and not one goes unasked; the bill of materials has what is there."""

import json
import re
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import run
from package import ROOT, load

bill = load("ops.supply.bill")
holes = load("ops.supply.holes")
parts = load("ops.supply.parts")
bundle = load("ops.bundle")
ProjectError = load("ops.errors").ProjectError

HOLE = {
    "id": "GHSA-1",
    "aliases": ["CVE-1"],
    "published": "2020-01-01T00:00:00Z",
    "database_specific": {"severity": "CRITICAL"},
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "numpy"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}],
        }
    ],
}
ALIAS = {"id": "PYSEC-1", "aliases": ["CVE-1"], "published": "2021-01-01T00:00:00Z"}
HASH = "\\\n    --hash" + "=sha256:00\n"  # apart: this file pins nothing
PINS = [parts.Part("PyPI", "numpy", "2.0.0"), parts.Part("Debian:12", "zlib", "1:1.2+b1")]


class Database(HTTPServer):
    """Speaks OSV: answers each query with the holes of the package's name."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.holes, self.broken = {}, None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        queries = json.loads(self.rfile.read(length))["queries"]
        entries = [self.server.holes.get(q["package"]["name"], []) for q in queries]
        results = [{"vulns": [{"id": e["id"]} for e in found]} for found in entries]
        self.reply({"results": results} if self.server.broken is None else self.server.broken)

    def do_GET(self):
        every = [e for found in self.server.holes.values() for e in found]
        self.reply(next(e for e in every if self.path == f"/v1/vulns/{e['id']}"))

    def reply(self, document):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def database():
    server = Database()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_hole_is_named_once_with_what_is_worst_of_its_names(database):
    database.holes = {"numpy": [HOLE, ALIAS, {**HOLE, "id": "OLD", "withdrawn": "2020-02-01"}]}

    (found,) = holes.known(PINS, database.address)

    assert (found.id, found.package, found.severity) == ("GHSA-1", "numpy", "critical")
    assert (found.published, found.fixed) == ("2020-01-01", ("99",))


def test_what_closes_a_hole_of_another_package_closes_none_of_this_one(database):
    (mine,) = HOLE["affected"]
    other = {**mine, "package": {"ecosystem": "PyPI", "name": "num"}}
    database.holes = {"numpy": [{**HOLE, "affected": [other, {**mine, "ranges": []}]}]}

    (found,) = holes.known(PINS, database.address)

    assert found.fixed == ()


def test_a_hole_that_nobody_rated_counts_as_high_and_one_without_a_fix_is_not_overdue(database):
    database.holes = {"zlib": [{"id": "DEBIAN-1", "published": "2026-01-01T00:00:00Z"}]}

    (found,) = holes.known(PINS, database.address)

    assert found.severity == "high"
    assert not found.overdue(date(2030, 1, 1), holes.POLICY)


@pytest.mark.parametrize(
    ("severity", "day", "overdue"),
    [
        ("critical", date(2020, 1, 8), False),
        ("critical", date(2020, 1, 9), True),
        ("high", date(2020, 1, 31), False),
        ("high", date(2020, 2, 1), True),
        ("moderate", date(2030, 1, 1), False),
    ],
)
def test_a_hole_is_overdue_by_its_age(severity, day, overdue):
    hole = holes.Hole("X", "x", "1", severity, "2020-01-01", ("2",))

    assert hole.overdue(day, {"critical": 7, "high": 30}) is overdue


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"results": [{}]}, "did not answer for each of 2 packages"),
        ({}, "did not answer for each of 2 packages"),
        ({"results": [{"next_page_token": "x"}, {}]}, "more holes of numpy than it lists"),
    ],
)
def test_a_question_that_stays_open_is_an_error(database, broken, said):
    database.broken = broken

    with pytest.raises(ProjectError, match=said):
        holes.known(PINS, database.address)


def test_a_database_that_can_not_be_reached_is_an_error(database):
    database.server_close()

    with pytest.raises(ProjectError, match="nothing was scanned"):
        holes.known(PINS, "http://127.0.0.1:1")
    with pytest.raises(ProjectError, match="is no address of a database"):
        holes.known(PINS, "file:///etc")


def test_the_command_keeps_what_it_found_and_fails_when_a_hole_is_open_for_too_long(
    project, database, monkeypatch
):
    monkeypatch.setenv("OPS_VULNERABILITIES", database.address)
    (project / "requirements").mkdir()
    (project / "requirements/serve.txt").write_text(f"numpy==2.0.0 {HASH}")
    (project / "build").mkdir(exist_ok=True)
    (project / "build/image.txt").write_text("Debian:12\nzlib 1.2\nzlib 1.2\n")

    assert "1 pins and 1 packages of the image: 0 known holes" in run(project, "scan").stdout

    database.holes = {"numpy": [HOLE]}
    failed = run(project, "scan")
    assert failed.returncode == 1
    assert "OVERDUE  GHSA-1: numpy 2.0.0, critical, known since 2020-01-01, fixed in 99" in (
        failed.stdout
    )
    kept = json.loads((project / "readiness/evidence/scan.json").read_text("utf-8"))["values"]
    assert (kept["packages"], kept["of_image"]) == (1, 1)
    assert kept["overdue"] == ["GHSA-1 in numpy 2.0.0"]

    (project / "requirements/serve.txt").write_text("")
    assert "requirements/ pins nothing" in run(project, "scan").stderr


def test_pins_that_are_none_are_refused_and_markers_are_kept_to(tmp_path):
    file = tmp_path / "serve.txt"
    file.write_text(
        f"numpy==1 ; python_full_version < '3.12' {HASH}"
        f"numpy==2 ; python_full_version >= '3.12' {HASH}"
        f"colorama==3 ; sys_platform == 'win32' {HASH}# a comment\n"
    )
    versions = {
        python: [p.version for p in parts.pinned([file], python)] for python in ("3.11", "3.13")
    }
    assert versions == {"3.11": ["1"], "3.13": ["2"]}
    assert len(parts.pinned([file])) == 3

    file.write_text("numpy>=1\n")
    with pytest.raises(ProjectError, match="lines that are no pins"):
        parts.pinned([file])
    file.write_text("Debian\n")
    with pytest.raises(ProjectError, match="is no list of packages"):
        parts.installed(file)


def test_the_bill_lists_all_packages_the_model_and_its_data(project):
    model = project / "models/v1"
    document = bill.bill("pumps", "1.0", PINS, model)
    found = {component["type"]: component for component in document["components"]}

    assert [c["purl"] for c in document["components"] if "purl" in c] == [
        "pkg:pypi/numpy@2.0.0",
        "pkg:deb/debian/zlib@1%3A1.2%2Bb1?arch=source",
    ]
    metadata = bundle.read_metadata(model)
    learned = found["machine-learning-model"]
    assert learned["hashes"] == [{"alg": "SHA-256", "content": metadata.digest}]
    assert found["data"]["hashes"][0]["content"] == metadata.made_from["data_sha256"]
    measured = bundle.read_json(model / "evaluation/evaluation.json")["metrics"]["model"]
    shown = learned["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert {m["type"]: float(m["value"]) for m in shown} == measured
    again = bill.bill("pumps", "1.0", PINS, model)
    assert again["serialNumber"] == document["serialNumber"]
    assert bill.bill("pumps", "1.0", PINS, None)["serialNumber"] != document["serialNumber"]


def test_the_command_writes_the_bill_of_this_project(project):
    for folder in ("requirements", "deploy"):
        (project / folder).symlink_to(ROOT / folder)

    shown = run(project, "sbom", "bill.json").stdout

    document = json.loads((project / "bill.json").read_text("utf-8"))
    assert "v1 of the registry" in shown
    pins = (ROOT / f"requirements/{parts.group(ROOT / parts.DOCKERFILE)}.txt").read_text("utf-8")
    listed = {component["name"] for component in document["components"]}
    assert set(re.findall(r"^([\w.-]+)==[^;\n]+\\$", pins, re.MULTILINE)) <= listed
