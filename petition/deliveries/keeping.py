"""What this room keeps of a person: in which deliveries their signature was, and how it was shown there."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from petition import clock
from petition.declarations.models import Declaration
from petition.deliveries import remembering
from petition.extensions import db
from petition.privacy.keepers import Keeper, Person
from petition.signatures.models import Signature


def access(person: Person) -> Mapping[str, Any]:
    signature = _signature(person)
    found = remembering.shown_in(signature) if signature else []
    return {
        "deliveries": [
            {
                "delivery": delivery.public_id,
                "reader": delivery.stored_order["reader"],
                "as_of": delivery.as_of and clock.iso(delivery.as_of),
                "shown": showing.value,
                "with_address": delivery.stored_order["with_addresses"] and showing == "name",
            }
            for delivery, showing in found
        ]
    }


def purge() -> int:
    """When retention ends, so does the memory of whose names were shown."""
    now, purged = clock.now(), 0
    for declaration in db.session.scalars(select(Declaration).where(Declaration.closes_at.is_not(None))):
        if declaration.closes_at and declaration.closes_at + timedelta(days=declaration.plan.retention_days) <= now:
            purged += remembering.forget_names_of(declaration.id)
    return purged


# Forgetting is told by the signatures (signatures/forgetting.py): some have no mailbox to be found by.
KEEPER = Keeper("deliveries", access=access, forget=lambda person: [], purge=purge)


def _signature(person: Person) -> Signature | None:
    mine = Signature.declaration_id == person.scope, Signature.mailbox == person.mailbox
    return db.session.scalar(select(Signature).where(*mine))
