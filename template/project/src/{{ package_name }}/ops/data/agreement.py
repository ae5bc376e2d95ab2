# Managed by poc2prod; extend in data-contract.yaml and kpi-contract.yaml.
"""Whether the two contracts and the settings say the same about people.

data-contract.yaml says which columns are personal and what becomes of them. kpi-contract.yaml says
why that may be: purposes, lawful basis, impact assessment, and how long predictions are kept.
"""

from collections.abc import Iterator

from .. import kpi
from ..contract import DataContract
from ..errors import ProjectError
from ..kpi.protection import Privacy
from ..settings import Settings
from .privacy import personal

# What the law wants for health, beliefs, biometrics and the like is more than for other data.
_NOT_FOR_SPECIAL = ("contract", "legitimate_interests")


def require(contract: DataContract) -> None:
    """Refuse to go on with personal columns that nobody accounts for.

    Raises:
        ProjectError: names the first of them and the fix.
    """
    if personal(contract.columns):
        for problem in refused(contract, kpi.load().privacy):
            raise ProjectError(problem)


def refused(contract: DataContract, said: Privacy | None) -> Iterator[str]:
    """Yield why the data may not even be read: nobody accounts for what is kept of people."""
    columns = [column for column in personal(contract.columns) if column.treatment != "drop"]
    special = [c for c in columns if c.personal and c.personal.category == "special"]
    if columns and not (said and said.personal_data):
        names = ", ".join(column.name for column in columns)
        yield (
            f"data-contract.yaml says that {names} is personal: kpi-contract.yaml needs"
            " privacy.personal_data: true, with purposes, lawful_basis and dpia"
        )
        return
    if special and said and said.classification != "special_category":
        yield (
            f"{special[0].name} is of a special category: kpi-contract.yaml needs"
            " privacy.classification: special_category"
        )
    for column in special:
        if column.treatment not in ("keep", "generalise") or said is None:
            continue
        if not said.purposes or said.lawful_basis in (None, *_NOT_FOR_SPECIAL):
            yield (
                f"{column.name} is of a special category, and {column.treatment} leaves something"
                " of it: drop it, or write purposes and a lawful_basis that allows it into"
                f" privacy of kpi-contract.yaml, not {said.lawful_basis or 'unknown'}"
            )


def differences(contract: DataContract, said: Privacy | None, settings: Settings) -> Iterator[str]:
    """Yield what is said twice and differently, or is said and not done."""
    columns = personal(contract.columns)
    if said and said.personal_data and not columns:
        yield (
            "kpi-contract.yaml: privacy.personal_data is true, and no column of data-contract.yaml"
            " has the custom property personal"
        )
    if said and said.columns:
        declared = {c.name: (c.personal.category, c.treatment) for c in columns if c.personal}
        repeated = {item.column: (item.category, item.treatment) for item in said.columns}
        for name in sorted({*declared, *repeated}):
            if declared.get(name) != repeated.get(name):
                yield (
                    f"kpi-contract.yaml: privacy.columns and data-contract.yaml differ on {name}:"
                    " delete privacy.columns, which need not be there"
                )
    raw = said.retention.raw if said and said.retention else None
    if raw is not None and raw != contract.retention:
        yield (
            "kpi-contract.yaml: privacy.retention.raw and slaProperties of data-contract.yaml"
            " differ: delete the former, which need not be there"
        )
    if columns and settings.quote_values:
        yield "settings.toml: quote_values must be false where columns are personal"
    if said and said.classification == "special_category" and not settings.private_files:
        yield "settings.toml: private_files must be true where data is of a special category"
