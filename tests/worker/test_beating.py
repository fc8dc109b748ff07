"""The worker's pulse: alive while all its brisk rounds are done, however many workers there are."""

from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from petition.extensions import db
from petition.worker import beating, rounds, running
from petition.worker.models import Pulse
from petition.worker.rounds import Round
from tests.standing import AppMaker
from tests.worker.test_running import repeat

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _brisk(app: Flask, *names: str) -> list[Round]:
    """These rounds alone, each due every second."""
    rounds.registered(app).clear()
    for name in names:
        rounds.register(app, name, every=SECOND, make_work=lambda _app: lambda: False)
    return rounds.registered(app)


def test_where_no_worker_ever_ran_none_is_alive(app: Flask) -> None:
    assert beating.last() is None
    assert not beating.is_alive(beating.last())


def test_a_worker_is_as_alive_as_its_slowest_brisk_round(make_app: AppMaker) -> None:
    for database in ("sqlite", "postgresql"):
        app = make_app(database)
        mails, count = _brisk(app, "mails", "count")
        rounds.register(app, "purge", every=timedelta(hours=1), make_work=lambda _app: lambda: False)
        with app.app_context(), time_machine.travel(NOON, tick=False) as clocks:
            store = beating.make_work(app)
            clocks.shift(30)
            beating.note(app, mails)
            store()
            assert beating.last() == NOON, "the count has not been done yet"
            beating.note(app, count)
            store()
            assert beating.last() == NOON + timedelta(seconds=30)
            clocks.shift(40)
            beating.note(app, mails)
            store()
            assert beating.is_alive(beating.last()), "both were done within the last minute"
            clocks.shift(40)
            beating.note(app, mails)
            store()
            assert not beating.is_alive(beating.last()), "the count hangs"


def test_one_living_worker_is_enough_and_the_dead_are_forgotten(make_app: AppMaker) -> None:
    app = make_app()
    _brisk(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as clocks:
        beating.make_work(app)()
        clocks.shift(timedelta(hours=1))
        alive = beating.make_work(app)
        alive()
        assert beating.is_alive(beating.last())
        assert len(db.session.scalars(select(Pulse)).all()) == 2
        db.session.rollback()
        clocks.shift(beating.KEEP)
        alive()
        assert len(db.session.scalars(select(Pulse)).all()) == 1


def test_a_round_that_fails_is_not_done(make_app: AppMaker) -> None:
    app = make_app()

    def fail() -> bool:
        raise LookupError

    repeat(app, fail, every=SECOND, most=2)
    assert beating._done(app) == {}
    repeat(app, lambda: False, every=SECOND, most=2)
    assert list(beating._done(app)) == ["test"]


def test_the_pulse_itself_proves_nothing(make_app: AppMaker) -> None:
    app = make_app()
    beating.note(app, Round(beating.NAME, beating.EVERY, beating.make_work))
    beating.note(app, Round("purge", running.LONGEST_PAUSE * 360, beating.make_work))
    assert beating._done(app) == {}
