"""``petition deliveries …``: write the signatories into a file."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from flask import Blueprint
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from petition import clock
from petition.declarations import reading
from petition.deliveries import exporting, selection, verify_command
from petition.extensions import db

commands = Blueprint("deliveries", __name__, cli_group="deliveries")
commands.cli.help = "Hand signatures over."
commands.cli.add_command(verify_command.verify)

_COLUMN_HELP = "Comma separated, in this order. There are: " + ", ".join(selection.COLUMNS) + "."

_ADDRESSES_HELP = (
    "Allow the column email, for a purpose other than the delivery, such as an organiser's own check: "
    "the addressee receives no addresses."
)
_NOT_WITHOUT = "The addressee receives no mail addresses. For another purpose the column email needs --with-addresses."
_HOLDS_ADDRESSES = "This file holds mail addresses in clear: it is not for the addressee. Remove it once it has served."


@commands.cli.command("make")
@click.argument("slug")
@click.option("--format", "format_", type=click.Choice(exporting.FORMATS), required=True, help="One file of this kind.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--columns", default=",".join(selection.DEFAULT_COLUMNS), show_default=True, help=_COLUMN_HELP)
@click.option("--with-addresses", is_flag=True, help=_ADDRESSES_HELP)
@click.option("--language", default="en", show_default=True, help="In which language countries are spelled out.")
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
def make(
    slug: str, format_: exporting.Format, out: Path, columns: str, with_addresses: bool, language: str, force: bool
) -> None:
    """Write the counted signatures under SLUG into one file, from one consistent snapshot."""
    # Not Path.exists, which raises for a name that is too long; writing tells that plainly.
    if os.path.exists(out) and not force:
        raise click.ClickException(f"{out} is there already; name another file, or replace it with --force.")
    try:
        wanted = selection.find_columns([name.strip() for name in columns.split(",")])
    except selection.ColumnsRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    holds_addresses = any(column.encrypted for column in wanted)
    if holds_addresses and not with_addresses:
        raise click.ClickException(_NOT_WITHOUT)
    declaration = reading.find(slug)
    if declaration is None:
        raise click.ClickException(f"There is no declaration “{slug}”.")
    if language not in declaration.plan.languages:
        known = ", ".join(declaration.plan.languages)
        raise click.ClickException(f"{language!r} is not a language of this declaration: {known}.")
    db.session.expunge_all()
    db.session.rollback()
    try:
        with _ended_by_sigterm(), _progress() as progress:
            export = exporting.export(
                declaration, wanted, format=format_, path=out, language=language, progress=progress
            )
    except exporting.ExportRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if holds_addresses:
        click.echo(_HOLDS_ADDRESSES, err=True)
    click.echo(f"{export.path}: {export.rows} signatures as of {clock.iso(export.as_of)}")
    click.echo(f"The count at that moment: {export.count}")
    click.echo(f"SHA-256 {export.sha256}")


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends what is inside like an exception, so that it tidies up; nothing else would."""

    def end(_number: int, _frame: FrameType | None) -> None:
        # A second one must not interrupt the tidying.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress() -> Iterator[exporting.Progress | None]:
    """A progress bar on a terminal; nothing into a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Writing", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
