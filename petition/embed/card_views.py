"""The card that other sites show for a declaration's address, and where they ask for it."""

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from petition.embed import oembed
from petition.embed.oembed import NoSuchCard, Room, SizeRefused
from petition.headers import let_frame, never_store
from petition.signatures.views import get_text, kept
from petition.tally import noting

views = Blueprint("cards_elsewhere", __name__)

ANYBODY = "*"


@views.get("/oembed")
def describe() -> ResponseReturnValue:
    """``?url=…`` with ``maxwidth`` and ``maxheight``; 404 for what is no declaration's page, 501 for XML.

    Those are the answers that oEmbed 1.0 names (section 2.3.4.4).
    """
    if request.args.get("format", "json") != "json":
        return _told(501)
    try:
        room = Room.read(request.args.get("maxwidth", ""), request.args.get("maxheight", ""))
        text = oembed.find(request.args.get("url", ""))
    except SizeRefused:
        return _told(400)
    except NoSuchCard:
        return _told(404)
    response = _for_anyone(jsonify(oembed.describe(text, room)))
    response.headers["Cache-Control"] = f"public, max-age={oembed.KEEP_SECONDS}"
    return response


@views.get("/embed/<slug>/card")
def card(slug: str) -> ResponseReturnValue:
    """Title, count and a link, for anybody's page: there is nothing on it that a click could be stolen for."""
    text = get_text(slug, request.args.get("lang", ""))
    tally = noting.find(text.declaration_id) or abort(404)
    response = kept(render_template("embed/card.html", text=text, tally=tally))
    response.headers["X-Robots-Tag"] = "noindex"
    return let_frame(response, ANYBODY)


def _told(status: int) -> Response:
    return never_store(_for_anyone(make_response({"status": status}, status)))


def _for_anyone(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
