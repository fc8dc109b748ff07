"""What this room brings: the frame, the loader's script, the card of oEmbed, the snippets."""

from flask import Flask

from petition.embed import card_views, frames, loader, partner_views, staff, views
from petition.shelf import shelf


def move_in(app: Flask) -> None:
    for pages in (views, loader, card_views, partner_views, staff):
        app.register_blueprint(pages.views)
    shelf.read_queries(app, "embed", frames.what_matters)
