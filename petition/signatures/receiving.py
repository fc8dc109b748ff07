"""Receive a sign form, whichever page carried it: a page of ours, or the frame inside a partner's."""

from typing import Any, Protocol

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from petition.declarations.models import DeclarationText
from petition.defence import clients, origins
from petition.signatures import signing, tickets
from petition.signatures.carrying import Carried
from petition.signatures.forms import SignForm
from petition.signatures.models import Channel
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


def make_form(text: DeclarationText, carried: Carried, **values: Any) -> SignForm:
    """The form of this text, with the consent of the partner through whom one came."""
    return SignForm.make(text.declaration.plan, text.language, offered=carried.offered is not None, **values)


def receive(
    text: DeclarationText, carried: Carried, *, channel: Channel, page: Page, thanks: str, embed: str = ""
) -> ResponseReturnValue:
    """Sign: answers alike, whether the address is new, pending or has signed; ``thanks`` is where that leads.

    ``embed`` is what the form's ticket must be bound to besides the text. With ``switch`` the form only comes
    back, as it was typed: nothing is checked or stored. Raises Refusal then, where one cannot sign now.
    """
    form = make_form(text, carried)
    if not origins.is_ours():
        return page(form, note=FOREIGN_FORM, status=403)
    if "switch" in request.form:
        signing.refuse_unless_open(text.declaration)
        _ask_anew(form, carried)
        return page(form)
    if not tickets.is_good(form.ticket.data or "", text, embed=embed) or _ask_anew(form, carried):
        return page(form, note=STALE_FORM, status=409)
    if not form.validate():
        return page(form, status=422)
    try:
        rows = signing.sign(
            text,
            form.statement,
            address=form.address,
            consents=form.consents_given,
            origin=Origin(channel=channel, network=clients.network_hash(), **vars(carried.came)),
            shared=carried.offered if form.shares else None,
        )
    except Refusal as refusal:
        return page(form, note=refusal.sentence, status=refusal.status)
    store(*rows)
    return redirect(thanks, code=303)


def _ask_anew(form: SignForm, carried: Carried) -> bool:
    """Whether a partner was agreed to that may not be given people any more, or in other words than it has now.

    Then the box comes back empty, with the present words, if there are any.
    """
    if "partner_consent" not in request.form or request.form.get("partner_wording", "") == carried.wording:
        return False
    if "partner_consent" in form:
        form.partner_consent.data = False
    return True
