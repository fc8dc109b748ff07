"""What this room brings: its commands, the check before a worker begins, and the machinery of level 1, joined."""

from flask import Flask

from petition.server import commands, machinery, preparing
from petition.worker import rounds


def move_in(app: Flask) -> None:
    app.register_blueprint(commands.commands)
    rounds.require(app, preparing.check_if_reachable)
    machinery.join(app)
