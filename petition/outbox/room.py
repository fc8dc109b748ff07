"""What this room brings: its commands; its round and its keeper come with the server's machinery."""

from flask import Flask

from petition.outbox import commands


def move_in(app: Flask) -> None:
    app.register_blueprint(commands.commands)
