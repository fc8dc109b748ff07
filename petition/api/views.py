"""``/api/v1``: the count, for anyone."""

from flask import Blueprint, abort, current_app, jsonify
from flask.typing import ResponseReturnValue

from petition import clock
from petition.declarations import reading
from petition.settings import Settings
from petition.shelf import shelf
from petition.tally import noting

views = Blueprint("api", __name__, url_prefix="/api/v1")


@views.get("/declarations/<slug>/count")
def count(slug: str) -> ResponseReturnValue:
    """``{"count": n, "as_of": "…Z"}``: the number that the pages show, and the moment it was true."""
    declaration = reading.find(slug) or abort(404)
    tally = noting.find(declaration.id) or abort(404)
    response = jsonify(count=tally.count, as_of=clock.iso(tally.as_of))
    response.headers["Access-Control-Allow-Origin"] = "*"
    settings: Settings = current_app.extensions["petition.settings"]
    return shelf.keep(response, every=settings.tally_every)
