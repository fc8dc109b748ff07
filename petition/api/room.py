"""What this room brings: the addresses of the public JSON API."""

from flask import Flask

from petition.api import views


def move_in(app: Flask) -> None:
    app.register_blueprint(views.views)
