"""Send notices again that were taken or given up: under the ids they had, so that a receiver can tell."""

from datetime import datetime

from sqlalchemy import or_, select, update

from petition import clock
from petition.extensions import db
from petition.webhooks.models import Notice, WebhookEndpoint
from petition.webhooks.refusals import IsDisabled

_AGAIN = {
    "attempts": 0, "claimed_until": None, "first_tried_at": None, "sent_at": None, "dropped_at": None, "reason": None,
}  # fmt: skip


def replay(notice: Notice) -> bool:
    """Have this one sent again at once, with three days of tries; False if it is waiting. Raises IsDisabled."""
    return _again(notice.endpoint, Notice.id == notice.id) == 1


def replay_since(endpoint: WebhookEndpoint, since: datetime) -> int:
    """The same for everything that happened since then and is still kept; returns how many. Raises IsDisabled."""
    return _again(endpoint, Notice.occurred_at >= since)


def find(endpoint: WebhookEndpoint, public_id: str) -> Notice | None:
    query = select(Notice).where(Notice.endpoint_id == endpoint.id, Notice.public_id == public_id)
    return db.session.scalar(query) if public_id.isascii() and "\0" not in public_id else None


def _again(endpoint: WebhookEndpoint, which: object) -> int:
    if not endpoint.on:
        raise IsDisabled
    settled = or_(Notice.sent_at.is_not(None), Notice.dropped_at.is_not(None))
    these = select(Notice.id).where(Notice.endpoint_id == endpoint.id, settled, which)  # type: ignore[arg-type]
    # Locked in the order of their ids, as everywhere.
    statement = update(Notice).where(Notice.id.in_(these.order_by(Notice.id).with_for_update()))
    options = {"synchronize_session": False}
    done = db.session.execute(statement.values(due_at=clock.now(), **_AGAIN), execution_options=options)
    db.session.expire_all()
    return int(done.rowcount)  # type: ignore[attr-defined]
