"""Ask for a delivery, find those that were asked for, cancel one."""

from collections.abc import Sequence

from sqlalchemy import select

from petition import clock
from petition.columns import new_public_id
from petition.declarations.models import Declaration
from petition.deliveries import ordering
from petition.deliveries.models import Delivery, State
from petition.deliveries.refusals import DeliveryRefused
from petition.extensions import db
from petition.staging.orders import Order

SHOWN = 100
"""As many as the screen and the command list, the newest first."""


class NotCancelled(DeliveryRefused):
    """It is finished, failed or cancelled already."""


def ask(declaration: Declaration, order: Order, *, reason: str = "", asked_by: str = "") -> Delivery:
    """Have a delivery made. Raises OrderRefused."""
    ordering.check(order, declaration, reason=reason)
    delivery = Delivery(
        public_id=new_public_id(),
        declaration=declaration,
        stored_order=ordering.to_json(order),
        reason=reason.strip(),
        asked_by=asked_by,
        asked_at=clock.now(),
    )
    db.session.add(delivery)
    db.session.flush()
    return delivery


def find(declaration: Declaration, public_id: str) -> Delivery | None:
    """The delivery of this declaration and no other."""
    return db.session.scalar(_OF.where(Delivery.declaration_id == declaration.id, Delivery.public_id == public_id))


def find_anywhere(public_id: str) -> Delivery | None:
    return db.session.scalar(_OF.where(Delivery.public_id == public_id))


def newest(declaration: Declaration | None = None) -> Sequence[Delivery]:
    query = _OF if declaration is None else _OF.where(Delivery.declaration_id == declaration.id)
    return db.session.scalars(query.order_by(Delivery.id.desc()).limit(SHOWN)).all()


def cancel(delivery: Delivery) -> None:
    """Stop what is waiting or being made; whoever makes it notices within seconds and removes what is there.

    Raises NotCancelled.
    """
    db.session.refresh(delivery, with_for_update=True)
    if delivery.state not in (State.WAITING, State.WORKING):
        raise NotCancelled("This delivery is not being made any more.")
    delivery.cancelled_at = clock.now()


_OF = select(Delivery)
