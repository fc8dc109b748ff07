"""Remember which signatures a delivery held, and answer what that is asked for: access and erasure."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, insert, select, update

from petition.deliveries import members
from petition.deliveries.models import Delivery, DeliveryMembers
from petition.extensions import db
from petition.signatures.models import Signature
from petition.staging.orders import Showing


def remember(delivery_id: int, staging_file: Path) -> None:
    """Keep the members that were staged with the rows, in place of any that were kept before."""
    with closing(sqlite3.connect(f"file:{staging_file}?mode=ro", uri=True)) as database:
        blocks = database.execute("SELECT block, held, named FROM members ORDER BY block").fetchall()
    db.session.execute(delete(DeliveryMembers).where(DeliveryMembers.delivery_id == delivery_id))
    rows = [{"delivery_id": delivery_id, "block": block, "held": held, "named": named} for block, held, named in blocks]
    if rows:
        db.session.execute(insert(DeliveryMembers), rows)


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
