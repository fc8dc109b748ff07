"""Have whoever listens be told of an event: a row for each endpoint, stored with what is told."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Row as RowOf
from sqlalchemy import and_, delete, select, update

from petition import clock
from petition.columns import new_public_id
from petition.extensions import db
from petition.storing import Row
from petition.webhooks import listening, sweeping
from petition.webhooks.models import WAITING, Notice

UNHEARD = and_(Notice.tried_at.is_(None), Notice.claimed_until.is_(None))
"""What certainly nobody has been told: a notice that was tried in vain may have been taken all the same."""


def tell(
    event: str, reference: str, *, scope: int, owners: Collection[str] | None, occurred_at: datetime | None = None
) -> None:
    """Tell the endpoints of these owners, or (None) of every one. It goes out if the caller commits."""
    for row in rows(event, reference, scope=scope, owners=owners, occurred_at=occurred_at):
        db.session.add(Notice(**row.values))


def tell_end(
    event: str, reference: str, *, scope: int, owners: Collection[str], beginnings: Collection[str], since: datetime
) -> None:
    """The same of an end. Endpoints for which a beginning of this waits, and nothing went before, hear of neither.

    ``since`` is when the first of it can have been told; where notices of then are kept no more, nobody is passed over.
    """
    kept_all = since >= clock.now() - sweeping.KEEP
    unheard = _take_back(reference, beginnings) if kept_all else set()
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


def lock(references: Collection[str]) -> None:
    """Lock what was told of these, as the worker does: in the order of the ids. Of many, before the first is told."""
    _locked(references)


def forget(reference: str, *, but: Collection[str]) -> None:
    """Remove what was told of this, sent or not: its times would tell when a person did what.

    Events ``but`` that wait are told all the same, as of now.
    """
    lock([reference])
    still = and_(Notice.reference == reference, Notice.event.in_(but), WAITING)
    db.session.execute(delete(Notice).where(Notice.reference == reference, ~still))
    db.session.execute(update(Notice).where(still).values(occurred_at=clock.now()))


def _take_back(reference: str, beginnings: Collection[str]) -> set[int]:
    """Remove what waits for endpoints that have heard nothing of this; returns their ids.

    A notice that is just being sent is waited for.
    """
    told = _locked([reference])
    # What begins with an end had its beginning elsewhere: before the endpoint was there, or in a list.
    first = {row.endpoint_id: row.event for row in reversed(told)}
    heard = {row.endpoint_id for row in told if not row.unheard}
    unheard = {endpoint_id for endpoint_id, event in first.items() if event in beginnings} - heard
    if unheard:
        db.session.execute(delete(Notice).where(Notice.reference == reference, Notice.endpoint_id.in_(unheard)))
    return unheard


def _locked(references: Collection[str]) -> Sequence[RowOf[int, str, bool]]:
    """The endpoint and the event of each notice of these, and whether it is unheard; the oldest first."""
    columns = (Notice.endpoint_id, Notice.event, UNHEARD.label("unheard"))
    query = select(*columns).where(Notice.reference.in_(references)).order_by(Notice.id)
    return db.session.execute(query.with_for_update()).all()


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
