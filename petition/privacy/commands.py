"""``petition privacy …``: purge what has been kept for its time."""

from collections import Counter

import click
from flask import Blueprint

from petition.extensions import writing
from petition.privacy import personal

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
