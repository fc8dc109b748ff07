"""Record that signatures were handed over: the declaration tells it, with what the delivery held."""

from collections.abc import Mapping, Sequence
from datetime import date

from petition.columns import new_public_id
from petition.declarations import telling
from petition.declarations.models import Declaration
from petition.declarations.plans import Handover, Wording
from petition.deliveries import notices
from petition.deliveries.models import Delivery


def record(
    declaration: Declaration,
    *,
    handed_on: date,
    place: str,
    handed_by: str,
    handed_to: str,
    words: Mapping[str, str],
    photos: Sequence[str],
    delivery: Delivery | None = None,
) -> Handover:
    """Record a hand-over; it is public from now on. What its delivery held then is told with it.

    The declaration's row must be locked.
    """
    handover = Handover(
        on=handed_on,
        words=Wording({language: said for language, said in words.items() if said}),
        place=place,
        handed_by=handed_by,
        handed_to=handed_to,
        photos=tuple(photos),
        count=delivery.count if delivery else None,
        as_of=delivery.as_of if delivery else None,
        manifest_sha256=(delivery.manifest_sha256 if delivery else None) or "",
        record=new_public_id(),
    )
    telling.tell(declaration, handover)
    notices.tell(declaration, handover)
    return handover
