"""A partner's own page: the snippets to copy, a live preview, and where they go in the usual site builders."""

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from petition.embed import loader, snippets
from petition.embed.frames import Frame
from petition.headers import content_security_policy, never_store
from petition.partners import reading

views = Blueprint("partner_pages", __name__)


@views.get("/partners/<partner>")
def show(partner: str) -> ResponseReturnValue:
    """Public, because nothing on it is a secret; ``declaration`` and ``lang`` choose what the snippets show."""
    found = reading.find_partner(partner)
    texts = snippets.carried_texts(found) if found and found.enabled else []
    if not found or not texts:
        abort(404)
    wanted = request.args.get("declaration", texts[0].declaration.slug), str(get_locale())
    text = next((each for each in texts if (each.declaration.slug, each.language) == wanted), None)
    text = text or next((each for each in texts if each.declaration.slug == wanted[0]), texts[0])
    frame = Frame(found, text)
    page = render_template(
        "embed/partner.html",
        partner=found,
        texts=texts,
        frame_of=frame,
        chosen=text,
        snippets=snippets.make(frame),
        version=loader.current(),
    )
    response = never_store(make_response(page))
    # For the live preview.
    response.headers["Content-Security-Policy"] = content_security_policy(frame_src="'self'")
    return response
