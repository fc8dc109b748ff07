"""What this room brings: the pictures' addresses, and the round that makes them."""

from datetime import timedelta

from flask import Flask

from petition.cards import making, views
from petition.worker import rounds


def move_in(app: Flask) -> None:
    app.register_blueprint(views.views)
    rounds.register(app, "cards", every=timedelta(minutes=1), make_work=lambda _app: making.make_next)
