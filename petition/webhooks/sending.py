"""Send what is due to one endpoint: claim, compose, commit, call, record; killed anywhere, nothing is lost."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition import clock, keys, logs
from petition.extensions import db, writing
from petition.webhooks import claiming, events, outcomes, standard
from petition.webhooks.calling import Caller, CallFailed
from petition.webhooks.events import NotDue
from petition.webhooks.failures import Failure
from petition.webhooks.models import Notice, WebhookEndpoint
from petition.webhooks.outcomes import Outcome

BEGIN_WITHIN = timedelta(seconds=5)
"""A batch begins no call later than this, so that a worker that is told to stop does so soon."""
RECORD_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 4, 8))
"""Between tries to write down what was sent, while the database is away."""
_LOCK = (
    select(Notice.id)
    .where(Notice.id.in_(bindparam("notice_ids", expanding=True)))
    .order_by(Notice.id)
    .with_for_update()
)
_RECORD = (
    update(Notice)
    .where(Notice.id == bindparam("notice_id"), Notice.claimed_until == bindparam("claim"))
    .values(claimed_until=None, **{name: bindparam(name) for name in outcomes.COLUMNS})
)
_FREE = (
    update(Notice)
    .where(Notice.id == bindparam("notice_id"), Notice.claimed_until == bindparam("claim"))
    .values(claimed_until=None)
)
"""Of one that was not tried: what its last attempt left stays."""


@dataclass(frozen=True)
class Parcel:
    """A claimed notice with its finished body."""

    notice_id: int
    public_id: str
    attempts: int
    first_tried_at: datetime | None
    claimed_until: datetime
    body: bytes


@dataclass(frozen=True)
class Batch:
    endpoint_id: int
    url: str
    secrets: tuple[str, ...]
    parcels: tuple[Parcel, ...]


def send(caller: Caller, endpoint_id: int) -> int:
    """Send one batch to this endpoint; returns how many notices it took up, 0 when nothing is left to do now."""
    batch, taken = _take(endpoint_id)
    if batch is not None and batch.parcels:
        _record(batch, _call_each(caller, batch))
    return taken


def _take(endpoint_id: int) -> tuple[Batch | None, int]:
    """Claim a batch and compose it. Both are committed before anybody is called."""
    with writing():
        notices = claiming.claim(endpoint_id)
        if not notices:
            return None, 0
        endpoint = notices[0].endpoint
        return Batch(endpoint.id, endpoint.url, _secrets(endpoint), tuple(_parcels(notices))), len(notices)


def _secrets(endpoint: WebhookEndpoint) -> tuple[str, ...]:
    """The secret, and for a day after it was changed the one before, too."""
    ring = keys.ring()
    kept = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and clock.now() < endpoint.old_secret_until:
        kept.append(endpoint.old_secret)
    return tuple(ring.decrypt(each) for each in kept)


def _parcels(notices: Sequence[Notice]) -> list[Parcel]:
    """Compose the notices, and settle those that are not due."""
    try:
        with db.session.begin_nested():
            return [parcel for notice, composed in events.compose(notices) if (parcel := _settle(notice, composed))]
    except Exception as problem:
        if len(notices) > 1:
            # One notice that cannot be written must not keep the others from leaving.
            return [parcel for notice in notices for parcel in _parcels([notice])]
        [notice] = notices
        logs.get().error("notice not composed", event_name=notice.event, notice=notice.id, exc_info=problem)
        outcome = outcomes.failed(notice.attempts, Failure.FAULT, first_tried_at=notice.first_tried_at)
        for name, value in outcome.row.items():
            setattr(notice, name, value)
        notice.claimed_until = None
        return []


def _settle(notice: Notice, composed: events.Composed) -> Parcel | None:
    if isinstance(composed, NotDue):
        notice.dropped_at, notice.reason, notice.claimed_until = clock.now(), composed.reason, None
        return None
    assert notice.claimed_until is not None, "only who has claimed a notice writes it"
    return Parcel(
        notice.id,
        notice.public_id,
        notice.attempts,
        notice.first_tried_at,
        notice.claimed_until,
        standard.body(notice.event, notice.occurred_at, composed),
    )


def _call_each(caller: Caller, batch: Batch) -> list[Outcome]:
    """One after the other; after a failure or too long a time the rest is left for another batch: no outcome."""
    begin_until = clock.now() + BEGIN_WITHIN
    results: list[Outcome] = []
    for parcel in batch.parcels:
        late = clock.now() > min(begin_until, parcel.claimed_until - 2 * caller.within)
        if late or (results and not results[-1].sent_at):
            break
        results.append(_call(caller, batch, parcel))
    return results


def _call(caller: Caller, batch: Batch, parcel: Parcel) -> Outcome:
    headers = standard.headers(parcel.public_id, parcel.body, signed_with=batch.secrets, at=clock.now())
    first = parcel.first_tried_at
    try:
        answer = caller.call(batch.url, headers=headers, body=parcel.body)
    except CallFailed as problem:
        return outcomes.failed(parcel.attempts, problem.failure, first_tried_at=first)
    if answer.failure is None:
        return outcomes.taken(parcel.attempts, first_tried_at=first, status=answer.status)
    return outcomes.failed(
        parcel.attempts, answer.failure, first_tried_at=first, status=answer.status, retry_after=answer.retry_after
    )


def _record(batch: Batch, results: list[Outcome]) -> None:
    """Write down what became of the notices; only of those whose claim is still this worker's.

    What is not written down is sent again, so a database that is away for a moment is waited for.
    """
    for pause in RECORD_PAUSES:
        try:
            return _write_down(batch, results)
        except (DBAPIError, PoolTimeout):
            if clock.now() + pause > batch.parcels[0].claimed_until:
                raise
            time.sleep(pause.total_seconds())
    return _write_down(batch, results)


def _write_down(batch: Batch, results: list[Outcome]) -> None:
    claims = [{"notice_id": parcel.notice_id, "claim": parcel.claimed_until} for parcel in batch.parcels]
    tried, untried = claims[: len(results)], claims[len(results) :]
    # Whoever stores a notice points at the endpoint's row, and must not wait for this lock.
    locked = select(WebhookEndpoint).where(WebhookEndpoint.id == batch.endpoint_id).with_for_update(key_share=True)
    with writing():
        endpoint = db.session.scalars(locked.execution_options(populate_existing=True)).one()
        outcomes.note(endpoint, results)
        connection = db.session.connection()
        # In the order in which whoever takes notices back locks them, or the two could wait for each other.
        connection.execute(_LOCK, {"notice_ids": [parcel.notice_id for parcel in batch.parcels]})
        if tried:
            rows = [{**claim, **outcome.row} for claim, outcome in zip(tried, results, strict=True)]
            connection.execute(_RECORD, rows)
        if untried:
            connection.execute(_FREE, untried)
