"""Move what changed into the tally: exactly once, however often it is killed."""

from collections import Counter
from typing import cast

from sqlalchemy import delete, select, update

from petition import clock
from petition.extensions import db, insert_into
from petition.tally import writer
from petition.tally.models import Bucket, Change, Key, Tally
from petition.tally.sources import Names

BATCH = 10_000

COLUMNS = ("scope", "kind", "hour", "country", "source", "partner")


def move() -> bool:
    """Move up to 10,000 noted changes into the tally and commit; True while more are waiting.

    Does nothing while another writer is at it.
    """
    if not writer.become():
        db.session.rollback()
        return False
    now = clock.now()
    changes, taken = _take()
    names = Names()
    add(names.fold(changes))
    names.keep()
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
    row = insert_into(Bucket)
    adding = row.on_conflict_do_update(
        index_elements=COLUMNS,
        set_={"count": Bucket.count + row.excluded.count},
    )
    rows = [{**dict(zip(COLUMNS, key, strict=True)), "count": changes[key]} for key in keys]
    db.session.connection().execute(adding, rows)
    totals: Counter[tuple[int, str]] = Counter()
    for key in keys:
        totals[key[:2]] += changes[key]
    for (scope, kind), amount in totals.items():
        _add_to_total(scope, kind, amount)


def _add_to_total(scope: int, kind: str, amount: int) -> None:
    row = insert_into(Tally).values(scope=scope, kind=kind, count=amount, as_of=clock.now(), changes=1)
    adding = row.on_conflict_do_update(
        index_elements=["scope", "kind"],
        set_={"count": Tally.count + row.excluded.count, "changes": Tally.changes + 1},
    )
    db.session.execute(adding)


def _take() -> tuple[Counter[Key], int]:
    oldest = select(Change.id).order_by(Change.id).limit(BATCH)
    taken = delete(Change).where(Change.id.in_(oldest))
    changes: Counter[Key] = Counter()
    rows = db.session.execute(taken.returning(*(getattr(Change, name) for name in COLUMNS), Change.amount)).all()
    for *key, amount in rows:
        changes[cast(Key, tuple(key))] += amount
    return changes, len(rows)
