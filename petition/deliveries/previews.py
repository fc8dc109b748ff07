"""Ask for a preview, find it, claim the next, and have them gone again."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select

from petition import clock
from petition.columns import new_public_id
from petition.declarations.models import Declaration
from petition.deliveries import acts, ordering
from petition.deliveries.preview_models import WITHIN, DeliveryPreview, DeliveryPreviewPage
from petition.extensions import db, writing
from petition.signatures.models import Signature
from petition.staging.orders import Order

KEEP = timedelta(hours=1)


def ask(declaration: Declaration, order: Order, *, chosen: Iterable[tuple[str, str]]) -> DeliveryPreview:
    """Have a preview of this order made, which was checked before; that is recorded, because it shows names.

    ``chosen`` is what the form is filled with again.
    """
    preview = DeliveryPreview(
        public_id=new_public_id(),
        declaration_id=declaration.id,
        stored_order=ordering.to_json(order),
        chosen=[list(pair) for pair in chosen],
        asked_at=clock.now(),
    )
    db.session.add(preview)
    db.session.flush()
    acts.record_previewed(preview)
    return preview


def find(declaration: Declaration, public_id: str) -> DeliveryPreview | None:
    """The preview of this declaration and no other."""
    mine = DeliveryPreview.declaration_id == declaration.id, DeliveryPreview.public_id == public_id
    return db.session.scalar(select(DeliveryPreview).where(*mine))


def picture(preview: DeliveryPreview, place: int) -> bytes | None:
    page = DeliveryPreviewPage.preview_id == preview.id, DeliveryPreviewPage.place == place
    return db.session.scalar(select(DeliveryPreviewPage.png).where(*page))


def is_any_due() -> bool:
    return db.session.scalar(select(DeliveryPreview.id).where(*_DUE).limit(1)) is not None


def claim_next() -> DeliveryPreview | None:
    """Claim the oldest that waits, and commit. Each is begun once, but for an outage: whoever misses it asks again."""
    with writing():
        query = select(DeliveryPreview).where(*_DUE).order_by(DeliveryPreview.id).limit(1)
        preview = db.session.scalar(query.with_for_update(skip_locked=True))
        if preview is not None:
            preview.claimed_at = clock.now()
    return preview


def give_back(preview_id: int) -> None:
    """Have it begun anew, and commit. One that was asked for too long ago has failed: it may be itself what fails."""
    with writing():
        preview = db.session.get(DeliveryPreview, preview_id, with_for_update=True)
        if preview is None:
            return
        if preview.asked_at > clock.now() - WITHIN:
            preview.claimed_at = None
        else:
            preview.failure = "The database was away or busy for too long."


def is_at_work(public_id: str) -> bool:
    """Whether somebody may still need the files of this preview."""
    at_work = DeliveryPreview.public_id == public_id, DeliveryPreview.made_at.is_(None)
    return db.session.scalar(select(DeliveryPreview.id).where(*at_work)) is not None


def remove_old() -> None:
    """Remove those whose hour is over; commits."""
    old = DeliveryPreview.asked_at <= clock.now() - KEEP
    if db.session.scalar(select(DeliveryPreview.id).where(old).limit(1)) is not None:
        with writing():
            _remove(old)


def forget(signature: Signature) -> None:
    """Somebody is erased: their name may be on any picture of their declaration."""
    _remove(DeliveryPreview.declaration_id == signature.declaration_id)


def _remove(which: ColumnElement[bool]) -> None:
    """The database removes their pages, those too that somebody is only just writing."""
    db.session.execute(delete(DeliveryPreview).where(which).execution_options(synchronize_session=False))


_DUE = DeliveryPreview.claimed_at.is_(None), DeliveryPreview.made_at.is_(None), DeliveryPreview.failure == ""
