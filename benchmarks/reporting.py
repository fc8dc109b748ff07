"""The last run, for people and for machines: a table, benchmarks/last.json and docs/performance.md."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.scales import Scale

HOW = """\
`make bench` starts PostgreSQL (durable, as it is by itself: `fsync` and `synchronous_commit` on) and Redis on loopback,
and the web server with the command and the configuration by which `petition serve` starts it, with 2 workers. Every
defence is on; only the limits of posts are raised, and they are counted in Redis as ever.

- The load comes from a process of its own: 8 keep-alive connections, one request at a time on each, headers as a
  browser sends them (`Accept-Encoding: gzip` among them), every answer's status checked. It shares the machine with
  the servers.
- *hello* is a Flask page that returns “hello”; *bare INSERT* is a Flask view that inserts four form fields through
  psycopg's pool and commits. Both run under the same server with the same settings, in the same round.
- Each figure is the median of {rounds} rounds of {round_seconds:g} s, the order turned from round to round; a ratio is
  taken in each round, and the median of those is shown.
- POST: each sends the whole form with an address of its own and the ticket of the page, and is answered 303 after its
  submission, its consents and its mail are committed. Afterwards the rows are counted.
- CPU at {rows:,} signatures against {few_rows}: two databases, filled with names, submissions, consents and mails over
  20 days; user and system time of the web server's processes and of PostgreSQL's backends over {gets:,} GETs or
  {posts:,} POSTs a round. The pages of the list that no shelf keeps, by name and country (`?name=ro&country=IT`) and
  from a place on (`?after=`), {pages:,} a round, are compared with {page_rows:,} signatures, where they show as many
  names: a full page.
- Package: `petition deliveries make` with all parts, from the start of the process to its end, made once; memory is
  the peak (VmHWM) of the largest of its processes.
- Export: `petition deliveries make`, from the start of the process to its end, against psql's `\\copy` of the same
  columns as they are stored and in no order. Memory is the peak of the process (VmHWM) less that of `petition
  settings`. First bytes: from the start of the process until the temporary file holds something, less the time that
  `petition settings` takes.
- A delivery's tables: from a staging file of {rows:,} rows, each table by a process that is ready when the time begins;
  memory is its peak (VmHWM) less the peak when it was ready.
- The whole way: `petition serve --workers 2`, with a mail server that takes everything. Signatories post the form, open
  the link from the mail, and confirm what the page shows; after {warm_seconds:g} s to warm up, the confirmations of
  {flow_seconds:g} s are counted, second by second. Then all must be counted, and `petition tally recount` must find the
  tally exact and equal to the number confirmed.
- Console home: a session made in the database, {pages:,} requests one after another on one connection, each from its
  first byte to the last of the answer. The worker's round is the one that counts everything, as where nothing was
  counted before.
- Page weight: the bodies of the declaration's page and of everything it loads, as they come over the wire.
"""


@dataclass(frozen=True)
class Run:
    scale: Scale
    quick: bool
    at: str
    seconds: float
    machine: dict[str, str]
    figures: Sequence[Figure]


def show(run: Run, console: Console) -> None:
    table = Table("Figure", "Measured", "To reach", "", title="Quick run: too short to say much" if run.quick else None)
    for figure in run.figures:
        mark = "[green]reached[/]" if figure.reached else "[red]missed[/]"
        table.add_row(figure.name, f"{figure.value:g} {figure.unit}", f"{figure.bound} {figure.limit:g}", mark)
    console.print(table)
    for name, value in run.machine.items():
        console.print(f"{name}: {value}", highlight=False)


def as_json(run: Run) -> str:
    values = asdict(run) | {"figures": [asdict(figure) | {"reached": figure.reached} for figure in run.figures]}
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def as_page(run: Run) -> str:
    parts = [
        "# Performance",
        "This page is written by `make bench`; it shows the last run.",
        f"{run.at}, {run.seconds / 60:.0f} minutes in all"
        + (", a quick run: too short to say much." if run.quick else "."),
        "\n".join(_table(run.figures)),
        "## What it ran on",
        "\n".join(f"- {name}: {value}" for name, value in run.machine.items()),
        "## How it is measured",
        HOW.format(**asdict(run.scale)).strip(),
        "## In detail",
        *(_details(figure) for figure in run.figures),
    ]
    if missed := [figure for figure in run.figures if not figure.reached]:
        parts += ["## Where the time goes, where a figure is missed", *(_missed(figure) for figure in missed)]
    return "\n\n".join(parts) + "\n"


def write(run: Run, *, json_file: Path, page: Path) -> None:
    for path, text in ((json_file, as_json(run)), (page, as_page(run))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _table(figures: Sequence[Figure]) -> list[str]:
    rows = [
        f"| {figure.name} | {figure.value:g} {figure.unit} | {figure.bound} {figure.limit:g} | {_verdict(figure)} |"
        for figure in figures
    ]
    return ["| Figure | Measured | To reach | |", "| --- | --- | --- | --- |", *rows]


def _verdict(figure: Figure) -> str:
    return "reached" if figure.reached else "**not reached**"


def _details(figure: Figure) -> str:
    lines = [f"**{figure.name}**", ""]
    if figure.rounds and len(figure.rounds) <= 10:
        lines.append(f"- rounds: {_plain(figure.rounds)}")
    lines += [f"- {name.replace('_', ' ')}: {_plain(value)}" for name, value in figure.details.items()]
    return "\n".join(lines)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ("; " if value and isinstance(value[0], dict) else ", ").join(_plain(each) for each in value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value)


def _missed(figure: Figure) -> str:
    lines = [f"**{figure.name}**: {figure.value:g} {figure.unit}, wanted {figure.bound} {figure.limit:g}."]
    if figure.profile:
        lines += ["", f"Of {figure.profile['samples']:,} samples, by what was running itself:", ""]
        lines += [f"- {share:.1%} {name}" for name, share in figure.profile["itself"]]
        lines += ["", "By function, with all that it calls:", ""]
        lines += [f"- {share:.1%} `{name}`" for name, share in figure.profile["with_what_it_calls"]]
    return "\n".join(lines)
