"""That a worker is alive: each process notes how far its rounds have come, and the staff's pages read it."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import delete, func, select

from petition import clock
from petition.columns import new_public_id
from petition.extensions import db, insert_into, writing
from petition.worker.models import Pulse
from petition.worker.rounds import Round, Work, registered

NAME = "pulse"
EVERY = timedelta(seconds=10)
BRISK = timedelta(seconds=15)
"""Rounds that are to come at least this often tell whether a worker is alive; a purge may take its time."""
SILENT_AFTER = timedelta(seconds=60)
KEEP = timedelta(days=1)


def note(app: Flask, each: Round) -> None:
    """That this round was just done, without a failure."""
    if each.every <= BRISK and each.name != NAME:
        _done(app)[each.name] = clock.now()


def make_work(app: Flask) -> Work:
    """The round that stores this process's pulse."""
    worker, started_at = new_public_id(), clock.now()

    def work() -> bool:
        brisk = [each.name for each in registered(app) if each.every <= BRISK and each.name != NAME]
        done = _done(app)
        seen_at = min((done.get(name, started_at) for name in brisk), default=clock.now())
        _store(worker, started_at, seen_at)
        return False

    return work


def last() -> datetime | None:
    """The moment up to which the liveliest worker has done its rounds; None where none ever ran."""
    found: datetime | None = db.session.scalar(select(func.max(Pulse.seen_at)))
    return found


def is_alive(seen_at: datetime | None) -> bool:
    return seen_at is not None and clock.now() - seen_at < SILENT_AFTER


def _store(worker: str, started_at: datetime, seen_at: datetime) -> None:
    row = insert_into(Pulse).values(worker=worker, started_at=started_at, seen_at=seen_at)
    with writing():
        db.session.execute(row.on_conflict_do_update(index_elements=["worker"], set_={"seen_at": row.excluded.seen_at}))
        db.session.execute(delete(Pulse).where(Pulse.seen_at < clock.now() - KEEP, Pulse.worker != worker))


def _done(app: Flask) -> dict[str, datetime]:
    done: dict[str, datetime] = app.extensions.setdefault("petition.rounds_done", {})
    return done
