"""``petition worker``: the process that runs the rounds."""

from flask import Blueprint, Flask, current_app

from petition.worker import rounds, running

commands = Blueprint("worker", __name__, cli_group=None)


@commands.cli.command("worker")
def worker() -> None:
    """Send mails, move the count and purge, until stopped."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    for check in rounds.required(app):
        check()
    running.run(app)
