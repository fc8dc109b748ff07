"""``petition deliveries make``: the package of one reader, or one file, from one consistent snapshot."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict, Unpack

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from petition import clock
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.deliveries import acts, exporting, packing, readers, selection
from petition.deliveries.packing import ended_by_sigterm
from petition.deliveries.refusals import DeliveryRefused
from petition.extensions import db, writing
from petition.signatures.models import Visibility
from petition.staging.orders import Order, Part, Reader, Showing, Sorting

FORMATS = (*exporting.FORMATS, "xlsx")
_COLUMN_HELP = "Of csv and jsonl: comma separated, in this order. There are: " + ", ".join(selection.COLUMNS) + "."
_ADDRESSES_HELP = (
    "Allow mail addresses, for a purpose other than the delivery, such as the organisers' own archive: "
    "the addressee receives no addresses."
)
_NOT_WITHOUT = "The addressee receives no mail addresses. For another purpose the column email needs --with-addresses."
_HOLDS_ADDRESSES = "This file holds mail addresses in clear: it is not for the addressee. Remove it once it has served."
_PARTS = ",".join(Part)
_READERS = click.Choice([each.value for each in Reader])
_SORTINGS = click.Choice([each.value for each in Sorting])


class Asked(TypedDict):
    """The options that make an order."""

    reader: str
    languages: tuple[str, ...]
    sorting: str
    shown: tuple[str, ...]
    parts: str
    with_addresses: bool
    accessible: bool
    boxes: bool
    age_key: str | None
    no_encryption: bool


@click.command("make")
@click.argument("slug")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="One file of this kind instead of the package.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--columns", default=",".join(selection.DEFAULT_COLUMNS), show_default=True, help=_COLUMN_HELP)
@click.option("--reader", type=_READERS, default="addressee", show_default=True, help="For whom it is.")
@click.option("--language", "languages", multiple=True, help="The first is that of letter and book. Default: en.")
@click.option(
    "--sort",
    "sorting",
    type=click.Choice([each.value for each in Sorting]),
    default="country",
    show_default=True,
    help="The order.",
)
@click.option("--show", "shown", multiple=True, metavar="VISIBILITY=name|number", help="What a visibility shows.")
@click.option("--parts", default=_PARTS, show_default=True, help="What the package holds, comma separated.")
@click.option("--with-addresses", is_flag=True, help=_ADDRESSES_HELP)
@click.option("--reason", default="", help="Why; it is recorded, and addresses need one.")
@click.option("--accessible", is_flag=True, help="Book and letter as PDF/UA-1 too.")
@click.option("--boxes", is_flag=True, help="Draw what no font here can set as boxes with code points.")
@click.option("--age-key", help="Encrypt to this public key (age1…). Default: the key of the reader, if there is one.")
@click.option("--no-encryption", is_flag=True, help="Do not encrypt, though the reader has a key.")
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
@with_appcontext
def make(
    slug: str,
    format_: str | None,
    out: Path,
    columns: str,
    reason: str,
    force: bool,
    **asked: Unpack[Asked],
) -> None:
    """Make the package of the counted signatures under SLUG, or one file, from one consistent snapshot."""
    # Not Path.exists, which raises for a name that is too long; writing tells that plainly.
    if os.path.exists(out) and not force:
        raise click.ClickException(f"{out} is there already; name another file, or replace it with --force.")
    declaration = reading.find(slug)
    if declaration is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    asked["languages"] = _languages(declaration, asked["languages"])
    if format_ and asked["age_key"]:
        raise click.ClickException("Only packages are encrypted: leave out --age-key, or leave out --format.")
    if format_ in exporting.FORMATS:
        _refuse_unheeded(asked)
        _make_table(declaration, format_, out, columns, asked["languages"][0], asked["with_addresses"], reason)
    else:
        _make(declaration, format_, out, reason, asked)


def _languages(declaration: Declaration, wanted: tuple[str, ...]) -> tuple[str, ...]:
    known = declaration.plan.languages
    for language in wanted:
        if language not in known:
            raise click.ClickException(f"{language!r} is not a language of this declaration: {', '.join(known)}.")
    return wanted or ("en" if "en" in known else known[0],)


def _make(declaration: Declaration, format_: str | None, out: Path, reason: str, asked: Asked) -> None:
    """The package, or the workbook alone."""
    order = _order(declaration, asked, is_package=format_ is None)
    make_it = packing.make if format_ is None else packing.make_workbook
    try:
        with _bar() as watch:
            told = make_it(declaration, order, out, reason=reason, watch=watch)
    except DeliveryRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if order.with_addresses and order.age_key is None:
        click.echo(_HOLDS_ADDRESSES, err=True)
    click.echo(told)


def _order(declaration: Declaration, asked: Asked, *, is_package: bool) -> Order:
    reader = Reader(asked["reader"])
    theirs = readers.find(declaration, reader)
    key = asked["age_key"] or (theirs.age_key if theirs else None)
    return Order(
        slug=declaration.slug,
        reader=reader,
        languages=asked["languages"],
        sorting=Sorting(asked["sorting"]),
        shows={**readers.shows_by_default(reader), **dict(map(_showing, asked["shown"]))},
        parts=_chosen(asked["parts"]) if is_package else frozenset({Part.XLSX}),
        with_addresses=asked["with_addresses"],
        accessible=asked["accessible"],
        boxes=asked["boxes"],
        age_key=key if is_package and not asked["no_encryption"] else None,
    )


def _refuse_unheeded(asked: Asked) -> None:
    if asked["shown"] or asked["reader"] != Reader.ADDRESSEE:
        raise click.ClickException("CSV and JSON lines heed neither --reader nor --show: leave out --format.")


def _make_table(
    declaration: Declaration,
    format_: exporting.Format,
    out: Path,
    columns: str,
    language: str,
    with_addresses: bool,
    reason: str,
) -> None:
    """One file with chosen columns; PostgreSQL writes it itself."""
    try:
        wanted = selection.find_columns([name.strip() for name in columns.split(",")])
    except selection.ColumnsRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    holds_addresses = any(column.encrypted for column in wanted)
    if holds_addresses and not with_addresses:
        raise click.ClickException(_NOT_WITHOUT)
    db.session.expunge_all()
    db.session.rollback()
    try:
        with ended_by_sigterm(), _bar() as watch:
            progress = None if watch is None else lambda done, total: watch("Writing", done, total)
            export = exporting.export(
                declaration, wanted, format=format_, path=out, language=language, progress=progress
            )
    except exporting.ExportRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.rollback()
    with writing():
        acts.record_exported(
            declaration.id, why=reason, format=format_, columns=columns, rows=export.rows, sha256=export.sha256
        )
    if holds_addresses:
        click.echo(_HOLDS_ADDRESSES, err=True)
    click.echo(f"{export.path}: {export.rows} signatures as of {clock.iso(export.as_of)}")
    click.echo(f"The count at that moment: {export.count}")
    click.echo(f"SHA-256 {export.sha256}")


def _showing(given: str) -> tuple[str, Showing]:
    visibility, _, showing = given.partition("=")
    if visibility not in [*Visibility] or showing not in [*Showing]:
        raise click.ClickException(f"--show {given}: it takes public, addressee or counted, then =name or =number.")
    return visibility, Showing(showing)


def _chosen(parts: str) -> frozenset[Part]:
    names = [name.strip() for name in parts.split(",") if name.strip()]
    if unknown := [name for name in names if name not in [*Part]]:
        raise click.ClickException(f"There is no part {', '.join(unknown)}; there are {', '.join(Part)}.")
    return frozenset(map(Part, names))


@contextmanager
def _bar() -> Iterator[packing.Watch | None]:
    """A progress bar on a terminal; nothing into a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total or None)
