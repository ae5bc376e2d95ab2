"""What a probe may use: the repository, its answers and contract, the day, and what it may do."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any, Self

from poc2prod.audit.files.tree import UnreadableError, normalised
from poc2prod.audit.known import known
from poc2prod.audit.outcome import Location, Outcome, stub
from poc2prod.errors import UsageError
from poc2prod.project import ANSWERS, OWNERSHIP, Ownership

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from poc2prod.audit.catalogue import Catalogue, Check, Tier
    from poc2prod.audit.files.alert_rules import Alert
    from poc2prod.audit.files.tree import Tree
    from poc2prod.audit.git.repository import Repository
    from poc2prod.audit.records.attestations import Attestations
    from poc2prod.audit.records.evidence import Store
    from poc2prod.audit.records.waivers import Waivers
    from poc2prod.audit.running.lab import Lab
    from poc2prod.ops.kpi import KpiContract
    from poc2prod.ops.kpi.document import Document
    from poc2prod.ops.kpi.findings import Finding

CONTRACT = "kpi-contract.yaml"
MANIFEST = ".poc2prod/manifest.json"
"""The owners' files as they were generated: path → SHA-256 of the text without white space."""

INFRASTRUCTURE = ("*.tf", "*.template.json", "*.template.yaml", "*.template.yml")
"""Infrastructure code besides charts: Terraform's, OpenTofu's and CloudFormation's."""

SENTINEL = re.compile(r"<!-- poc2prod:fill (\S+)")
"""Stands in a document where only people can write; kept, it says that nobody has."""


