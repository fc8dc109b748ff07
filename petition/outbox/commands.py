"""``petition outbox …``: send what waits, now."""

import click
from flask import Blueprint, current_app

from petition.outbox import sending
from petition.outbox.handing_over import PostOffice

commands = Blueprint("outbox", __name__, cli_group="outbox")
commands.cli.help = "Mails that wait to leave."


@commands.cli.command("send")
def send() -> None:
    """Send every mail that is due, then stop."""
    office = PostOffice.from_settings(current_app.extensions["petition.settings"])
    taken = 0
    try:
        while batch := sending.send_due(office):
            taken += batch
    finally:
        office.close()
    click.echo(f"{taken} mails taken up.")
