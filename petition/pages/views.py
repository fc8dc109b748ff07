"""The first page, a declaration's page, the privacy notice and the accessibility statement."""

from functools import cache

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from petition import clock, languages, links
from petition.declarations import contacts, reading
from petition.declarations.models import Declaration, DeclarationText
from petition.endorsements import listing
from petition.headers import never_store
from petition.signatures import carrying, newest, tickets
from petition.signatures.forms import SignForm
from petition.signatures.views import get_text, kept
from petition.tally import noting

views = Blueprint("pages", __name__)
views.add_app_template_global(links.external, "external")
views.add_app_template_global(contacts.href, "contact_link")


@views.app_template_global()
@cache
def footer(language: str) -> Markup:
    """The foot of every page in this language, which must be the page's: written once, because it never changes."""
    return Markup(render_template("_footer.html", language=language))


@views.get("/")
def home() -> ResponseReturnValue:
    """Lead to the featured declaration, in the reader's language where there is a text in it."""
    declaration = reading.find_featured() or abort(404)
    readable = [language for language in declaration.plan.languages if language in languages.NAMES]
    if not readable:
        abort(404)
    language = languages.preferred(request.accept_languages, readable)
    page = url_for("pages.declaration", language=language, slug=declaration.slug)
    carried = carrying.read(request.args, declaration.slug, language)
    response = redirect(page + carried.query, code=303)
    response.headers["Vary"] = "Accept-Language"
    return never_store(response)  # type: ignore[arg-type]


@views.get("/<language:language>/<slug>")
def declaration(language: str, slug: str) -> ResponseReturnValue:
    """The text, the count, the form. Everything that changes on it derives from the tally's row and the text.

    What a link says of a partner and a source is spliced into it.
    """
    text = get_text(slug, language)
    tally = noting.find(text.declaration_id) or abort(404)
    page = render_template(
        "pages/declaration.html",
        text=text,
        tally=tally,
        state=text.declaration.state_at(clock.now()),
        newest=newest.names(text.declaration, until=tally.as_of),
        endorsements=listing.declared(text.declaration),
        form=SignForm.make(text.declaration.plan, language, formdata=None),
        ticket=tickets.make(text, at=tally.as_of),
        carried=carrying.FOR_EVERYONE,
    )
    return kept(page, splice=carrying.splice(text))


@views.get("/<language:language>/<slug>/count")
def count(language: str, slug: str) -> ResponseReturnValue:
    """The count's part of the page, in the language's own plural and digits, for pages that stay open."""
    text = get_text(slug, language)
    tally = noting.find(text.declaration_id) or abort(404)
    response = kept(render_template("pages/_tally.html", text=text, tally=tally))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@views.get("/<language:language>/privacy")
def privacy(language: str) -> ResponseReturnValue:
    return kept(render_template("pages/privacy.html", declarations=_readable(language)))


@views.get("/<language:language>/accessibility")
def accessibility(language: str) -> ResponseReturnValue:
    return kept(render_template("pages/accessibility.html", declarations=_readable(language)))


def _readable(language: str) -> list[tuple[Declaration, DeclarationText]]:
    """The declarations that have a text in this language, each with it."""
    return [
        (each, text)
        for each in reading.all_declarations()
        for text in each.texts
        if text.current and text.language == language
    ]
