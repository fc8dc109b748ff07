"""Tell other machines that somebody signed or withdrew: which signature, and nothing of the person."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select

from petition.declarations import notices
from petition.declarations.notices import ORGANISERS
from petition.extensions import db
from petition.signatures.models import Signature
from petition.storing import Row
from petition.webhooks import telling
from petition.webhooks.events import Composed, Event, NotDue
from petition.webhooks.models import Notice

CONFIRMED = "signature.confirmed"
WITHDRAWN = "signature.withdrawn"


def confirmed(public_id: str, *, declaration_id: int) -> list[Row]:
    """Rows to be inserted together with the signature; none where nobody listens."""
    return telling.rows(CONFIRMED, public_id, scope=declaration_id, owners=(ORGANISERS,))


def tell(event: str, signature: Signature) -> None:
    """Tell of a signature that was there before. It goes out if the caller commits."""
    telling.tell(event, signature.public_id, scope=signature.declaration_id, owners=(ORGANISERS,))


def forget(signature: Signature) -> None:
    """Its person is forgotten: remove what was told of it, and tell that it was withdrawn, again where it was told.

    An erasure that follows a withdrawal may find that notice still waiting.
    """
    telling.forget(signature.public_id)
    tell(WITHDRAWN, signature)


def compose(batch: Sequence[Notice]) -> list[Composed]:
    """The id by which both events name a signature, and through what it came.

    Neither name nor country nor visibility: whoever chose to be a number alone must stay one. That somebody
    confirmed is told no more once they have been erased; that they withdrew, always.
    """
    found = _find([notice.reference for notice in batch])
    slugs = notices.slugs(signature.declaration_id for signature in found.values())
    return [_compose(notice, found.get(notice.reference), slugs) for notice in batch]


EVENTS = (
    Event(CONFIRMED, lazy_gettext("A signature was confirmed"), compose),
    Event(WITHDRAWN, lazy_gettext("A signature was withdrawn"), compose),
)


def _find(public_ids: Sequence[str]) -> dict[str, Signature]:
    query = select(Signature).where(Signature.public_id.in_(public_ids))
    return {signature.public_id: signature for signature in db.session.scalars(query)}


def _compose(notice: Notice, signature: Signature | None, slugs: dict[int, str]) -> Composed:
    if signature is None:
        return NotDue("no-such-signature")
    if notice.event == CONFIRMED and signature.erased_at is not None:
        return NotDue("erased")
    data: dict[str, Any] = {**notices.about(slugs[signature.declaration_id]), "signature": signature.public_id}
    if notice.event == CONFIRMED:
        data |= {"channel": signature.channel, "source": signature.source or None}
    return data
