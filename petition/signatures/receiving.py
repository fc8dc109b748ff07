"""Receive a sign form, whichever page carried it: a page of ours, or the frame inside a partner's."""

from typing import Protocol

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from petition.declarations.models import DeclarationText
from petition.defence import origins
from petition.signatures import signing, tickets
from petition.signatures.forms import SignForm
from petition.signatures.refusals import Refusal
from petition.signatures.signing import Origin
from petition.storing import store

STALE_FORM = lazy_gettext(
    "This form was opened too long ago, or the text has changed since. "
    "Please read the current text and sign once more; what you typed is still here."
)
FOREIGN_FORM = lazy_gettext("This form was sent from another site. Please sign here; what you typed is still here.")


class Page(Protocol):
    """Shows the form again, as it was typed."""

    def __call__(self, form: SignForm, *, note: LazyString | None = None, status: int = 200) -> ResponseReturnValue: ...


def receive(
    text: DeclarationText, form: SignForm, *, origin: Origin, page: Page, thanks: str, embed: str = ""
) -> ResponseReturnValue:
    """Sign: answers alike, whether the address is new, pending or has signed; ``thanks`` is where that leads.

    ``embed`` is what the form's ticket must be bound to besides the text. With ``switch`` the form only comes
    back, as it was typed: nothing is checked or stored. Raises Refusal then, where one cannot sign now.
    """
    if not origins.is_ours():
        return page(form, note=FOREIGN_FORM, status=403)
    if "switch" in request.form:
        signing.refuse_unless_open(text.declaration)
        return page(form)
    if not tickets.is_good(form.ticket.data or "", text, embed=embed):
        return page(form, note=STALE_FORM, status=409)
    if not form.validate():
        return page(form, status=422)
    try:
        rows = signing.sign(text, form.statement, address=form.address, consents=form.consents_given, origin=origin)
    except Refusal as refusal:
        return page(form, note=refusal.sentence, status=refusal.status)
    store(*rows)
    return redirect(thanks, code=303)
