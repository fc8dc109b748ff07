"""How an endpoint fares: its last notices, and how many wait or fail, counted no further than people read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from petition.extensions import db
from petition.webhooks.models import WAITING, Notice, WebhookEndpoint

SHOWN = 50
MOST_COUNTED = 1_000
"""A page counts no further: it says that there are more."""


@dataclass(frozen=True)
class Standing:
    waiting: int
    failing: int
    """Tried in vain, and to be tried again; they wait too."""


def standing(endpoint: WebhookEndpoint) -> Standing:
    return Standing(waiting=_count(endpoint), failing=_count(endpoint, Notice.attempts > 0))


def last(endpoint: WebhookEndpoint, *, most: int = SHOWN) -> Sequence[Notice]:
    """The newest first."""
    query = select(Notice).where(Notice.endpoint_id == endpoint.id)
    return db.session.scalars(query.order_by(Notice.occurred_at.desc(), Notice.id.desc()).limit(most)).all()


def _count(endpoint: WebhookEndpoint, *conditions: ColumnElement[bool]) -> int:
    some = select(Notice.id).where(Notice.endpoint_id == endpoint.id, WAITING, *conditions).limit(MOST_COUNTED + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
