"""``petition privacy …``: purge what has been kept for its time, replay erasures, encrypt under the newest key."""

from collections import Counter
from typing import TextIO

import click
from flask import Blueprint

from petition.extensions import writing
from petition.keys import Undecipherable
from petition.privacy import journal, personal, rekeying
from petition.privacy.journal import JournalRefused

commands = Blueprint("privacy", __name__, cli_group="privacy")
commands.cli.help = "What is kept, and for how long."


@commands.cli.command("purge")
def purge() -> None:
    """Remove what has been kept for its time; the worker does the same every hour."""
    removed: Counter[str] = Counter()
    more = True
    while more:
        with writing():
            batch = personal.purge()
        removed.update(batch)
        more = personal.more_waits(batch)
    for keeper, rows in removed.items():
        click.echo(f"{keeper}: {rows} removed")


@commands.cli.command("journal")
@click.option("--out", type=click.File("w", lazy=True, atomic=True), default="-", help="Write it there, whole.")
def write_journal(out: TextIO) -> None:
    """Write the journal of erasures as CSV, to be kept apart from the backups; it names nobody."""
    for line in journal.written(journal.entries()):
        out.write(line)


@commands.cli.command("replay")
@click.argument("file", type=click.File(), required=False)
def replay(file: TextIO | None) -> None:
    """Erase again whatever the journal in FILE names, after a backup was put back; before the site opens.

    Without FILE, whatever the database's own journal names. Twice is once.
    """
    try:
        entries = journal.read(file) if file else list(journal.entries())
    except (JournalRefused, UnicodeDecodeError) as refusal:
        words = refusal if isinstance(refusal, JournalRefused) else "The file is no journal of erasures."
        raise click.ClickException(str(words)) from refusal
    done = journal.replay(entries)
    click.echo(f"{done.entries} entries: {done.erased} erased again, {done.entries - done.erased} were gone.")


@commands.cli.command("rekey")
def rekey() -> None:
    """Encrypt everything under the first key of PETITION_DATA_KEYS, so that the others can be taken out of it.

    In batches, while the site runs; killed, the next one goes on. Every process must know the new key before.
    """
    try:
        for place, number in rekeying.rekey():
            click.echo(f"{place}: {number} encrypted anew")
    except Undecipherable as problem:
        raise click.ClickException(f"A value cannot be read: {problem}. Nothing else was lost.") from problem
    click.echo("Everything is under the first key; the others may be taken out of PETITION_DATA_KEYS.")
