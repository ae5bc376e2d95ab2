# Managed by poc2prod; extend in a module of your own that imports it.
"""The data quality report as one HTML file: no script, nothing from elsewhere, good on a phone."""

from collections.abc import Iterator, Sequence
from html import escape

from ...kpi.words import line, number
from . import pictures
from .measured import Measured
from .profile import Profile

_STYLE = """
:root{color-scheme:light dark; --ink:#15191d; --soft:#57606a; --back:#fff; --card:#f6f8fa;
--edge:#d8dee4; --bar:#0b5fad; --bad:#c62828; --good:#1a7f37; --track:#e6e9ec}
@media(prefers-color-scheme:dark){:root{--ink:#f0f3f6; --soft:#9ea7b0; --back:#14181c;
--card:#1c2127; --edge:#30363d; --bar:#64b0ff; --bad:#ff7b72; --good:#4ac26b; --track:#2a3036}}
*{box-sizing:border-box}
body{margin:0 auto; padding:16px; max-width:1180px; background:var(--back); color:var(--ink);
font:15px/1.5 system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif}
h1{font-size:24px;margin:8px 0}h2{font-size:19px;margin:32px 0 8px}h3{font-size:16px;margin:0}
p{margin:4px 0}.soft{color:var(--soft);font-size:13px}.good{color:var(--good)}
.wrong{color:var(--bad)}.card+.card.wide{margin-top:12px}.grid>.card.wide{margin:0}
summary{cursor:pointer;padding:4px 0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:12px}
.card{background:var(--card); border:1px solid var(--edge); border-radius:8px; padding:12px;
min-width:0; overflow-wrap:anywhere}
.wide{overflow-x:auto}.big{font-size:22px;font-weight:600}
table{border-collapse:collapse;width:100%;font-size:14px}
th, td{text-align:left; padding:4px 10px 4px 0; border-bottom:1px solid var(--edge);
vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
svg{display:block;width:100%;height:auto;max-width:480px;margin-top:6px}
svg text{fill:var(--ink);font-size:12.5px}svg .small{fill:var(--soft);font-size:11.5px}
.bar{fill:var(--bar)}.bad{fill:var(--bad)}.track{fill:var(--track)}
.axis{stroke:var(--edge);fill:none}.bound{stroke:var(--bad);stroke-dasharray:4 3;fill:none}
.range{stroke:var(--bar);stroke-width:5;stroke-linecap:round;opacity:.45;fill:none}
.dot{fill:var(--bar);stroke:var(--card);stroke-width:1.5}
"""


def page(found: Measured) -> str:
    """Write the report."""
    title = escape(f"Data quality of {line(found.project)}")
    body = "\n".join(_sections(found))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _sections(found: Measured) -> Iterator[str]:
    contract = found.contract
    owner = f", {escape(line(contract.owner))} answers for it" if contract.owner else ""
    yield (
        f'<p class="soft">Snapshot {found.snapshot[:12]}, data contract'
        f" {escape(line(contract.version or 'without version'))}{owner}."
        f" {found.now:%Y-%m-%d %H:%M} UTC.</p>"
    )
    yield from _glance(found)
    yield "<h2>Over time</h2>"
    yield '<div class="grid"><div class="card"><h3>Rows of each run of ingest</h3>'
    yield f"{pictures.trend(found.runs)}"
    yield '<p class="soft">Blue was kept, red went to quarantine.</p></div>'
    yield from _sources(found)
    yield "</div>"
    yield "<h2>Rejected rows</h2>"
    yield from _rejected(found)
    yield "<h2>Rules of the contract</h2>"
    yield from _rules(found)
    yield "<h2>Columns</h2>"
    yield from _missing(found)
    yield '<div class="grid">'
    for each in found.profiles:
        yield _column(each, found.rows)
    yield "</div>"


def _glance(found: Measured) -> Iterator[str]:
    totals = found.totals
    kept = len(found.tables) - len(found.broken)
    yield '<div class="grid">'
    yield _fact("Rows", f"{found.rows:,}", f"in {len(found.profiles)} declared columns")
    share = found.waiting / max(1, found.rows + found.waiting)
    said = f"{share:.2%} of all; {totals.redriven:,} came back from there"
    yield _fact("In quarantine", f"{found.waiting:,}", said, good=None if found.waiting else True)
    said = "; ".join(found.broken) or "rules for the whole table"
    yield _fact("Rules kept", f"{kept} of {len(found.tables)}", said, good=not found.broken)
    time, limit = found.contract.time, found.contract.freshness
    if time is not None and found.newest is not None:
        age = (found.now - found.newest).total_seconds() / 86_400
        allowed = "the contract sets no limit"
        if limit is not None:
            allowed = f"at most {limit.total_seconds() / 86_400:.3g} days are allowed"
        good = None if limit is None else found.now - found.newest <= limit
        said = f"{found.newest:%Y-%m-%d %H:%M} UTC; {allowed}"
        yield _fact(f"Age of the newest {line(time.name, 30)}", f"{age:.3g} days", said, good=good)
    yield "</div>"


