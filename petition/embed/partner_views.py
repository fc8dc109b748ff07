"""A partner's own page: the snippets to copy, a live preview, and where they go in the usual site builders."""

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from petition.declarations.models import DeclarationText
from petition.embed import loader, snippets
from petition.embed.frames import Frame
from petition.headers import content_security_policy, never_store
from petition.partners import reading
from petition.partners.models import Partner

views = Blueprint("partner_pages", __name__)


@views.get("/partners/<partner>")
def show(partner: str) -> ResponseReturnValue:
    """Public, because nothing on it is a secret; ``declaration`` and ``lang`` choose what the snippets show."""
    found = reading.find_known(partner)
    if not found or not found.enabled or not snippets.carried_texts(found):
        abort(404)
    return page("embed/partner.html", found)


def page(template: str, partner: Partner) -> Response:
    """A page around the snippets and the live preview, which it alone may frame."""
    texts = snippets.carried_texts(partner)
    chosen = _choose(texts)
    frame = Frame(partner, chosen) if chosen else None
    shown = {"partner": partner, "texts": texts, "chosen": chosen, "version": loader.current()}
    made = {"preview": frame, "snippets": snippets.make(frame)} if frame else {}
    response = never_store(make_response(render_template(template, **shown, **made)))
    response.headers["Content-Security-Policy"] = content_security_policy(frame_src="'self'")
    return response


def _choose(texts: list[DeclarationText]) -> DeclarationText | None:
    """The text that was asked for; else one of that declaration; else the first."""
    slug = request.args.get("declaration") or (texts[0].declaration.slug if texts else "")
    of_it = [text for text in texts if text.declaration.slug == slug] or texts
    language = request.args.get("lang") or str(get_locale())
    return next((text for text in of_it if text.language == language), of_it[0] if of_it else None)
