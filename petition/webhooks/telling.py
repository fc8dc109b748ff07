"""Have whoever listens be told of an event: a row for each endpoint, stored with what is told."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete

from petition import clock
from petition.columns import new_public_id
from petition.extensions import db
from petition.storing import Row
from petition.webhooks import listening
from petition.webhooks.models import Notice


def tell(
    event: str, reference: str, *, scope: int, owners: Collection[str] | None, occurred_at: datetime | None = None
) -> None:
    """Tell the endpoints of these owners, or (None) of every one. It goes out if the caller commits."""
    for row in rows(event, reference, scope=scope, owners=owners, occurred_at=occurred_at):
        db.session.add(Notice(**row.values))


def rows(
    event: str, reference: str, *, scope: int, owners: Collection[str] | None, occurred_at: datetime | None = None
) -> list[Row]:
    """The same as rows, for ``store`` to keep together with what they are about; none where nobody listens.

    They hold ids and times alone: what is told is composed when it is sent.
    """
    found = listening.find(event, scope=scope, owners=owners)
    return [_row(endpoint_id, event, reference, occurred_at or clock.now()) for endpoint_id in found]


def forget(reference: str) -> None:
    """Remove what was told of this, sent or not: its times would tell when a person did what."""
    db.session.execute(delete(Notice).where(Notice.reference == reference))


def _row(endpoint_id: int, event: str, reference: str, occurred_at: datetime) -> Row:
    values = {
        "public_id": new_public_id(),
        "endpoint_id": endpoint_id,
        "event": event,
        "reference": reference,
        "occurred_at": occurred_at,
        "due_at": clock.now(),
        "attempts": 0,
    }
    return Row(Notice, values)
