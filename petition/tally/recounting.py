"""Count again from what is counted, exactly; report drift, and repair it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from petition import clock
from petition.extensions import begin_writing, db
from petition.tally import writer
from petition.tally.models import Bucket, Change, Key, Tally
from petition.tally.moving import COLUMNS, add
from petition.tally.sources import Names

Counting = Callable[[], Iterable[tuple[Key, int]]]
"""Reads how many count at each place, from the rows themselves."""


class TallyBusy(Exception):
    """Another writer is at the tally; try again in a moment."""


@dataclass(frozen=True)
class Recount:
    """What a recount found: the true number, and by how much each place of the tally was off."""

    counted: int
    drift: Counter[Key]
    totals_off: bool

    @property
    def exact(self) -> bool:
        return not self.drift and not self.totals_off


def register(app: Flask, counting: Counting) -> None:
    app.extensions.setdefault("petition.countings", []).append(counting)


def recount(*, repair: bool) -> Recount:
    """Compare the tally and its pending changes with the rows, in one snapshot; signing goes on meanwhile.

    Raises TallyBusy.
    """
    _begin_snapshot()
    if not writer.take_lock():
        db.session.rollback()
        raise TallyBusy("Another process is writing the tally; try again in a moment.")
    counted, names = _counted(), Names()
    drift = _drift(counted, names)
    found = Recount(counted=counted.total(), drift=drift, totals_off=_totals_off())
    if repair and not found.exact:
        add(drift)
        names.keep()
        _repair_totals()
    db.session.commit()
    return found


def _begin_snapshot() -> None:
    begin_writing()
    if db.engine.dialect.name == "postgresql":
        # A statement, because a connection that has begun takes no other level; nothing was read yet.
        db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        # Counting a million rows may take longer than a page may.
        db.session.execute(text("SET LOCAL statement_timeout = 0"))


def _counted() -> Counter[Key]:
    counted: Counter[Key] = Counter()
    for counting in current_app.extensions.get("petition.countings", ()):
        counted.update(dict(counting()))
    return counted


def _drift(counted: Counter[Key], names: Names) -> Counter[Key]:
    """What must be added to the buckets, once the pending changes have arrived."""
    drift = names.fold(counted)
    # As they will be moved: what the buckets hold is folded already.
    drift.subtract(names.fold(_sums(Change, Change.amount)))
    drift.subtract(_sums(Bucket, Bucket.count))
    return Counter({key: number for key, number in drift.items() if number})


def _sums(table: type[Bucket] | type[Change], amount: InstrumentedAttribute[int]) -> Counter[Key]:
    places = tuple(getattr(table, name) for name in COLUMNS)
    rows = db.session.execute(select(*places, func.sum(amount)).group_by(*places))
    return Counter({cast(Key, tuple(key)): int(number) for *key, number in rows})


def _totals() -> Counter[tuple[int, str]]:
    query = select(Bucket.scope, Bucket.kind, func.sum(Bucket.count)).group_by(Bucket.scope, Bucket.kind)
    return Counter({(scope, kind): int(total) for scope, kind, total in db.session.execute(query)})


def _totals_off() -> bool:
    off = _totals()
    for tally in db.session.scalars(select(Tally)):
        off[tally.scope, tally.kind] -= tally.count
    return any(off.values())


def _repair_totals() -> None:
    db.session.expire_all()
    totals = _totals()
    for tally in db.session.scalars(select(Tally)):
        tally.count = totals.pop((tally.scope, tally.kind), 0)
    # A kind that has lost its row, or never had one.
    for (scope, kind), count in totals.items():
        db.session.add(Tally(scope=scope, kind=kind, count=count, as_of=clock.now()))
