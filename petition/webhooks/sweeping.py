"""Remove notices that have been kept for their time."""

from datetime import timedelta

from sqlalchemy import delete, select

from petition import clock
from petition.extensions import db
from petition.webhooks.models import Notice, WebhookEndpoint

KEEP = timedelta(days=30)
"""For so long a notice can be replayed."""
BATCH = 5_000
"""Rows of one endpoint that one sweep removes at most; the next goes on."""


def sweep() -> int:
    """Remove a batch of each endpoint's notices of more than 30 days ago, sent or not."""
    gone = clock.now() - KEEP
    removed = 0
    for endpoint_id in db.session.scalars(select(WebhookEndpoint.id)).all():
        batch = select(Notice.id).where(Notice.endpoint_id == endpoint_id, Notice.occurred_at < gone).limit(BATCH)
        # What somebody has in hand is left to the next sweep: waiting here, the two could wait for each other.
        batch = batch.with_for_update(skip_locked=True)
        statement = delete(Notice).where(Notice.id.in_(batch)).execution_options(synchronize_session=False)
        removed += int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
    return removed
