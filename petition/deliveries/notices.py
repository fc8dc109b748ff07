"""Tell other machines that signatures were handed over: what the public record says, without its persons."""

from collections.abc import Sequence

from flask_babel import lazy_gettext

from petition.declarations import notices, reading
from petition.declarations import telling as handovers
from petition.declarations.models import Declaration
from petition.declarations.plans import Handover
from petition.webhooks import telling
from petition.webhooks.events import Composed, Event, NotDue
from petition.webhooks.failures import Unsent
from petition.webhooks.models import Notice

DELIVERED = "declaration.delivered"


def tell(declaration: Declaration, handover: Handover) -> None:
    """It goes out if the caller commits."""
    telling.tell(DELIVERED, handover.record, scope=declaration.id, owners=None)


def compose(batch: Sequence[Notice]) -> list[Composed]:
    declarations = reading.all_declarations()
    return [_compose(notice.reference, declarations) for notice in batch]


EVENT = Event(DELIVERED, lazy_gettext("The signatures were handed over"), compose)


def _compose(record: str, declarations: Sequence[Declaration]) -> Composed:
    for declaration in declarations:
        if handover := handovers.find(declaration, record):
            return {
                **notices.about(declaration.slug),
                "handover": handover.record,
                "handed_on": handover.on.isoformat(),
                "place": handover.place,
                "count": handover.count,
                "manifest_sha256": handover.manifest_sha256 or None,
            }
    # A record that was wrong, and was taken back, is told to nobody who has not heard of it yet.
    return NotDue(Unsent.TAKEN_BACK)
