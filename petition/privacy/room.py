"""What this room brings: its commands; its round comes with the server's machinery."""

from flask import Flask

from petition.privacy import commands


def move_in(app: Flask) -> None:
    app.register_blueprint(commands.commands)
