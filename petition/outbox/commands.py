"""``petition outbox …``: send what waits, now; look at every mail."""

from pathlib import Path

import click
from flask import Blueprint, current_app

from petition.outbox import previewing, sending
from petition.outbox.handing_over import PostOffice
from petition.settings import Settings

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


@commands.cli.command("preview")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into. Default: mail-preview/ in the instance folder.",
)
def preview(out: Path | None) -> None:
    """Write every mail in every language as .eml and .html, about made-up people; asks no database."""
    settings: Settings = current_app.extensions["petition.settings"]
    try:
        for path in previewing.write(out or settings.instance_dir / "mail-preview"):
            click.echo(path)
    except OSError as problem:
        raise click.ClickException(f"The previews cannot be written: {problem.strerror}.") from problem
