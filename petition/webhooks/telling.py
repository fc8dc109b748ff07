"""Have whoever listens be told of an event: a row for each endpoint, stored with what is told."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, select, update

from petition import clock
from petition.columns import new_public_id
from petition.extensions import db
from petition.storing import Row
from petition.webhooks import listening
from petition.webhooks.models import WAITING, Notice

UNHEARD = and_(Notice.tried_at.is_(None), Notice.claimed_until.is_(None))
"""What certainly nobody has been told: a notice that was tried in vain may have been taken all the same."""


def tell(
    event: str, reference: str, *, scope: int, owners: Collection[str] | None, occurred_at: datetime | None = None
) -> None:
    """Tell the endpoints of these owners, or (None) of every one. It goes out if the caller commits."""
    for row in rows(event, reference, scope=scope, owners=owners, occurred_at=occurred_at):
        db.session.add(Notice(**row.values))


def tell_end(event: str, reference: str, *, scope: int, owners: Collection[str]) -> None:
    """The same of an end. Endpoints that have heard nothing of this yet hear neither of it nor of its end."""
    unheard = _take_back(reference)
    for row in rows(event, reference, scope=scope, owners=owners):
        if row.values["endpoint_id"] not in unheard:
            db.session.add(Notice(**row.values))


def rows(
    event: str, reference: str, *, scope: int, owners: Collection[str] | None, occurred_at: datetime | None = None
) -> list[Row]:
    """The same as rows, for ``store`` to keep together with what they are about; none where nobody listens.

    They hold ids and times alone: what is told is composed when it is sent.
    """
    found = listening.find(event, scope=scope, owners=owners)
    return [_row(endpoint_id, event, reference, occurred_at or clock.now()) for endpoint_id in found]


def forget(reference: str, *, but: str) -> None:
    """Remove what was told of this, sent or not: its times would tell when a person did what.

    An event ``but`` that waits is told all the same, as of now.
    """
    still = and_(Notice.reference == reference, Notice.event == but, WAITING)
    db.session.execute(delete(Notice).where(Notice.reference == reference, ~still))
    db.session.execute(update(Notice).where(still).values(occurred_at=clock.now()))


def _take_back(reference: str) -> set[int]:
    """Remove what waits for endpoints that have heard nothing of this; returns their ids.

    A notice that is just being sent is waited for.
    """
    query = select(Notice.endpoint_id, UNHEARD).where(Notice.reference == reference).with_for_update()
    waiting = db.session.execute(query).all()
    unheard = {row[0] for row in waiting} - {row[0] for row in waiting if not row[1]}
    if unheard:
        db.session.execute(delete(Notice).where(Notice.reference == reference, Notice.endpoint_id.in_(unheard)))
    return unheard


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