def _fact(name: str, value: str, said: str, good: bool | None = None) -> str:
    mark = {None: "", True: ' <span class="good">✓</span>', False: ' <span class="wrong">✗</span>'}
    return (
        f'<div class="card"><h3>{escape(name)}</h3><p class="big">{escape(value)}{mark[good]}</p>'
        f'<p class="soft">{escape(said)}</p></div>'
    )


def _sources(found: Measured) -> Iterator[str]:
    rows = [
        (escape(line(name, 60)), f"{kept:,}", f"{rejected:,}")
        for name, kept, rejected in found.sources
    ]
    yield '<div class="card wide"><h3>Sources</h3>'
    yield _table(("source", "rows", "in quarantine"), rows)
    yield "</div>"


def _rejected(found: Measured) -> Iterator[str]:
    if not found.reasons:
        yield '<p class="good">No row is in quarantine.</p>'
        return
    yield '<div class="card"><h3>In quarantine now, by reason</h3>'
    yield pictures.shares(list(found.reasons.items()), found.rows + found.waiting, "bad")
    yield '<p class="soft">A row may have several reasons. The share is of all rows.</p></div>'


def _rules(found: Measured) -> Iterator[str]:
    header = "a row is rejected for", "rows so far"
    kept = [escape(line(said)) for said, rejected in found.rules.items() if not rejected]
    rows = [(escape(line(s)), f"{rejected:,}") for s, rejected in found.rules.items() if rejected]
    yield '<div class="card wide">'
    if rows:
        yield _table(header, rows)
    yield f"<details><summary>{len(kept)} rules of rows that none has broken</summary>"
    yield f"{_table(('rule',), [(said,) for said in kept])}</details></div>"
    if found.tables:
        rows = [
            (escape(line(said)), '<span class="good">✓ kept</span>' if good else _WRONG)
            for said, good in found.tables.items()
        ]
        yield f'<div class="card wide">{_table(("the whole table", ""), rows)}</div>'
    if found.totals.cleansed:
        counts = sorted(found.totals.cleansed.items(), key=lambda item: (-item[1], item[0]))
        rows = [(escape(line(said)), f"{count:,}") for said, count in counts]
        yield f'<div class="card wide">{_table(("cleansing", "rows so far"), rows)}</div>'


_WRONG = '<span class="wrong">✗ broken</span>'


def _missing(found: Measured) -> Iterator[str]:
    some = [(each.column.name, each.nulls) for each in found.profiles if each.nulls]
    if not some:
        yield '<p class="good">No value is missing.</p>'
        return
    yield '<div class="card"><h3>Missing values</h3>'
    yield pictures.shares(sorted(some, key=lambda item: -item[1]), found.rows)
    yield "</div>"


def _column(each: Profile, rows: int) -> str:
    column = each.column
    parts = [f'<div class="card"><h3>{escape(line(column.name, 80))}</h3>']
    about = [column.kind, column.unit, column.classification]
    about += ["required" if column.required else "may be missing"]
    about += [f"{each.share:.2%} missing" if each.nulls else ""]
    parts.append(f'<p class="soft">{escape(line(" · ".join(filter(None, about))))}</p>')
    if column.is_personal:
        return "".join([*parts, "<p>Personal: no value is shown.</p></div>"])
    if each.bars:
        parts.append(pictures.distribution(each))
        if column.kind != "timestamp" and each.low is not None and each.high is not None:
            parts.append(f'<p class="soft">{escape(_range(each))}</p>')
    if each.spreads and each.spreads[1:]:
        parts.append(pictures.spreads(each.spreads))
        parts.append('<p class="soft">By source: the median, and 90 % of the values.</p>')
    if each.values:
        parts.append(pictures.shares(list(each.values.items()), rows))
    elif each.distinct:
        parts.append(f"<p>about {each.distinct:,} different values</p>")
    return "".join([*parts, "</div>"])


def _range(each: Profile) -> str:
    column = each.column
    low, high = number(each.low or 0.0), number(each.high or 0.0)
    least = column.minimum if column.minimum is not None else column.exclusive_minimum
    most = column.maximum if column.maximum is not None else column.exclusive_maximum
    allowed = (
        f"{'any' if least is None else number(least)} to {'any' if most is None else number(most)}"
    )
    return f"{low} to {high}; the contract allows {allowed}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; all but the first are numbers."""
    kinds = ["", *[' class="n"'] * (len(header) - 1)]
    head = "".join(f"<th{k}>{cell}</th>" for k, cell in zip(kinds, header, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{k}>{cell}</td>' for k, cell in zip(kinds, row, strict=True))}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
