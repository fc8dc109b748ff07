"""``/api/v1``: declarations and their texts, for anyone."""

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from petition.api import refusals, telling
from petition.api.refusals import Refused
from petition.declarations import reading
from petition.partners import attribution
from petition.settings import Settings
from petition.shelf import shelf

views = Blueprint("api", __name__, url_prefix="/api/v1")


@views.errorhandler(Refused)
def tell(refused: Refused) -> ResponseReturnValue:
    return refusals.answer(refused.problem, detail=refused.detail, errors=refused.errors)


@views.get("/declarations")
def declarations() -> ResponseReturnValue:
    """Every declaration that has a page, open or not."""
    found = [(each, telling.readable(each, reading.current_texts(each))) for each in reading.all_declarations()]
    return for_anyone(jsonify(declarations=[telling.short(each, texts) for each, texts in found if texts]))


@views.get("/declarations/<slug>")
def declaration(slug: str) -> ResponseReturnValue:
    """One declaration, and what a form of one's own must show and ask; ``?partner=`` with that partner's consent."""
    found = reading.find(slug) or abort(404)
    texts = telling.readable(found, reading.current_texts(found)) or abort(404)
    partner = attribution.find_carrier(request.args.get("partner", ""), slug)
    return for_anyone(jsonify(telling.whole(found, texts, partner)))


@views.get("/declarations/<slug>/texts/<language:language>")
def text(slug: str, language: str) -> ResponseReturnValue:
    """The text that people sign now, in one language."""
    found = reading.find_current(slug, language) or abort(404)
    return for_anyone(jsonify(telling.text(found)))


def for_anyone(response: Response) -> Response:
    """The same for everyone, kept for a moment, and readable by the pages of any site."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    settings: Settings = current_app.extensions["petition.settings"]
    kept = shelf.keep(response, every=settings.tally_every)
    if request.query_string:
        # The shelf, which gives the others their ETag, keeps none of these: anybody could make up any number.
        kept.add_etag(weak=True)
        kept.make_conditional(request)
    return kept
