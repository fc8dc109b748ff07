"""The worker's round that counts: what is cheap in every round, what takes longer as seldom as that is worth."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from petition import clock
from petition.console.figures import MOST_SOURCES, Figures
from petition.console.models import StoredFigures
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.endorsements import standing as endorsements_standing
from petition.extensions import db, insert_into, writing
from petition.outbox import counting as mails
from petition.signatures import standing
from petition.tally.models import ORGANISATION, PERSON, Bucket, Tally

EVERY = timedelta(seconds=15)
SELDOM = timedelta(minutes=10)
"""How often a declaration is counted that has been closed for some days, and whatever seems not to have changed."""
CLAIM_FOR = timedelta(minutes=1)
SHARE = 50
"""What takes a second to count is counted at most every 50 seconds: a round is cheap at any size."""
STILL_CHANGES = timedelta(days=8)
"""Submissions that are older are hardly ever confirmed: what was counted of their days stays as it is."""
FIRST_LOOK = timedelta(days=31)
"""The first count reaches back as far as submissions are kept."""
_NO_LONGER_THAN = timedelta(days=2)


def count_all() -> bool:
    """Count every declaration that is due, each by one worker at a time, and commit."""
    for declaration in reading.all_declarations():
        before = _claim(declaration.id)
        if before is not None:
            counted = count(declaration, before)
            _keep(declaration, counted)
    return False


def count(declaration: Declaration, before: Figures) -> Figures:
    """The figures now; of what takes long to count, and is not worth it yet, those from before."""
    quick = _quick(declaration, before)
    fingerprint = _fingerprint(declaration, quick)
    if not _is_due(before, fingerprint):
        return quick
    began = time.monotonic()
    slow = _slow(declaration, quick)
    took = round(time.monotonic() - began, 4)
    return replace(quick, **slow, worked_out_at=clock.now().isoformat(), took=took, fingerprint=fingerprint)


def _claim(declaration_id: int) -> Figures | None:
    """What was counted before, nothing at all where that is so, or None while another worker has it in hand."""
    now = clock.now()
    row = insert_into(StoredFigures).values(declaration_id=declaration_id, claimed_until=now + CLAIM_FOR)
    claiming = row.on_conflict_do_update(
        index_elements=["declaration_id"],
        set_={"claimed_until": row.excluded.claimed_until},
        where=StoredFigures.claimed_until <= now,
    )
    with writing():
        claimed = db.session.execute(claiming.returning(StoredFigures.stored)).first()
    return None if claimed is None else Figures.from_json(claimed.stored or {})


def _keep(declaration: Declaration, counted: Figures) -> None:
    now = clock.now()
    closed = declaration.closes_at is not None and now > declaration.closes_at + _NO_LONGER_THAN
    # A little less than a round, so that it is due again when the next one comes.
    free_again = now + (SELDOM if closed else EVERY * 0.8)
    with writing():
        db.session.execute(
            update(StoredFigures)
            .where(StoredFigures.declaration_id == declaration.id)
            .values(as_of=now, stored=counted.to_json(), claimed_until=free_again)
        )


def _quick(declaration: Declaration, before: Figures) -> Figures:
    """What a few rows or an index alone can say."""
    tallies = _tallies(declaration.id)
    posted = mails.count(declaration.id)
    zone = declaration.plan.time_zone
    hours = _by_hour(declaration.id, since=_midnight(zone, days_ago=7))
    return replace(
        before,
        signatures=tallies.get(PERSON, 0),
        organisations=tallies.get(ORGANISATION, 0),
        organisations_waiting=endorsements_standing.count_held(declaration.id),
        **vars(standing.count_uncounted(declaration.id)),
        mails_waiting=posted.waiting,
        mails_retrying=posted.retrying,
        mails_refused=posted.refused,
        hours={clock.iso(hour): number for hour, number in hours.items()},
        days=_with(before.days, _by_day(hours, zone), since=_midnight(zone, days_ago=7), zone=zone),
    )


def _slow(declaration: Declaration, quick: Figures) -> dict[str, Any]:
    zone = declaration.plan.time_zone
    sources = Counter(_grouped(declaration.id, Bucket.source)).most_common()
    return {
        "days": _by_day(_by_hour(declaration.id), zone),
        "countries": dict(Counter(_grouped(declaration.id, Bucket.country)).most_common()),
        "sources": dict(sources[:MOST_SOURCES]),
        "other_sources": sum(number for _source, number in sources[MOST_SOURCES:]),
        **_submissions(declaration, quick),
    }


def _submissions(declaration: Declaration, quick: Figures) -> dict[str, Any]:
    """By day, and how many are pending. Both are cut to the hour."""
    zone = declaration.plan.time_zone
    back = STILL_CHANGES if quick.asked else FIRST_LOOK
    since = _midnight(zone, days_ago=back.days)
    oldest_pending = clock.hour_of(clock.now() - standing.PENDING_FOR)
    came: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    pending = 0
    for hour in standing.submissions_by_hour(declaration.id, since=since):
        day = clock.in_zone(hour.at, zone).date().isoformat()
        came[day] += hour.came
        confirmed[day] += hour.confirmed
        if hour.at >= oldest_pending:
            pending += hour.came - hour.confirmed
    found = {day: (number, confirmed[day]) for day, number in came.items()}
    return {"pending": pending, "asked": _with(quick.asked, found, since=since, zone=zone)}


def _is_due(before: Figures, fingerprint: str) -> bool:
    if not before.worked_out_at:
        return True
    pause = timedelta(seconds=SHARE * before.took)
    if before.fingerprint == fingerprint:
        pause = max(pause, SELDOM)
    return clock.now() >= datetime.fromisoformat(before.worked_out_at) + pause


def _fingerprint(declaration: Declaration, quick: Figures) -> str:
    """Whatever the slow figures show changes one of these, or within the hour."""
    changes = db.session.scalars(select(Tally.changes).where(Tally.scope == declaration.id).order_by(Tally.kind))
    newest = standing.newest_submission(declaration.id)
    zone = declaration.plan.time_zone
    return f"{list(changes)} {newest} {zone} {clock.iso(clock.hour_of(clock.now()))} {quick.withdrawn}"


def _tallies(scope: int) -> dict[str, int]:
    return {row.kind: row.count for row in db.session.scalars(select(Tally).where(Tally.scope == scope))}


def _by_hour(scope: int, *, since: datetime | None = None) -> dict[datetime, int]:
    query = select(Bucket.hour, func.sum(Bucket.count)).where(Bucket.scope == scope, Bucket.kind == PERSON)
    if since is not None:
        query = query.where(Bucket.hour >= since)
    return {hour: int(number) for hour, number in db.session.execute(query.group_by(Bucket.hour)) if number}


def _by_day(hours: Mapping[datetime, int], zone: str) -> dict[str, int]:
    """An hour in which a zone's midnight lies belongs to the day on which it began."""
    days: Counter[str] = Counter()
    for hour, number in hours.items():
        days[clock.in_zone(hour, zone).date().isoformat()] += number
    return dict(days)


def _grouped(scope: int, column: Any) -> dict[str, int]:
    query = select(column, func.sum(Bucket.count)).where(Bucket.scope == scope, Bucket.kind == PERSON)
    return {key: int(number) for key, number in db.session.execute(query.group_by(column)) if number > 0}


def _with(before: Mapping[str, Any], found: Mapping[str, Any], *, since: datetime, zone: str) -> dict[str, Any]:
    """What was kept of the days before, and what was found of those since then, in place of what was kept of them."""
    first = clock.in_zone(since, zone).date().isoformat()
    return {**{day: kept for day, kept in before.items() if day < first}, **found}


def _midnight(zone: str, *, days_ago: int) -> datetime:
    """The first full hour that begins on a day of this zone."""
    today = clock.in_zone(clock.now(), zone).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = today - timedelta(days=days_ago)
    hour = clock.hour_of(midnight)
    return hour if hour == midnight else hour + timedelta(hours=1)
