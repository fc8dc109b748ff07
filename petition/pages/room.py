"""What this room brings: the public pages, the files for machines, and whether the service is well."""

from flask import Flask

from petition.pages import health, machines, numbers, views


def move_in(app: Flask) -> None:
    for pages in (health, machines, views, numbers):
        app.register_blueprint(pages.views)
