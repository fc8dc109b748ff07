"""``petition signatures import``: enter the signatures on paper that a table holds."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
from flask import current_app
from flask.cli import with_appcontext

from petition.accounts import trail
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.declarations.plans import Plan
from petition.extensions import writing
from petition.paper import importing, progressing, rows, tables
from petition.paper.entries import SOURCE
from petition.paper.forms import day_in
from petition.paper.importing import Fate, Told
from petition.paper.rows import Draft, MappingRefused, Sheets
from petition.paper.tables import Limits
from petition.paper.workbooks import TableRefused
from petition.settings import Settings

_MAP_HELP = (
    "Which column holds what: name=Name,country=Land. Fields: "
    + ", ".join(rows.FIELDS)
    + ". Countries by code or by name in any language of the site; visibility as public, addressee or counted."
)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--declaration", "slug", required=True, help="The slug of the declaration that was signed.")
@click.option("--map", "mapping", required=True, multiple=True, help=_MAP_HELP)
@click.option("--language", help="Of the sheets; the declaration's first if none is given.")
@click.option("--source", default=SOURCE, show_default=True, help="Where the sheets come from, such as an event.")
@click.option("--signed-on", help="The day on the sheets, such as 2026-03-04, where no column holds it.")
@click.option("--sheet", help="The sheet of a workbook; its first if none is given.")
@click.option("--dry-run", is_flag=True, help="Only tell what would become of each row.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write each row's fate here, as CSV.")
@with_appcontext
def import_(
    file: Path,
    slug: str,
    mapping: tuple[str, ...],
    language: str | None,
    source: str,
    signed_on: str | None,
    sheet: str | None,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Enter the signatures on paper that FILE holds (CSV or XLSX), all in one transaction.

    The same file again enters nothing. A row that has the name and country of somebody who is there is told, and
    is entered at the console, knowingly.
    """
    declaration = reading.find(slug)
    if declaration is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    sheets = _sheets(declaration.plan, language, source, signed_on)
    told: list[Told] | None = None
    try:
        with _whole(report) as write:
            table = tables.read(_content(file), limits=_limits(), sheet=sheet)
            drafts = rows.prepare(declaration, table, _columns(mapping), sheets)
            told = importing.foretell(declaration, drafts) if dry_run else _enter(declaration, drafts, source)
            # What is committed is told before anything else can fail.
            _tell(told, dry_run=dry_run)
            write(importing.report(told))
    except (TableRefused, MappingRefused) as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    except OSError as problem:
        raise click.ClickException(_failed(problem, told, dry_run=dry_run)) from problem


def _enter(declaration: Declaration, drafts: Sequence[Draft], source: str) -> list[Told]:
    """What is returned is committed."""
    with progressing.bar("Entering") as progress, writing():
        told = importing.enter(declaration, drafts, progress=progress)
        trail.record("signatures.imported", scope=declaration.id, why=source, rows=importing.counts(told))
    return told


def _sheets(plan: Plan, language: str | None, source: str, signed_on: str | None) -> Sheets:
    language = language or plan.languages[0]
    if language not in plan.languages:
        known = ", ".join(plan.languages)
        raise click.ClickException(f"{language!r} is not a language of this declaration: {known}.")
    day = None if signed_on is None else day_in(signed_on)
    if signed_on is not None and day is None:
        raise click.ClickException("Please write the day like this: 2026-03-04.")
    return Sheets(language=language, source=source, signed_on=day)


def _columns(mapping: Iterable[str]) -> dict[str, str]:
    """``name=Name,country=Land``; what follows a comma and holds no equals sign belongs to the column before it."""
    columns: dict[str, str] = {}
    field = ""
    for part in ",".join(mapping).split(","):
        before, equals, column = part.partition("=")
        if equals:
            field = before.strip()
            columns[field] = column.strip()
        elif field:
            columns[field] += f",{part}"
        else:
            raise click.ClickException("Please write --map like this: name=Name,country=Country.")
    return columns


def _limits() -> Limits:
    settings: Settings = current_app.extensions["petition.settings"]
    return tables.ON_SQLITE if settings.on_sqlite else tables.ON_THE_SERVER


def _content(file: Path) -> bytes:
    """No more of it than can be used."""
    with file.open("rb") as opened:
        return opened.read(tables.MOST_BYTES + 1)


@contextmanager
def _whole(path: Path | None) -> Iterator[Callable[[str], None]]:
    """A file that appears whole at the end or not at all, for its owner alone; that it can be written is found out
    before anything is done.
    """
    if path is None:
        yield lambda content: None
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            yield lambda content: _put(opened, content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _put(file: TextIO, content: str) -> None:
    file.write(content)


def _failed(problem: OSError, told: Sequence[Told] | None, *, dry_run: bool) -> str:
    if told is None:
        return f"{problem.filename or 'A file'} cannot be used: {problem.strerror or problem}."
    return "The report could not be written." if dry_run else "Entered; the report could not be written."


def _tell(told: Sequence[Told], *, dry_run: bool) -> None:
    for each in told:
        if each.fate is not Fate.ENTERED:
            words = ": ".join(filter(None, (each.fate, each.reason)))
            click.echo(f"row {each.number}: {words}{' ' + ' '.join(each.about) if each.about else ''}")
    summary = ", ".join(f"{number} {fate}" for fate, number in importing.counts(told).items())
    click.echo(f"{'Dry run, nothing was entered: ' if dry_run else ''}{len(told)} rows: {summary}.")
