"""``petition worker``: the process that runs the rounds."""

from flask import Blueprint, current_app

from petition.worker import running

commands = Blueprint("worker", __name__, cli_group=None)


@commands.cli.command("worker")
def worker() -> None:
    """Send mails, move the count and purge, until stopped."""
    running.run(current_app._get_current_object())  # type: ignore[attr-defined]
