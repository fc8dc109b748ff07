"""Tell other machines that signatures were handed over: what the public record says, without its persons."""

from collections.abc import Sequence

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from petition.declarations import notices
from petition.deliveries.models import Handover
from petition.extensions import db
from petition.webhooks import telling
from petition.webhooks.events import Composed, Event, NotDue
from petition.webhooks.models import Notice

DELIVERED = "declaration.delivered"


def tell(handover: Handover) -> None:
    """It goes out if the caller commits."""
    telling.tell(DELIVERED, handover.public_id, scope=handover.declaration.id, owners=None)


def compose(batch: Sequence[Notice]) -> list[Composed]:
    query = select(Handover).where(Handover.public_id.in_([notice.reference for notice in batch]))
    found = {row.public_id: row for row in db.session.scalars(query.options(joinedload(Handover.declaration)))}
    return [_compose(found.get(notice.reference)) for notice in batch]


EVENT = Event(DELIVERED, lazy_gettext("The signatures were handed over"), compose)


def _compose(handover: Handover | None) -> Composed:
    if handover is None or handover.withdrawn_at is not None:
        # A record that was wrong is told to nobody who has not heard of it yet.
        return NotDue("taken-back")
    return {
        **notices.about(handover.declaration.slug),
        "handover": handover.public_id,
        "handed_on": handover.handed_on.isoformat(),
        "place": handover.place,
        "count": handover.count,
        "manifest_sha256": handover.manifest_sha256,
    }
