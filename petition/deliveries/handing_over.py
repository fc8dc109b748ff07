"""Record that signatures were handed over, and tell it to the public."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from petition import clock
from petition.columns import new_public_id
from petition.declarations.models import Declaration
from petition.deliveries import notices
from petition.deliveries.models import Delivery, Handover
from petition.deliveries.refusals import DeliveryRefused
from petition.extensions import db

MOST_PHOTOS = 20


class AlreadyWithdrawn(DeliveryRefused):
    """The record was taken back before."""


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
    """Record a hand-over; it is public from now on. What its delivery held then is kept with it."""
    handover = Handover(
        public_id=new_public_id(),
        declaration=declaration,
        delivery=delivery,
        handed_on=handed_on,
        place=place,
        handed_by=handed_by,
        handed_to=handed_to,
        words={language: said for language, said in words.items() if said},
        photos=list(photos),
        manifest_sha256=delivery.manifest_sha256 if delivery else None,
        count=delivery.count if delivery else None,
        published_at=clock.now(),
    )
    db.session.add(handover)
    db.session.flush()
    notices.tell(handover)
    return handover


def withdraw(handover: Handover) -> None:
    """Take back a record that was wrong; it is public no more. Raises AlreadyWithdrawn."""
    db.session.refresh(handover, with_for_update={"of": Handover})
    if handover.withdrawn_at is not None:
        raise AlreadyWithdrawn("This record was taken back already.")
    handover.withdrawn_at = clock.now()


def find(declaration: Declaration, public_id: str) -> Handover | None:
    return db.session.scalar(_OF.where(Handover.declaration_id == declaration.id, Handover.public_id == public_id))


def published(declaration_id: int) -> Sequence[Handover]:
    """The hand-overs that the public sees, newest first."""
    query = _OF.where(Handover.declaration_id == declaration_id, Handover.withdrawn_at.is_(None))
    return db.session.scalars(query.order_by(Handover.handed_on.desc(), Handover.id.desc())).all()


def is_photo_link(link: str) -> bool:
    """Whether this is an https address with a host, as photos are linked."""
    try:
        parts = urlsplit(link)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and " " not in link
    except ValueError:
        return False


_OF = select(Handover).options(joinedload(Handover.delivery))
