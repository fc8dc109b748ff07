"""Signing through a partner's own form."""

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from petition import languages, links
from petition.api import posted as bodies
from petition.api import presenting, repeating, submitting
from petition.api.problems import INVALID
from petition.api.refusals import Error, Refused
from petition.api.repeating import Attempt

# The same blueprint: all addresses of the API are of one family.
from petition.api.views import views
from petition.declarations import reading
from petition.declarations.models import DeclarationText
from petition.defence.limits import limit_posts_of
from petition.headers import never_store
from petition.partners import attribution
from petition.partners.models import Partner
from petition.signatures import carrying
from petition.storing import store

__all__ = ["views"]


@views.post("/declarations/<slug>/signatures")
@limit_posts_of(presenting.key_id, limits=presenting.limits)
def sign(slug: str) -> ResponseReturnValue:
    """Submit: answers alike, whether the address is new, pending or has signed.

    A key authenticates, so there is no form ticket, no cookie, and no question which page sent it.
    """
    partner = presenting.partner_for(slug)
    attempt = _attempt(slug, partner)
    posted = bodies.read(request)
    try:
        rows = submitting.submit(_text(slug, posted["language"]), posted, partner=partner)
    except Refused:
        # What was accepted stays so, even if the text has changed or the declaration has closed since.
        if attempt is None or not repeating.was_stored(attempt):
            raise
    else:
        if attempt is None:
            store(*rows)
        else:
            repeating.store(attempt, *rows)
    page = links.external("signatures.check_your_mail", language=posted["language"], slug=slug)
    carried = carrying.through(partner, attribution.clean_source(bodies.source_of(posted)), posted["language"])
    response = jsonify(accepted=True, check_your_mail=page + carried.query)
    response.status_code = 202
    return never_store(response)


def _attempt(slug: str, partner: Partner) -> Attempt | None:
    key = request.headers.get("Idempotency-Key")
    return None if key is None else Attempt.read(key, request.get_data(), partner=partner.slug, slug=slug)


def _text(slug: str, language: str) -> DeclarationText:
    """The current text. Raises Refused where there is none in this language; aborts with 404 where there is none."""
    text = reading.find_current(slug, language) if language in languages.NAMES else None
    if text is None:
        declaration = reading.find(slug)
        if declaration is None or not reading.current_texts(declaration):
            abort(404)
        raise Refused(INVALID, Error(bodies.pointer("language"), bodies.NO_SUCH_LANGUAGE))
    return text
