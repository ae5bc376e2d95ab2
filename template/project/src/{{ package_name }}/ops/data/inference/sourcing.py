# Managed by poc2prod; extend in sources.py, which is yours.
"""Writes the team's sources.py for files that are not written as this project reads them."""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from .code import assigned
from .reading import Layout
from .spelling import Spelling

_ABOUT = {
    "NAMES": "Columns without a name, or with one that a CSV file can't give back.",
    "PADDED": "Columns with white space around their values.",
    "MISSING": "What stands for a missing value.",
    "DECIMAL_COMMA": "Numbers written as 1.234,5.",
    "THOUSANDS": "Numbers written as 1,234.5.",
    "WORDS": "What the words of a boolean mean.",
    "TIMES": "How times are written, where it is not ISO 8601.",
}
_MODULE = '''"""Yours: where the data comes from. Written by `data infer` after a look at {name}."""

from pathlib import Path

import polars as pl
{constants}

def read(path: Path) -> pl.LazyFrame:
    """Open a table.

    Args:
        path: a file that ends in {endings}.

    Returns:
        The rows. Text stays text, spelled as the data contract reads it.

    Raises:
        ValueError: the file has another ending.
    """
    match path.suffix.lower():
        case ".parquet":
            frame = pl.scan_parquet(path)
        case {cases}:
            {csv}
        case other:
            raise ValueError(f"cannot read {{path}}: {{other or 'no ending'}} is not {endings}")
{steps}    return frame
'''
_CSV = "frame = pl.scan_csv(path, separator={separator}, infer_schema=False)"
_DECODED = """\
text = pl.read_csv(path, separator={separator}, encoding="{encoding}", infer_schema=False)
            frame = text.lazy()"""
_NAN = "    frame = frame.with_columns(pl.col(pl.Float32, pl.Float64).fill_nan(None))\n"
_TEXTS = (
    "    texts = {name for name, kind in frame.collect_schema().items() if kind == pl.String}\n"
)
_STEPS = {
    "NAMES": "    frame = frame.rename(NAMES, strict=False)\n",
    "PADDED": """\
    frame = frame.with_columns(pl.col(name).str.strip_chars() for name in texts & set(PADDED))
""",
    "MISSING": """\
    for name in texts & set(MISSING):
        frame = frame.with_columns(pl.when(~pl.col(name).is_in(MISSING[name])).then(pl.col(name)))
""",
    "DECIMAL_COMMA": """\
    for name in texts & set(DECIMAL_COMMA):
        digits = pl.col(name).str.replace_all(".", "", literal=True)
        frame = frame.with_columns(digits.str.replace(",", ".", literal=True))
""",
    "THOUSANDS": """\
    for name in texts & set(THOUSANDS):
        frame = frame.with_columns(pl.col(name).str.replace_all(",", "", literal=True))
""",
    "WORDS": """\
    for name in texts & set(WORDS):
        frame = frame.with_columns(pl.col(name).replace(WORDS[name]))
""",
    "TIMES": """\
    for name in texts & set(TIMES):
        time = pl.col(name).str.to_datetime(TIMES[name], strict=False)
        # What is written otherwise stays as it is: the contract rejects it, and says why.
        frame = frame.with_columns(pl.coalesce(time.dt.strftime("%Y-%m-%dT%H:%M:%S"), name))
""",
}  # fmt: skip


def sources(
    name: str, layout: Layout, spellings: Mapping[str, Spelling], *, with_nan: bool = False
) -> str | None:
    """The text of a sources.py for such files; None where the one of the template will do.

    Args:
        name: of the file.
        layout: of the file.
        spellings: of its columns of text.
        with_nan: whether it has NaN where a value is missing.
    """
    found = {key: value for key, value in _values(layout, spellings).items() if value}
    usual = layout.suffix in (".csv", ".parquet") and layout.encoding == "utf8"
    if usual and not found and not with_nan and layout.separator == ",":
        return None
    texts = list(dict.fromkeys([".csv", layout.suffix] if layout.is_text else [".csv"]))
    endings = ", ".join(texts)
    constants = "".join(
        f"\n# {_ABOUT[key]}\n{assigned(key, value)}" for key, value in found.items()
    )
    steps = _NAN if with_nan else ""
    for key in found:
        if key != "NAMES" and _TEXTS not in steps:
            steps += _TEXTS
        steps += _STEPS[key]
    return _MODULE.format(
        name=name,
        constants=constants.replace("\n\n#", "\n#") if constants else "",
        endings=f"{endings} or .parquet",
        cases=" | ".join(f'"{ending}"' for ending in texts),
        csv=(_CSV if layout.encoding == "utf8" else _DECODED).format(
            separator='"\\t"' if layout.separator == "\t" else f'"{layout.separator}"',
            encoding=layout.encoding,
        ),
        steps=steps,
    )


def opened(text: str, path: Path) -> pl.LazyFrame:
    """Read a file with a sources.py that is not in its place yet."""
    with TemporaryDirectory(prefix="infer-") as folder:
        file = Path(folder, "inferred_sources.py")
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(file.stem, file)
        if spec is None or spec.loader is None:
            raise ImportError(f"{file} is no module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    read: Callable[[Path], pl.LazyFrame] = module.read
    return read(path)


def _values(layout: Layout, spellings: Mapping[str, Spelling]) -> dict[str, Any]:
    def where(numerals: str) -> list[str]:
        return [name for name, found in spellings.items() if found.numerals == numerals]

    return {
        "NAMES": layout.names,
        "PADDED": [name for name, found in spellings.items() if found.padded],
        "MISSING": {name: list(f.missing) for name, f in spellings.items() if f.missing},
        "DECIMAL_COMMA": where("comma"),
        "THOUSANDS": where("thousands"),
        "WORDS": {name: dict(f.words) for name, f in spellings.items() if f.words},
        "TIMES": {name: f.time for name, f in spellings.items() if f.time},
    }
