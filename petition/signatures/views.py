"""The pages on which people sign: the form, and what comes after it."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from petition import clock
from petition.declarations import reading
from petition.declarations.models import DeclarationText
from petition.defence.limits import limit_posts
from petition.headers import never_store
from petition.settings import Settings
from petition.shelf import shelf
from petition.shelf.splicing import Splice
from petition.signatures import carrying, receiving, signing, tickets
from petition.signatures.carrying import Carried
from petition.signatures.forms import CodeForm, SignForm
from petition.signatures.models import Channel
from petition.signatures.refusals import Refusal

views = Blueprint("signatures", __name__)


@views.errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    page = render_template("signatures/refused.html", heading=refusal.heading, sentence=refusal.sentence)
    return never_store(make_response(page, refusal.status))


@views.get("/<language:language>/<slug>/sign")
def form(language: str, slug: str) -> ResponseReturnValue:
    """The form alone."""
    text = get_text(slug, language)
    signing.refuse_unless_open(text.declaration)
    carried = carrying.read(request.args, slug, language)
    return _form_page(text, carried, receiving.make_form(text, carried))


@views.post("/<language:language>/<slug>/sign")
@limit_posts
def sign(language: str, slug: str) -> ResponseReturnValue:
    """Sign; with ``switch`` the form only comes back in this language."""
    text = get_text(slug, language)
    carried = carrying.read(request.form, slug, language)
    return receiving.receive(
        text,
        carried,
        channel=Channel.WEB,
        page=partial(_form_page, text, carried),
        thanks=url_for("signatures.check_your_mail", language=language, slug=slug) + carried.query,
    )


@views.get("/<language:language>/<slug>/check-your-mail")
def check_your_mail(language: str, slug: str) -> ResponseReturnValue:
    """What everyone sees after signing, whoever they are; the way back to the form carries on what came with it."""
    text = get_text(slug, language)
    values: dict[str, Any] = {"text": text, "form": CodeForm(formdata=None), "carried": carrying.FOR_EVERYONE}
    page = render_template("signatures/check_your_mail.html", **values)
    return kept(page, splice=carrying.splice(text))


def get_text(slug: str, language: str) -> DeclarationText:
    """The current text, or the page that says it is not here."""
    return reading.find_current(slug, language) or abort(404)


def kept(page: str, *, splice: Splice | None = None) -> Response:
    """An answer that is the same for everyone, for the shelf and for caches, but for what ``splice`` fills in."""
    settings: Settings = current_app.extensions["petition.settings"]
    return shelf.keep(make_response(page), every=settings.tally_every, splice=splice)


def _form_page(
    text: DeclarationText, carried: Carried, form: SignForm, *, note: LazyString | None = None, status: int = 200
) -> ResponseReturnValue:
    ticket = tickets.make(text, at=clock.now())
    values: dict[str, Any] = {"text": text, "form": form, "note": note, "ticket": ticket, "carried": carried}
    return never_store(make_response(render_template("signatures/sign.html", **values), status))
