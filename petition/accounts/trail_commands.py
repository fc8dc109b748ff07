"""``petition accounts trail …``: check that the audit trail is whole, and write it into a file."""

import os
from pathlib import Path

import click

from petition import whole
from petition.accounts import trail, trail_checking, trail_exporting, trail_reading
from petition.accounts.commands import commands
from petition.accounts.trail_checking import TrailBroken
from petition.accounts.trail_exporting import Format
from petition.accounts.trail_reading import Filters
from petition.extensions import writing

__all__ = ["commands"]

DIGEST_BYTES = 32


@commands.cli.group("trail")
def group() -> None:
    """The audit trail: what staff did."""


@group.command("verify")
@click.option(
    "--known", default=None, help="A digest that this command printed earlier: it must still be in the trail."
)
def verify(known: str | None) -> None:
    """Say whether every entry is there as it was written; if not, which one tells, and exit with 1."""
    try:
        checked = trail_checking.verify(known=_digest(known) if known else None)
    except TrailBroken as problem:
        raise click.ClickException(str(problem)) from problem
    emptied = f", {checked.emptied} of them with emptied details" if checked.emptied else ""
    click.echo(f"The audit trail is whole: {checked.entries} entries{emptied}.")
    click.echo(f"Digest of the last one: {checked.head.hex()}")


@group.command("export")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([format.value for format in Format]),
    default=Format.CSV.value,
    show_default=True,
    help="CSV for people, JSONL for programs.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there already.")
def export(out: Path, format_: str, force: bool) -> None:
    """Write the whole audit trail into one file, for nobody's eyes but its owner's."""
    if os.path.exists(out) and not force:
        raise click.ClickException(f"{out} is there already; name another file, or replace it with --force.")
    newest = trail_reading.last_number()
    batches = trail_reading.batches(Filters(within=None), up_to=newest)
    try:
        with whole.open_file(out) as file:
            file.writelines(line.encode() for line in trail_exporting.write(batches, format=Format(format_)))
    except OSError as problem:
        raise click.ClickException(f"{out} cannot be written: {problem.strerror}.") from problem
    with writing():
        trail.record("trail.exported", format=format_)
    click.echo(f"{out}: {newest} entries")


def _digest(typed: str) -> bytes:
    try:
        found = bytes.fromhex(typed.strip())
    except ValueError:
        found = b""
    if len(found) != DIGEST_BYTES:
        raise click.BadParameter("this is no digest: it has 64 hexadecimal digits.", param_hint="--known")
    return found
