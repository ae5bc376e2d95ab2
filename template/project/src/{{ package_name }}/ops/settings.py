# Managed by poc2prod; extend in settings.toml.
"""Every number that an operator may change, with its default.

A value comes from, first to last: the environment (OPS_SEED=8), settings.toml, the default here.
"""

import difflib
import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from .errors import ProjectError
from .files import keep_private

Share = Annotated[float, Field(gt=0, lt=1)]

_PREFIX = "OPS_"
_OTHERS = frozenset({"OPS_COMMIT", "OPS_DEBUG", "OPS_PSEUDONYM_KEY"})
"""Variables that are no settings."""


SourceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class Source(BaseModel):
    """Where rows come from: files, or a table of a database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    location: str | None = Field(None, description="of files: path, pattern, folder or fsspec URL")
    url_env: str | None = Field(
        None, description="of a database: the variable that holds its URL for SQLAlchemy"
    )
    table: str | None = Field(None, description="of the database; with a schema, schema.table")
    watermark: str | None = Field(None, description="its column that only grows, such as a time")

    @model_validator(mode="after")
    def _one_kind(self) -> "Source":
        database = (self.url_env, self.table, self.watermark)
        if (self.location is None) == (None in database) or (self.location and any(database)):
            raise ValueError("give location, or else url_env, table and watermark")
        return self


class Settings(BaseSettings):
    """The project's settings."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, toml_file="settings.toml", extra="forbid", frozen=True
    )

    data: Path = Field(
        Path("data/readings.parquet"), description="the table to learn from, without `sources`"
    )
    sources: dict[SourceName, Source] = Field({}, description="where the rows come from, by name")
    snapshots: str = Field("data/snapshots", description="where ingest keeps rows: folder or URL")
    quarantine: str = Field("data/quarantine", description="likewise, of rows it had to reject")
    max_rejected_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.2, description="of the rows of one ingest or partition; with more of them it stops"
    )
    batch_rows: int = Field(1_000_000, ge=1, description="that ingest holds in memory at a time")
    ingest_metrics: Path = Field(
        Path("build/metrics/ingest.prom"), description="what ingest counted, for Prometheus"
    )
    runs: Path = Field(Path("runs"), description="where training leaves its candidates")
    models: Path = Field(Path("models"), description="the registry")
    model: str = Field(
        "", description="the version to serve and score with, such as v3; empty: the champion"
    )

    backups: str = Field("backups", description="where backup keeps what it saves: folder or URL")
    backup_keep_days: float = Field(
        90, gt=0, description="that a backup is kept; the newest always"
    )

    signing_key: Path | None = Field(None, description="private key that register signs with")
    signed_by: Path | None = Field(
        None, description="public keys, one of which must have signed what is loaded"
    )

    vulnerabilities: str = Field("https://api.osv.dev", description="the database that scan asks")

    pseudonym_key_file: Path = Field(
        Path(".secrets/pseudonym-key"),
        description="the key of pseudonyms, unless OPS_PSEUDONYM_KEY holds it",
    )
    quote_values: bool = Field(
        True, description="whether messages and logs may quote values of the data"
    )
    private_files: bool = Field(
        False, description="whether only the owner may read what commands write"
    )

    kpi_values: Path = Field(Path("kpi-values.csv"), description="what the business KPIs were")
    kpi_database: str | None = Field(
        None, description="sqlite:///FILE, for business KPIs that a query measures"
    )

    seed: int = Field(7, description="of everything random")
    test_share: Share = Field(0.25, description="of the entities, or of the rows without entities")
    validation_share: Share = Field(0.2, description="likewise, for choosing the threshold")
    shuffle_rows: bool = Field(
        False,
        description="hold out rows drawn by `seed`, of each class alike, instead of the last ones;"
        " for a table without entity and time that is sorted by what is predicted",
    )
    test_period_share: Share = Field(0.3, description="of the period, at its end")
    equal_rows: bool = Field(
        False,
        description="whether training and test may hold rows that are equal but for their entity",
    )
    label_horizon_hours: float = Field(0, ge=0, description="how far ahead a label looks")
    min_precision: Share = Field(
        0.5, description="binary: the share of alarms that must be right when the threshold is set"
    )

    # Of runs over many partitions.
    engine: str | None = Field(
        None, description="a module of ops/data/engines; the one that was asked for, unless named"
    )
    engine_address: str | None = Field(None, description="of a cluster; none starts one here")
    workers: int | None = Field(None, ge=1, description="where none is there; one per processor")
    partition_rows: int = Field(1_000_000, ge=1, description="a larger file is cut into such parts")

    max_rows: int = Field(1_000, ge=1, description="of JSON in one request, or one `predict`")

    # Of the service, where the project has one.
    host: str = Field("127.0.0.1", description="address that the service listens on")
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one")
    max_body_bytes: int = Field(1_000_000, ge=1, description="of one request")
    body_seconds: float = Field(5, gt=0, description="for a request's body to come")
    drain_seconds: float = Field(
        0, ge=0, description="not ready but still answering, between SIGTERM and the end"
    )

    def origins(self) -> dict[str, Source]:
        """The sources; the one table, where there are no others."""
        return self.sources or {"data": Source(location=self.data.as_posix())}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment before the file; dotenv and secret files are not used."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@cache
def settings() -> Settings:
    """Read the settings once.

    Raises:
        ProjectError: a value is unknown or wrong; names it.
    """
    try:
        found = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ProjectError(f"settings.toml or OPS_{name.upper()}: {name}: {first['msg']}") from None
    except ValueError as error:
        raise ProjectError(f"settings.toml: {error}") from None
    keep_private(wanted=found.private_files)
    _refuse_strangers(
        {source.url_env.upper() for source in found.sources.values() if source.url_env}
    )
    return found


def _refuse_strangers(named: set[str]) -> None:
    """Refuse a variable that no setting reads: a mistyped one would be a default in silence.

    `named`: those that settings.toml names.
    """
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields} | _OTHERS | named
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; ops/settings.py lists them"
            raise ProjectError(f"environment: there is no setting {name}{hint}")
