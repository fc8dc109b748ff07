"""Move what changed into the tally: exactly once, however often it is killed."""

from collections import Counter
from datetime import datetime

from sqlalchemy import delete, select, update

from petition import clock
from petition.extensions import db, insert_into
from petition.tally import writer
from petition.tally.models import Bucket, Change, Tally

BATCH = 10_000

Key = tuple[int, datetime, str, str]


def move() -> bool:
    """Move up to 10,000 noted changes into the tally and commit; True while more are waiting.

    Does nothing while another writer is at it.
    """
    if not writer.become():
        db.session.rollback()
        return False
    now = clock.now()
    changes, taken = _take()
    add(changes)
    if taken < BATCH:
        db.session.execute(update(Tally).values(as_of=now))
    db.session.commit()
    return taken == BATCH


def add(changes: Counter[Key]) -> None:
    """Add to the buckets and to their scopes' totals, in this transaction."""
    # In one order everywhere, so that no two writers wait for each other.
    keys = sorted(key for key, amount in changes.items() if amount)
    if not keys:
        return
    totals: Counter[int] = Counter()
    for key in keys:
        totals[key[0]] += changes[key]
    row = insert_into(Bucket)
    adding = row.on_conflict_do_update(
        index_elements=["scope", "hour", "country", "source"],
        set_={"count": Bucket.count + row.excluded.count},
    )
    columns = ("scope", "hour", "country", "source")
    rows = [{**dict(zip(columns, key, strict=True)), "count": changes[key]} for key in keys]
    db.session.connection().execute(adding, rows)
    for scope, amount in totals.items():
        db.session.execute(update(Tally).where(Tally.scope == scope).values(count=Tally.count + amount))


def _take() -> tuple[Counter[Key], int]:
    oldest = select(Change.id).order_by(Change.id).limit(BATCH)
    taken = delete(Change).where(Change.id.in_(oldest))
    changes: Counter[Key] = Counter()
    rows = db.session.execute(
        taken.returning(Change.scope, Change.hour, Change.country, Change.source, Change.amount)
    ).all()
    for scope, hour, country, source, amount in rows:
        changes[scope, hour, country, source] += amount
    return changes, len(rows)
