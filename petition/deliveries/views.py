"""What the public is told of deliveries: hand-overs, what was in them, and how anybody can check that."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from petition.packages import site_key
from petition.signatures.views import get_text, kept

views = Blueprint("deliveries_public", __name__)


@views.get("/<language:language>/<slug>/deliveries")
def handovers(language: str, slug: str) -> ResponseReturnValue:
    text = get_text(slug, language)
    page = render_template(
        "deliveries/handovers.html",
        text=text,
        handovers=text.declaration.plan.handovers,
        key=site_key.public_key_line(),
        fingerprint=site_key.fingerprint(),
    )
    return kept(page)


@views.get("/deliveries.pub")
def public_key() -> ResponseReturnValue:
    """The site's key for deliveries, as verifiers take it: one line."""
    answer = Response(site_key.public_key_line() + "\n", mimetype="text/plain")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
