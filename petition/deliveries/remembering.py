"""Remember which signatures a delivery held, and answer what that is asked for: access and erasure."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select, update

from petition.deliveries import members
from petition.deliveries.models import Delivery, DeliveryMembers
from petition.extensions import db
from petition.signatures.models import Signature
from petition.staging.orders import Showing

LONGEST_ERASURE = timedelta(hours=1)
"""So long before it is committed an erasure may have taken its time, clocks that differ among it."""


def remember(delivery: Delivery, staging_file: Path, *, as_of: datetime) -> None:
    """Keep the members that were staged with the rows, in place of any that were kept before.

    Of whoever was erased since that snapshot the number alone. The delivery's row must be locked: an erasure that goes
    on at the same time waits then, or was waited for.
    """
    with closing(sqlite3.connect(f"file:{staging_file}?mode=ro", uri=True)) as database:
        blocks = database.execute("SELECT block, held, named FROM members ORDER BY block").fetchall()
    erased = _erased_since(delivery, as_of - LONGEST_ERASURE)
    db.session.execute(delete(DeliveryMembers).where(DeliveryMembers.delivery_id == delivery.id))
    rows = [
        {"delivery_id": delivery.id, "block": block, "held": held, "named": members.without(named, *erased[block])}
        for block, held, named in blocks
    ]
    if rows:
        db.session.execute(insert(DeliveryMembers), rows)


def _erased_since(delivery: Delivery, moment: datetime) -> dict[int, list[int]]:
    """Serial ids, by their block."""
    mine = Signature.declaration_id == delivery.declaration_id, Signature.erased_at >= moment
    found: dict[int, list[int]] = defaultdict(list)
    for serial in db.session.scalars(select(Signature.id).where(*mine)):
        found[serial // members.BLOCK].append(serial)
    return found


def shown_in(signature: Signature) -> list[tuple[Delivery, Showing]]:
    """The finished deliveries that held this signature, oldest first, and how each showed it."""
    query = (
        select(Delivery, DeliveryMembers)
        .join(DeliveryMembers, DeliveryMembers.delivery_id == Delivery.id)
        .where(
            Delivery.declaration_id == signature.declaration_id,
            DeliveryMembers.block == signature.id // members.BLOCK,
            Delivery.finished_at.is_not(None),
        )
        .order_by(Delivery.id)
    )
    return [
        (delivery, Showing.NAME if members.holds(kept.named, signature.id) else Showing.NUMBER)
        for delivery, kept in db.session.execute(query)
        if members.holds(kept.held, signature.id)
    ]


def forget(signature: Signature) -> None:
    """Remember of this signature only that it was among the number."""
    _await_remembering(signature.declaration_id)
    query = (
        select(DeliveryMembers)
        .join(Delivery, DeliveryMembers.delivery_id == Delivery.id)
        .where(
            Delivery.declaration_id == signature.declaration_id, DeliveryMembers.block == signature.id // members.BLOCK
        )
        .with_for_update(of=DeliveryMembers)
    )
    for kept in db.session.scalars(query):
        if members.holds(kept.named, signature.id):
            kept.named = members.without(kept.named, signature.id)


def _await_remembering(declaration_id: int) -> None:
    """Have whoever is about to remember a snapshot of this declaration see the erasure, or see what they remember."""
    ended = (Delivery.finished_at, Delivery.failed_at, Delivery.cancelled_at)
    making = Delivery.started_at.is_not(None), *(each.is_(None) for each in ended)
    query = select(Delivery.id).where(Delivery.declaration_id == declaration_id, *making)
    db.session.scalars(query.order_by(Delivery.id).with_for_update(read=True)).all()


def forget_names_of(declaration_id: int) -> int:
    """Forget of all deliveries of a declaration whose names they showed; returns of how many blocks."""
    theirs = select(Delivery.id).where(Delivery.declaration_id == declaration_id)
    forgetting = (
        update(DeliveryMembers)
        .where(DeliveryMembers.delivery_id.in_(theirs), DeliveryMembers.named != b"")
        .values(named=b"")
        .execution_options(synchronize_session=False)
    )
    return int(db.session.execute(forgetting).rowcount)  # type: ignore[attr-defined]
