"""A signature's history: everything that is known to have happened to it, in one order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, lazy_gettext, lazy_pgettext
from sqlalchemy import select

from petition.accounts.models import Account
from petition.extensions import db
from petition.signatures import moderating
from petition.signatures.models import Channel, Signature, Verdict

DECIDED = {
    Verdict.HELD: lazy_pgettext("happened to a signature", "Held"),
    Verdict.APPROVED: lazy_pgettext("happened to a signature", "Approved"),
    Verdict.INVALIDATED: lazy_pgettext("happened to a signature", "Invalidated"),
    Verdict.REINSTATED: lazy_pgettext("happened to a signature", "Reinstated"),
}
_HERE = (
    lazy_pgettext("happened to a signature", "Submitted"),
    lazy_pgettext("happened to a signature", "Confirmed"),
)
_ON_PAPER = lazy_gettext("Entered from paper"), lazy_gettext("Signed on paper")
CORRECTED = {
    "name": lazy_gettext("Name corrected by its owner"),
    "affiliation": lazy_gettext("Affiliation corrected by its owner"),
    "role": lazy_gettext("Role corrected by its owner"),
}


@dataclass(frozen=True)
class Event:
    """What happened. ``before`` is what a correction replaced; ``by`` the name of whoever decided."""

    at: datetime
    what: LazyString
    before: str | None = None
    corrected: bool = False
    reason: str = ""
    by: str = ""


def of(signature: Signature) -> list[Event]:
    """Oldest first."""
    return sorted(_events(signature), key=lambda event: event.at)


def _events(signature: Signature) -> Iterator[Event]:
    came, given = _ON_PAPER if signature.channel == Channel.PAPER else _HERE
    yield Event(signature.created_at, came)
    for at, what in (
        (signature.confirmed_at, given),
        (signature.withdrawn_at, lazy_gettext("Withdrawn by its owner")),
        (signature.erased_at, lazy_pgettext("happened to a signature", "Erased")),
    ):
        if at is not None:
            yield Event(at, what)
    for each in signature.corrections:
        yield Event(each.corrected_at, CORRECTED[each.field], before=each.value, corrected=True)
    names = _names(signature)
    for decision in signature.decisions:
        by = names.get(decision.by or "", "")
        yield Event(decision.decided_at, DECIDED[Verdict(decision.verdict)], reason=decision.reason, by=by)


def _names(signature: Signature) -> dict[str, str]:
    ids = {decision.by for decision in signature.decisions if decision.by}
    query = select(Account.public_id, Account.name).where(Account.public_id.in_(ids))
    return {public_id: name or "" for public_id, name in db.session.execute(query)}


BUTTONS = {
    Verdict.HELD: lazy_gettext("Hold"),
    Verdict.APPROVED: lazy_gettext("Approve"),
    Verdict.INVALIDATED: lazy_gettext("Invalidate"),
    Verdict.REINSTATED: lazy_gettext("Reinstate"),
}


def open_verdicts(signature: Signature) -> dict[Verdict, LazyString]:
    """What may be decided now, and what its button says."""
    return {verdict: words for verdict, words in BUTTONS.items() if moderating.is_open_to(signature, verdict)}
