"""The card's address. No request ever draws one: that is work for the worker."""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, abort, current_app
from flask.typing import ResponseReturnValue

from petition.cards import making
from petition.declarations import reading
from petition.shelf import shelf

views = Blueprint("cards", __name__)

KEEP = timedelta(minutes=5)
BLANK = Path(__file__).with_name("blank.png")
"""Without words, for the seconds before the worker's first round, and where the fonts are missing."""


@views.get("/<language:language>/<slug>/card.png")
def card(language: str, slug: str) -> ResponseReturnValue:
    text = reading.find_current(slug, language) or abort(404)
    picture = making.find(text)
    if picture is None:
        blank = Response(BLANK.read_bytes(), mimetype="image/png")
        return shelf.keep(blank, every=current_app.extensions["petition.settings"].tally_every)
    return shelf.keep(Response(picture, mimetype="image/png"), every=KEEP)
