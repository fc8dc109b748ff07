"""What this room brings: its command, and the pulse by which staff see that a worker is alive."""

from flask import Flask

from petition.worker import beating, commands, rounds


def move_in(app: Flask) -> None:
    app.register_blueprint(commands.commands)
    rounds.register(app, beating.NAME, every=beating.EVERY, make_work=beating.make_work)
