"""The pages on which organisations endorse: the form, what comes after it, and the list."""

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from petition import clock
from petition.declarations import reading
from petition.declarations.models import DeclarationText
from petition.defence import origins
from petition.defence.limits import limit_posts
from petition.endorsements import endorsing, listing, tickets
from petition.endorsements.forms import EndorseForm
from petition.endorsements.listing import CursorRefused
from petition.endorsements.refusals import Refusal
from petition.headers import never_store
from petition.settings import Settings
from petition.shelf import shelf
from petition.storing import store

views = Blueprint("endorsements", __name__)

STALE_FORM = lazy_gettext(
    "This form was opened too long ago, or the text has changed since. "
    "Please read the current text and send it once more; what you typed is still here."
)
FOREIGN_FORM = lazy_gettext(
    "This form was sent from another site. Please send it from here; what you typed is still here."
)


@views.errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    page = render_template("endorsements/refused.html", sentence=refusal.sentence)
    return never_store(make_response(page, refusal.status))


@views.get("/<language:language>/<slug>/endorse")
def form(language: str, slug: str) -> ResponseReturnValue:
    """The form alone."""
    text = _get_text(slug, language)
    endorsing.refuse_unless_open(text.declaration)
    return _form_page(text, EndorseForm())


@views.post("/<language:language>/<slug>/endorse")
@limit_posts
def endorse(language: str, slug: str) -> ResponseReturnValue:
    """Endorse: answers alike, whether the address is new, pending or has endorsed.

    With ``switch`` the form only comes back in this language, as it was typed: nothing is checked or stored.
    """
    text = _get_text(slug, language)
    form = EndorseForm()
    if not origins.is_ours():
        return _form_page(text, form, note=FOREIGN_FORM, status=403)
    if "switch" in request.form:
        endorsing.refuse_unless_open(text.declaration)
        return _form_page(text, form)
    if not tickets.is_good(form.ticket.data or "", text):
        return _form_page(text, form, note=STALE_FORM, status=409)
    if not form.validate():
        return _form_page(text, form, status=422)
    try:
        rows = endorsing.endorse(text, form.statement, address=form.address)
    except Refusal as refusal:
        return _form_page(text, form, note=refusal.sentence, status=refusal.status)
    store(*rows)
    return redirect(url_for("endorsements.check_your_mail", language=language, slug=slug), code=303)


@views.get("/<language:language>/<slug>/endorse/check-your-mail")
def check_your_mail(language: str, slug: str) -> ResponseReturnValue:
    """What everyone sees after endorsing, whoever they are."""
    return _kept(render_template("endorsements/check_your_mail.html", text=_get_text(slug, language)))


@views.get("/<language:language>/<slug>/endorsements")
def endorsements(language: str, slug: str) -> ResponseReturnValue:
    """The organisations whose endorsement was approved, newest first; ``?after=`` continues the list."""
    text = _get_text(slug, language)
    try:
        page = listing.page(text.declaration, after=request.args.get("after"))
    except CursorRefused:
        abort(404)
    state = text.declaration.state_at(clock.now())
    total = listing.count(text.declaration)
    return _kept(render_template("endorsements/endorsements.html", text=text, page=page, state=state, total=total))


def _get_text(slug: str, language: str) -> DeclarationText:
    """The current text, or the page that says it is not here."""
    return reading.find_current(slug, language) or abort(404)


def _kept(page: str) -> Response:
    """An answer that is the same for everyone, for the shelf and for caches."""
    settings: Settings = current_app.extensions["petition.settings"]
    return shelf.keep(make_response(page), every=settings.tally_every)


def _form_page(
    text: DeclarationText, form: EndorseForm, *, note: LazyString | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "endorsements/endorse.html",
        text=text,
        form=form,
        note=note,
        wording=endorsing.wording(text.language),
        ticket=tickets.make(text, at=clock.now()),
    )
    return never_store(make_response(page, status))
