"""Recounting: drift is found, told and repaired; signing and moving go on meanwhile."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text, update

from petition import clock
from petition.extensions import db
from petition.signatures import caring, counting
from petition.tally import noting, reading, writer
from petition.tally.models import ORGANISATION, Bucket, Change, Tally
from petition.tally.noting import Place
from tests import make, running
from tests.standing import AppMaker, environment, signature
from tests.tally.test_moving import count, mailbox_of, scope

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


def recount(app: Flask, *options: str) -> tuple[int, str]:
    runner = FlaskCliRunner(app)
    result = runner.invoke(args=["tally", "recount", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_an_exact_tally_is_told_so(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        for country in ("IT", "IT", "KE"):
            signature(country=country)
    make.move_tally(app)
    assert recount(app) == (0, "3 counted; the tally is exact.\n")


def test_changes_that_have_not_been_moved_are_no_drift(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        signed = signature(country="IT")
        make.move_tally(app)
        caring.withdraw(mailbox_of(signed))
        db.session.commit()
        signature(country="KE")
        signature(country="KE")
    assert recount(app)[0] == 0
    assert recount(app, "--repair") == (0, "2 counted; the tally is exact.\n")
    with app.app_context():
        assert count() == 1, "nothing was moved ahead of its time"
        make.move_tally(app)
        assert count() == 2
    assert recount(app)[0] == 0


def lose_a_change() -> None:
    db.session.delete(db.session.scalars(select(Change).limit(1)).one())


def double_a_change() -> None:
    noting.note(Place(scope(), clock.now(), "IT"), +1)


def spoil_a_bucket() -> None:
    db.session.execute(update(Bucket).values(count=Bucket.count + 7))


def invent_a_bucket() -> None:
    hour = clock.hour_of(clock.now() - timedelta(days=3))
    db.session.add(Bucket(scope=scope(), hour=hour, country="KE", source="poster", partner="byron", count=2))


def invent_organisations() -> None:
    noting.note(Place(scope(), clock.now(), "IT", kind=ORGANISATION), +3)


def invent_a_total() -> None:
    db.session.add(Tally(scope=scope(), kind=ORGANISATION, count=4, as_of=clock.now()))


def spoil_the_total() -> None:
    db.session.execute(update(Tally).values(count=99))


@pytest.mark.parametrize(
    "spoil",
    [
        lose_a_change,
        double_a_change,
        spoil_a_bucket,
        invent_a_bucket,
        invent_organisations,
        invent_a_total,
        spoil_the_total,
    ],
    ids=lambda f: f.__name__,
)
def test_drift_is_found_and_repaired(make_app: AppMaker, database: str, spoil) -> None:  # type: ignore[no-untyped-def]
    app = make_app(database)
    with app.app_context():
        signature(country="IT")
        signature(country="IT")
        make.move_tally(app)
        signature(country="IT")
        db.session.rollback()
        spoil()
        db.session.commit()
        code, told = recount(app)
        assert code == 1
        assert "3 counted; the tally is off" in told
        assert recount(app) == (code, told), "looking repairs nothing"
        code, told = recount(app, "--repair")
        assert code == 0
        assert "the tally was off and is repaired" in told
        assert recount(app)[0] == 0
        make.move_tally(app)
        assert count() == 3
        assert recount(app) == (0, "3 counted; the tally is exact.\n")


def test_the_drift_is_told_by_place_and_in_its_direction(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        signature(country="IT")
        make.move_tally(app)
        db.session.execute(update(Bucket).values(count=4))
        db.session.commit()
    _, told = recount(app)
    assert "off by +3" in told
    assert "IT, no source" in told
    assert ", person, " in told


def test_signatures_confirmed_during_a_recount_are_no_drift(
    make_app: AppMaker, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database == "sqlite":
        # There the recount holds the write lock, so that nobody can confirm meanwhile.
        return
    app = make_app(database)
    with app.app_context():
        signature()
    make.move_tally(app)
    counted = counting.count_rows

    def count_while_others_sign():  # type: ignore[no-untyped-def]
        found = list(counted())
        with app.app_context():
            signature()
            signature()
        return found

    monkeypatch.setitem(app.extensions, "petition.countings", [count_while_others_sign])
    assert recount(app, "--repair") == (0, "1 counted; the tally is exact.\n")
    monkeypatch.undo()
    make.move_tally(app)
    assert recount(app) == (0, "3 counted; the tally is exact.\n")


def test_a_recount_may_take_longer_than_a_page(
    make_app: AppMaker, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(database)
    found = []

    def look():  # type: ignore[no-untyped-def]
        if database == "postgresql":
            found.append(db.session.scalar(text("SHOW statement_timeout")))
            found.append(db.session.scalar(text("SHOW transaction_isolation")))
        return []

    monkeypatch.setitem(app.extensions, "petition.countings", [look])
    assert recount(app)[0] == 0
    assert found == (["0", "repeatable read"] if database == "postgresql" else [])


def test_a_recount_waits_for_no_other_writer(make_app: AppMaker, database: str) -> None:
    if database == "sqlite":
        return
    app = make_app(database)
    with app.app_context():
        engine = db.engine
    with engine.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": writer._LOCK})
        code, told = recount(app, "--repair")
        assert (code, told) == (1, "Error: Another process is writing the tally; try again in a moment.\n")
    assert recount(app)[0] == 0


@pytest.mark.slow
def test_the_real_command_exits_with_one_when_the_tally_is_off(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        signature()
        make.move_tally(app)
        spoil_the_total()
        db.session.commit()

    def run(*options: str) -> int:
        return running.typed(("tally", "recount", *options), environment(app)).returncode

    assert [run(), run("--repair"), run()] == [1, 0, 0]


def test_what_a_recount_has_repaired_shows_in_the_numbers(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        for _ in range(reading.FEWEST):
            signature(country="IT")
        make.move_tally(app)
        db.session.execute(update(Bucket).values(country="DE"))
        db.session.commit()
        assert countries() == (("DE", 5),)
        db.session.rollback()
        assert recount(app, "--repair")[0] == 0
        db.session.commit()
        assert countries() == (("IT", 5),), "though the count is the same"


def countries() -> tuple[tuple[str, int], ...]:
    numbers = reading.find_numbers(scope(), zone="Europe/Rome")
    assert numbers is not None
    return numbers.countries
