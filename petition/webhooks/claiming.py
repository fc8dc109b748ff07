"""Claim notices that are due: a few of one endpoint, which one worker then has in hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from petition import clock
from petition.extensions import db
from petition.webhooks.models import ON, WAITING, Notice, WebhookEndpoint

BATCH = 25
CLAIM_FOR = timedelta(seconds=60)
"""How long a worker has its notices in hand; one that dies leaves them to others after this."""


def endpoints_due() -> list[tuple[int, bool]]:
    """The endpoints for which something is due, each with whether it is failing."""
    now = clock.now()
    waits = exists().where(Notice.endpoint_id == WebhookEndpoint.id, _due(now))
    query = select(WebhookEndpoint.id, WebhookEndpoint.failures).where(_may_be_called(now), waits)
    return [(row.id, row.failures > 0) for row in db.session.execute(query.order_by(WebhookEndpoint.id))]


def claim(endpoint_id: int) -> Sequence[Notice]:
    """Claim what is due for this endpoint, for the caller to commit; of one that is failing a single notice, to try."""
    now = clock.now()
    endpoint = db.session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, _may_be_called(now)))
    if endpoint is None:
        return []
    query = select(Notice).where(Notice.endpoint_id == endpoint_id, _due(now)).order_by(Notice.due_at)
    limited = query.limit(1 if endpoint.failures else BATCH)
    notices = db.session.scalars(limited.with_for_update(skip_locked=True, of=Notice)).all()
    for notice in notices:
        notice.claimed_until = now + CLAIM_FOR
    return notices


def _may_be_called(now: datetime) -> ColumnElement[bool]:
    rested = or_(WebhookEndpoint.rests_until.is_(None), WebhookEndpoint.rests_until <= now)
    return and_(ON, rested)


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(WAITING, Notice.due_at <= now, or_(Notice.claimed_until.is_(None), Notice.claimed_until < now))
