"""``petition tally …``: move and check the count by hand."""

import click
from flask import Blueprint

from petition.tally import moving, recounting

commands = Blueprint("tally", __name__, cli_group="tally")
commands.cli.help = "The count."


@commands.cli.command("move")
def move() -> None:
    """Move every noted change into the tally, now."""
    while moving.move():
        pass
    click.echo("The tally is up to date.")


@commands.cli.command("recount")
@click.option("--repair", is_flag=True, help="Correct what is off, in the same transaction.")
def recount(repair: bool) -> None:
    """Count signatures and endorsements one by one and compare; exits with 1 if the tally was off and stays so."""
    try:
        found = recounting.recount(repair=repair)
    except recounting.TallyBusy as refusal:
        raise click.ClickException(str(refusal)) from refusal
    for (scope, kind, hour, country, source, partner), amount in sorted(found.drift.items()):
        place = f"declaration {scope}, {kind}, {hour:%Y-%m-%d %H}h, {country}, {source or 'no source'}"
        place += f", through {partner}" if partner else ""
        click.echo(f"off by {-amount:+d}: {place}")
    if found.exact:
        click.echo(f"{found.counted} counted; the tally is exact.")
    elif repair:
        click.echo(f"{found.counted} counted; the tally was off and is repaired.")
    else:
        raise click.ClickException(f"{found.counted} counted; the tally is off. Repair it with --repair.")
