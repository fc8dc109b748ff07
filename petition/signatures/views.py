"""The pages on which people sign: the form, and what comes after it."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from petition import clock
from petition.declarations import reading
from petition.declarations.models import DeclarationText
from petition.defence import clients, origins
from petition.defence.limits import limit_posts
from petition.headers import never_store
from petition.settings import Settings
from petition.shelf import shelf
from petition.shelf.splicing import Splice
from petition.signatures import carrying, signing, tickets
from petition.signatures.carrying import Carried
from petition.signatures.forms import CodeForm, SignForm
from petition.signatures.refusals import Refusal
from petition.signatures.signing import Origin
from petition.storing import store

views = Blueprint("signatures", __name__)

STALE_FORM = lazy_gettext(
    "This form was opened too long ago, or the text has changed since. "
    "Please read the current text and sign once more; what you typed is still here."
)
FOREIGN_FORM = lazy_gettext("This form was sent from another site. Please sign here; what you typed is still here.")


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
    return _form_page(text, _make_form(text, carried), carried)


@views.post("/<language:language>/<slug>/sign")
@limit_posts
def sign(language: str, slug: str) -> ResponseReturnValue:
    """Sign: answers alike, whether the address is new, pending or has signed.

    With ``switch`` the form only comes back in this language, as it was typed: nothing is checked or stored.
    """
    text = get_text(slug, language)
    carried = carrying.read(request.form, slug, language)
    form = _make_form(text, carried)
    if not origins.is_ours():
        return _form_page(text, form, carried, note=FOREIGN_FORM, status=403)
    if "switch" in request.form:
        signing.refuse_unless_open(text.declaration)
        _ask_anew(form, carried)
        return _form_page(text, form, carried)
    if not tickets.is_good(form.ticket.data or "", text) or _ask_anew(form, carried):
        return _form_page(text, form, carried, note=STALE_FORM, status=409)
    if not form.validate():
        return _form_page(text, form, carried, status=422)
    try:
        rows = signing.sign(
            text,
            form.statement,
            address=form.address,
            consents=form.consents_given,
            origin=Origin(network=clients.network_hash(), **vars(carried.came)),
            shared=carried.offered if form.shares else None,
        )
    except Refusal as refusal:
        return _form_page(text, form, carried, note=refusal.sentence, status=refusal.status)
    store(*rows)
    return redirect(url_for("signatures.check_your_mail", language=language, slug=slug), code=303)


@views.get("/<language:language>/<slug>/check-your-mail")
def check_your_mail(language: str, slug: str) -> ResponseReturnValue:
    """What everyone sees after signing, whoever they are."""
    text = get_text(slug, language)
    page = render_template("signatures/check_your_mail.html", text=text, form=CodeForm(formdata=None))
    return kept(page)


def get_text(slug: str, language: str) -> DeclarationText:
    """The current text, or the page that says it is not here."""
    return reading.find_current(slug, language) or abort(404)


def kept(page: str, *, splice: Splice | None = None) -> Response:
    """An answer that is the same for everyone, for the shelf and for caches, but for what ``splice`` fills in."""
    settings: Settings = current_app.extensions["petition.settings"]
    return shelf.keep(make_response(page), every=settings.tally_every, splice=splice)


def _make_form(text: DeclarationText, carried: Carried) -> SignForm:
    return SignForm.make(text.declaration.plan, text.language, offered=carried.offered is not None)


def _ask_anew(form: SignForm, carried: Carried) -> bool:
    """Whether a partner was agreed to that may not be given people any more, or in other words than it has now.

    Then the box comes back empty, with the present words, if there are any.
    """
    if "partner_consent" not in request.form or request.form.get("partner_wording", "") == carried.wording:
        return False
    if "partner_consent" in form:
        form.partner_consent.data = False
    return True


def _form_page(
    text: DeclarationText, form: SignForm, carried: Carried, *, note: LazyString | None = None, status: int = 200
) -> ResponseReturnValue:
    ticket = tickets.make(text, at=clock.now())
    values: dict[str, Any] = {"text": text, "form": form, "note": note, "ticket": ticket, "carried": carried}
    return never_store(make_response(render_template("signatures/sign.html", **values), status))