class Context:
    """What a probe may use.

    Attributes:
        tree: the audited files.
        repository: their git history; None without one.
        now: the time of the audit, which may not be today.
        catalogue: all checks.
        lab: a copy of the repository in which its code may run; None without --allow-exec.
        check: the check that is run.
    """

    def __init__(
        self,
        tree: Tree,
        repository: Repository | None,
        now: datetime,
        catalogue: Catalogue,
        lab: Lab | None = None,
        check: Check | None = None,
    ) -> None:
        self.tree = tree
        self.repository = repository
        self.now = now
        self.catalogue = catalogue
        self.lab = lab
        self.check = check
        self._known: dict[str, Any] = {}

    def about(self, check: Check) -> Self:
        """Return the context for one check, which shares with the others what is read once."""
        other = copy.copy(self)
        other.check = check
        return other

    def yaml(self, path: str) -> dict[Any, Any] | None:
        """Read a YAML file that holds a mapping; None where there is no such file.

        Raises:
            UnreadableError: it can't be used, see `yaml_file`; the engine makes FAIL of that.
        """
        from poc2prod.audit.files import yaml_file  # noqa: PLC0415

        text = self.tree.text(path, yaml_file.LARGEST)
        return None if text is None else yaml_file.mapping(path, text)

    def line(self, path: str, text: str) -> int:
        """Return the first line of a file that has `text`, for a location; 0 where none has."""
        content = self.tree.text(path) or ""
        found = content.find(text)
        return content.count("\n", 0, found) + 1 if found >= 0 else 0

    @known
    def recorded(self) -> Mapping[str, Any]:
        """What the answers file holds; nothing where there is none or it can't be read."""
        try:
            return self.yaml(ANSWERS) or {}
        except UnreadableError:
            return {}

    @property
    def answers(self) -> Mapping[str, Any]:
        """The recorded answers, and the flags that the template computes from them."""
        answers = {k: v for k, v in self.recorded.items() if not str(k).startswith("_")}
        latency = answers.get("latency")
        return {
            **answers,
            "use_service": latency is not None and latency != "batch",
            "use_batch": latency == "batch",
            "use_github": answers.get("ci") == "github",
            "use_gitlab": answers.get("ci") == "gitlab",
            "use_personal": answers.get("privacy") in ("personal", "special_category"),
            "persons_affected": answers.get("persons_affected") is True,
            "infrastructure_code": self._infrastructure_code,
        }

    @known
    def _infrastructure_code(self) -> bool:
        return bool(self.tree.matching(*INFRASTRUCTURE))

    @known
    def tier(self) -> Tier:
        """How much depends on the project, by its answers; the contract may raise it."""
        from poc2prod.audit.tiers import tier  # noqa: PLC0415

        return tier(self.answers, self.contract)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the contract's own rules say of it, with line and fix, as of `now`."""
        return self._judged[1]

    @property
    def contract(self) -> KpiContract | None:
        """The KPI contract; None where there is none, or it is wrong: see `findings`.

        It may be plain, see `contract.plain`: its attributes are a KpiContract's, and `model` has
        the methods too.
        """
        return self._judged[0]

    @known
    def _judged(self) -> tuple[KpiContract | None, tuple[Finding, ...]]:
        if not self.tree.has(CONTRACT):
            return None, ()
        from poc2prod.audit.contract import plain  # noqa: PLC0415  # a plain audit may need none
        from poc2prod.ops.kpi.document import read  # noqa: PLC0415
        from poc2prod.ops.kpi.findings import ContractError  # noqa: PLC0415
        from poc2prod.ops.kpi.judging import judged  # noqa: PLC0415

        try:
            document = read(self.tree.root / CONTRACT)
            contract = plain.read(document.data) or _validated(document)
        except ContractError as error:
            return None, error.findings
        except OSError:
            return None, ()
        found = sorted(judged(document, contract, self.now.date()), key=lambda f: f.line)
        wrong = any(f.kind == "error" for f in judged(document, contract, None))
        return None if wrong else contract, tuple(found)

    @known
    def model(self) -> KpiContract | None:
        """The contract as a model, methods and all, which takes a while."""
        from poc2prod.ops.kpi.document import read  # noqa: PLC0415

        return _validated(read(self.tree.root / CONTRACT)) if self.contract else None

    @known
    def alerts(self) -> list[Alert]:
        """The alerts of all rule files below monitoring/.

        Raises:
            UnreadableError: a file there is no YAML.
        """
        from poc2prod.audit.files import alert_rules  # noqa: PLC0415

        return alert_rules.alerts(self)

    @known
    def ownership(self) -> Ownership:
        """Whose each file is, as the repository itself says."""
        try:
            return Ownership.of(self.yaml(OWNERSHIP) or {}, OWNERSHIP)
        except (UnreadableError, UsageError):
            return Ownership([], {}, {})

    @known
    def waivers(self) -> Waivers:
        """What the team accepts for a while."""
        from poc2prod.audit.records.waivers import Waivers  # noqa: PLC0415

        return Waivers.of(self)

    @known
    def attestations(self) -> Attestations:
        """What named people state of what no run can prove."""
        from poc2prod.audit.records.attestations import Attestations  # noqa: PLC0415

        return Attestations.of_repository(self)

    @known
    def evidence(self) -> Store:
        """What runs measured."""
        from poc2prod.audit.records.evidence import Store  # noqa: PLC0415

        return Store.of(self)

    @known
    def _born(self) -> Mapping[str, str]:
        try:
            manifest = json.loads(self.tree.text(MANIFEST) or "{}")
        except (ValueError, RecursionError, UnreadableError):
            return {}
        return manifest if isinstance(manifest, dict) else {}

    def untouched(self, path: str) -> bool:
        """Tell whether an owners' file is still as it was generated, but for white space."""
        text = self.tree.text(path)
        return text is not None and self.generated(path, text)

    def generated(self, path: str, text: str) -> bool:
        """Tell whether a text is what an owners' file was generated as, but for white space."""
        return normalised(text) in (self._born.get(path), self.ownership.written.get(path))

    def unwritten(self, patterns: Iterable[str]) -> Outcome | None:
        """Return a STUB where a document that people must write is as generated, or has gaps."""
        for path in self.tree.matching(*patterns):
            text = self.tree.text(path) or ""
            if not text.strip():
                return stub(f"{path} is empty", Location(path))
            if self.untouched(path):
                return stub(f"{path} is as it was generated: nobody has written it", Location(path))
            if gap := SENTINEL.search(text):
                line = text.count("\n", 0, gap.start()) + 1
                return stub(f"{path} has nothing yet for {gap[1]}", Location(path, line))
        return None


def _validated(document: Document) -> KpiContract:
    from poc2prod.ops.kpi.loading import validate  # noqa: PLC0415  # pydantic takes 0.1 s

    return validate(document)
