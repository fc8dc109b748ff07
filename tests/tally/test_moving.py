"""Moving: what was noted reaches the count exactly once, whoever moves it and however it is interrupted."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from petition import clock
from petition.extensions import db, writing
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature
from petition.signatures.statements import Statement
from petition.tally import moving, noting, recounting, writer
from petition.tally.models import ORGANISATION, PERSON, Bucket, Change, Tally
from petition.tally.noting import Place
from petition.tally.sources import Names
from tests import make
from tests.standing import AppMaker, environment, wait_until

NINE = datetime(2026, 3, 1, 9, 59, 59, 999_999, tzinfo=UTC)


def count() -> int:
    # A transaction of its own, so that it sees what others committed.
    db.session.commit()
    return db.session.scalars(select(Tally.count).where(Tally.kind == PERSON)).one()


def buckets() -> dict[tuple[datetime, str], int]:
    rows = db.session.execute(select(Bucket.hour, Bucket.country, Bucket.count))
    return {(hour, country): number for hour, country, number in rows if number}


def mailbox_of(signature: Signature) -> Mailbox:
    assert signature.mailbox is not None
    return Mailbox(signature.text.declaration, signature.mailbox)


def scope() -> int:
    return db.session.scalars(select(Tally.scope).where(Tally.kind == PERSON)).one()


def test_signatures_count_in_the_hour_and_country_of_their_confirmation(app: Flask) -> None:
    with time_machine.travel(NINE, tick=False) as time:
        make.signature(country="IT")
        make.signature(country="IT")
        make.signature(country="KE")
        time.shift(timedelta(microseconds=1))
        make.signature(country="IT")
    assert count() == 0, "nothing is added in the request"
    make.move_tally(app)
    nine, ten = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert buckets() == {(nine, "IT"): 2, (nine, "KE"): 1, (ten, "IT"): 1}
    assert count() == 4
    assert recounting_finds_it_exact()


def test_withdrawals_and_corrected_countries_move_what_was_counted(app: Flask) -> None:
    with time_machine.travel(NINE, tick=False) as time:
        one, other = make.signature(country="IT"), make.signature(country="IT")
        make.move_tally(app)
        time.shift(timedelta(hours=3))
        caring.withdraw(mailbox_of(one))
        caring.withdraw(mailbox_of(one))
        moved = Statement(**{**vars(Statement.of(other)), "country": "KE"})
        caring.correct(mailbox_of(other), moved, consents=())
        caring.correct(mailbox_of(other), Statement(**{**vars(moved), "name": "Someone Else"}), consents=())
        db.session.commit()
        make.move_tally(app)
    assert buckets() == {(datetime(2026, 3, 1, 9, tzinfo=UTC), "KE"): 1}, "in the hour it was confirmed in"
    assert count() == 1
    assert recounting_finds_it_exact()


def test_an_erased_signature_counts_no_longer_and_once_only(app: Flask) -> None:
    signed = make.signature()
    make.move_tally(app)
    caring.erase(mailbox_of(signed))
    db.session.commit()
    make.move_tally(app)
    assert (count(), buckets()) == (0, {})
    assert recounting_finds_it_exact()


def recounting_finds_it_exact() -> bool:
    """What a recount compares, without its own snapshot: the rows, the buckets, the total."""
    counted = recounting._counted()
    return not recounting._drift(counted, Names()) and not recounting._totals_off() and counted.total() == count()


def test_the_moment_of_the_count_advances_with_every_move_even_when_nothing_changed(app: Flask) -> None:
    with time_machine.travel(NINE, tick=False) as time:
        make.move_tally(app)
        tally = db.session.scalars(select(Tally)).one()
        db.session.refresh(tally)
        assert tally.as_of == clock.now()
        time.shift(timedelta(seconds=5))
        make.move_tally(app)
        db.session.refresh(tally)
        assert tally.as_of == clock.now()


def test_changes_are_moved_in_batches_and_the_moment_advances_with_the_last(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 10)
    with time_machine.travel(NINE, tick=False) as time:
        moving.move()
        for number in range(25):
            noting.note(Place(scope(), clock.now(), "IT"), +1 if number % 5 else -1)
        db.session.commit()
        time.shift(timedelta(seconds=5))
        tally = db.session.scalars(select(Tally)).one()
        moved = []
        while moving.move():
            db.session.refresh(tally)
            moved.append((tally.count, tally.as_of == clock.now()))
        db.session.refresh(tally)
    assert moved == [(6, False), (12, False)]
    assert tally.count == 15
    assert tally.as_of == NINE + timedelta(seconds=5)


def test_kinds_are_counted_apart_and_the_first_number_is_the_peoples(app: Flask) -> None:
    for kind in (ORGANISATION, PERSON, ORGANISATION):
        noting.note(Place(scope(), NINE, "IT", kind=kind), +1)
    db.session.commit()
    assert noting.find(scope(), kind=ORGANISATION) is None, "it begins with the first change that is moved"
    declaration = scope()
    make.move_tally(app)
    db.session.expire_all()
    people, organisations = noting.find(declaration), noting.find(declaration, kind=ORGANISATION)
    assert people is not None and organisations is not None
    assert (people.count, organisations.count) == (1, 2)
    assert people.as_of == organisations.as_of
    rows = db.session.execute(select(Bucket.kind, Bucket.count).order_by(Bucket.kind))
    assert [tuple(row) for row in rows] == [(ORGANISATION, 2), (PERSON, 1)]


PLACES = st.tuples(st.integers(0, 3), st.sampled_from(["IT", "KE"]), st.sampled_from(["", "poster"]))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.one_of(st.tuples(PLACES, st.integers(-3, 3)), st.none()), max_size=30))
def test_whatever_is_noted_and_whenever_it_is_moved_the_sum_is_the_count(
    app: Flask, steps: list[tuple[tuple[int, str, str], int] | None]
) -> None:
    expected: Counter[tuple[int, str, str]] = Counter()
    before = count()
    earlier = all_buckets()
    for step in steps:
        if step is None:
            make.move_tally(app)
            continue
        (hour, country, source), amount = step
        noting.note(Place(scope(), NINE + timedelta(hours=hour), country, source), amount)
        db.session.commit()
        expected[hour, country, source] += amount
    make.move_tally(app)
    assert count() - before == expected.total()
    now = all_buckets()
    for (hour, country, source), amount in expected.items():
        key = (clock.hour_of(NINE + timedelta(hours=hour)), country, source)
        assert now.get(key, 0) - earlier.get(key, 0) == amount
    assert db.session.scalar(select(func.count()).select_from(Change)) == 0


def all_buckets() -> dict[tuple[datetime, str, str], int]:
    rows = db.session.execute(select(Bucket.hour, Bucket.country, Bucket.source, Bucket.count))
    return {(hour, country, source): number for hour, country, source, number in rows}


# What takes more than one connection has a database of its own.


def note_some(app: Flask, number: int) -> None:
    with app.app_context():
        for index in range(number):
            with writing():
                noting.note(Place(scope(), NINE + timedelta(hours=index % 7), "IT"), +1)
        db.session.remove()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_movers_and_signers_side_by_side_count_everything_once(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    stop = threading.Event()

    def keep_moving() -> None:
        while not stop.wait(0.002):
            make.move_tally(app)

    with ThreadPoolExecutor(6) as threads:
        movers = [threads.submit(keep_moving) for _ in range(3)]
        signers = [threads.submit(note_some, app, 40) for _ in range(3)]
        try:
            for each in signers:
                each.result(timeout=60)
        finally:
            stop.set()
        for each in movers:
            each.result(timeout=60)
    make.move_tally(app)
    with app.app_context():
        assert count() == 120
        assert sum(all_buckets().values()) == 120
        assert db.session.scalar(select(func.count()).select_from(Change)) == 0


def test_a_second_mover_leaves_the_tally_to_the_first(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    note_some(app, 3)
    with app.app_context():
        assert writer.become()
        with app.app_context():
            assert moving.move() is False
            assert count() == 0
        db.session.rollback()
        make.move_tally(app)
        assert count() == 3


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_move_that_is_interrupted_before_its_commit_loses_nothing(
    make_app: AppMaker, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(database)
    note_some(app, 5)
    with app.app_context():
        monkeypatch.setattr(moving, "update", interrupted)
        with pytest.raises(KeyboardInterrupt):
            moving.move()
        db.session.remove()
        monkeypatch.undo()
        assert count() == 0
        make.move_tally(app)
        assert count() == 5


def interrupted(_table: object) -> None:
    raise KeyboardInterrupt


MOVES_AND_HANGS = """
import sys
from petition.application import create_app
from petition.extensions import db, writing
from petition.tally import moving
app = create_app()
with app.app_context():
    db.session.commit = lambda: (print("moved", flush=True), sys.stdin.read())
    moving.move()
"""


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_mover_that_is_killed_in_the_middle_loses_nothing(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    note_some(app, 5)
    process = subprocess.Popen(
        [sys.executable, "-c", MOVES_AND_HANGS],
        env=environment(app),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "moved\n"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)

    def counted() -> bool:
        # PostgreSQL frees the lock as soon as it sees that its client is gone.
        make.move_tally(app)
        with app.app_context():
            return count() == 5

    wait_until(counted)
