"""What machines fetch of the public pages: robots.txt, the sitemap, the QR code."""

import re
from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from petition import languages, links, qr, sharing
from petition.declarations import reading
from petition.declarations.models import Declaration, DeclarationText
from petition.shelf import shelf

views = Blueprint("machines", __name__)
views.add_app_template_global(sharing.links, "share_links")

KEEP = timedelta(hours=1)
LOCALES = {
    "en": "en_GB", "it": "it_IT", "fr": "fr_FR", "es": "es_ES", "de": "de_DE",
    "pt": "pt_PT", "pl": "pl_PL", "ar": "ar_AR", "hi": "hi_IN", "zh": "zh_CN",
}  # fmt: skip
"""Open Graph knows languages only together with a territory."""
views.add_app_template_global(LOCALES, "open_graph_locales")  # type: ignore[arg-type]


@views.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Everything public may be read; addresses that hold a mailed token, and what is for staff, may not."""
    lines = ["User-agent: *", "Allow: /", *(f"Disallow: {path}" for path in _private_paths())]
    lines += ["", f"Sitemap: {links.external('machines.sitemap')}", ""]
    return shelf.keep(Response("\n".join(lines), mimetype="text/plain"), every=KEEP)


@views.get("/sitemap.xml")
def sitemap() -> ResponseReturnValue:
    pages = [
        (text, _languages(declaration)) for declaration in reading.all_declarations() for text in _texts(declaration)
    ]
    return shelf.keep(
        Response(render_template("pages/sitemap.xml", pages=pages), mimetype="application/xml"), every=KEEP
    )


@views.get("/<language:language>/<slug>/qr.svg")
def qr_code(language: str, slug: str) -> ResponseReturnValue:
    """The address of the declaration's page as a picture."""
    text = reading.find_current(slug, language) or abort(404)
    address = links.external("pages.declaration", language=text.language, slug=text.declaration.slug)
    return shelf.keep(Response(qr.svg(address), mimetype="image/svg+xml"), every=KEEP)


def _private_paths() -> list[str]:
    rules = [rule.rule for rule in current_app.url_map.iter_rules() if "token" in rule.arguments]
    tokens = {re.sub(r"<[^>]*>", "*", rule.partition("<token>")[0]) for rule in rules}
    return ["/console", *sorted(tokens)]


def _texts(declaration: Declaration) -> list[DeclarationText]:
    readable = _languages(declaration)
    found = [text for text in declaration.texts if text.current and text.language in readable]
    return sorted(found, key=lambda text: readable.index(text.language))


def _languages(declaration: Declaration) -> list[str]:
    return [language for language in declaration.plan.languages if language in languages.NAMES]
