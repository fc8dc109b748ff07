"""One process makes a delivery: it claims the row, and keeps claiming it for as long as it lives."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, or_, select, update

from petition import clock, logs, outages
from petition.columns import new_public_id
from petition.deliveries import places
from petition.deliveries.models import Delivery
from petition.deliveries.refusals import Cancelled, Lost, Stopped
from petition.extensions import db, writing

LEASE = timedelta(seconds=30)
"""A process that was killed is missed after so long, and another goes on."""
BEAT_EVERY = 2.0
ASK_EVERY = 1.0
"""Seconds between two questions to a database that is away."""
MOST_BREAKS = 10
"""So often one piece of work may break off though the database answers right afterwards: then the work is at fault."""

Done = TypeVar("Done")
Watch = Callable[[str, int, int], None]
"""Takes the stage, how much of it is done, and of how much; 0 where that cannot be told."""


def is_due() -> ColumnElement[bool]:
    """Neither finished nor given up, and nobody is at work on it."""
    ended = (Delivery.finished_at, Delivery.failed_at, Delivery.cancelled_at)
    free = or_(Delivery.claimed_until.is_(None), Delivery.claimed_until < clock.now())
    return and_(free, *(each.is_(None) for each in ended))


def is_any_due() -> bool:
    return db.session.scalar(select(Delivery.id).where(is_due()).limit(1)) is not None


def claim_next() -> "Lease | None":
    """Claim the oldest that is due, and commit."""
    with writing():
        query = select(Delivery).where(is_due()).order_by(Delivery.id).limit(1).with_for_update(skip_locked=True)
        delivery = db.session.scalar(query)
        return claim(delivery) if delivery else None


def claim(delivery: Delivery) -> "Lease":
    """Claim this one, whose row is locked or was just made; the caller commits."""
    now = clock.now()
    delivery.claimed_by = new_public_id()
    delivery.claimed_until = now + LEASE
    delivery.started_at = delivery.started_at or now
    delivery.attempts = (delivery.attempts or 0) + 1
    db.session.flush()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return Lease(app, delivery.id, delivery.claimed_by, places.folder_of(delivery))


@dataclass
class Lease:
    """What the maker holds: it reports through it how far it is, and learns through it that it must stop."""

    app: Flask
    delivery_id: int
    owner: str
    folder: Path
    """Where it is made."""
    stage: str = ""
    done: int = 0
    total: int = 0
    problem: type[Exception] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    wake: threading.Event = field(default_factory=threading.Event)
    """Has a new stage written down at once."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Cuts short the waiting for a database that is away."""
    watch: Watch | None = None
    """Is told of every step too, in the process itself: for a progress bar."""

    def begin(self, stage: str) -> None:
        self.stage = stage
        self.report(0, 0)
        self.wake.set()

    def report(self, done: int, total: int) -> None:
        """Say how far the stage is. Raises Cancelled, Lost, or Stopped."""
        self.done, self.total = done, total
        if self.watch is not None:
            self.watch(self.stage, done, total)
        self.check()

    def check(self) -> None:
        if self.problem is not None:
            raise self.problem

    def end(self) -> None:
        """Have the work stop at its next look, as a process does that was told to."""
        self.problem = self.problem or Stopped
        self.ended.set()

    def endure(self, work: Callable[[], Done]) -> Done:
        """What the work returns. While the database is away it waits, and then has the work done again.

        An outage is no failed attempt, however long it is. Raises Cancelled, Lost, Stopped, and whatever the work does.
        """
        breaks = 0
        while True:
            try:
                return work()
            except outages.TROUBLE as problem:
                outages.forget_transaction()
                if not outages.passes(problem):
                    raise
                breaks += not self._await_database()
                if breaks == MOST_BREAKS:
                    raise
                logs.get().warning("delivery goes on after an outage", stage=self.stage, cause=outages.cause(problem))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """While inside, a thread keeps the claim and writes down how far the work is."""
        thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            self.wake.set()
            thread.join()

    def release(self) -> None:
        """Give the work back, for somebody to go on at once; an orderly stop is no failed attempt.

        Where the database is away, the claim runs out by itself.
        """
        values = {"claimed_until": None, "claimed_by": "", "attempts": Delivery.attempts - 1}
        with suppress(*outages.TROUBLE), writing():
            db.session.execute(update(Delivery).where(*self._mine).values(values))

    def renew(self) -> None:
        """Claim the row for longer, and commit. Takes note of what became of it meanwhile."""
        values = {
            "claimed_until": clock.now() + LEASE,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
        }
        with writing():
            row = db.session.execute(
                update(Delivery).where(*self._mine).values(values).returning(Delivery.cancelled_at)
            ).first()
        if row is None:
            self.problem = Lost
        elif row.cancelled_at is not None:
            self.problem = Cancelled

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return Delivery.id == self.delivery_id, Delivery.claimed_by == self.owner

    def _keep(self) -> None:
        while not self.stop.is_set():
            # While the database is away the work goes on from its files; too long, and another claims it.
            with suppress(*outages.TROUBLE), self.app.app_context():
                self.renew()
            self.wake.wait(BEAT_EVERY)
            self.wake.clear()

    def _await_database(self) -> bool:
        """Wait until the claim can be renewed; whether that took any waiting."""
        waited = False
        while True:
            self.check()
            try:
                self.renew()
            except outages.TROUBLE as problem:
                outages.forget_transaction()
                if not waited:
                    logs.get().warning("delivery waits for the database", cause=outages.cause(problem))
                waited = True
                self.ended.wait(ASK_EVERY)
            else:
                self.check()
                return waited
