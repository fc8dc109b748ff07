"""The audit trail: it only grows, every change of it shows, and emptying what is personal breaks nothing."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app
from flask_babel import lazy_gettext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from petition.accounts import trail, trail_checking, trail_keeping, trail_sealing
from petition.accounts.trail_checking import TrailBroken
from petition.accounts.trail_models import TrailEntry
from petition.extensions import db, writing
from petition.privacy import personal
from petition.privacy.keepers import Person
from tests import make
from tests.standing import AppMaker

ACT = "test.done"
FIRST_DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def _record(times: int = 1, **given: Any) -> None:
    trail.register(current_app, {ACT: lazy_gettext("Done")})
    for _ in range(times):
        trail.record(ACT, **given)
    db.session.commit()


def _run(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)
    db.session.commit()


def _unguarded() -> None:
    """Take the triggers away, as somebody may who holds the whole database."""
    if db.engine.dialect.name == "postgresql":
        _run("ALTER TABLE trail_entries DISABLE TRIGGER USER")
        return
    for name in db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        _run(f"DROP TRIGGER {name}")


def _entry(number: int = 1) -> TrailEntry:
    return db.session.get_one(TrailEntry, number, populate_existing=True)


def test_an_entry_says_who_did_what_to_which_why_and_when(app: Flask) -> None:
    with time_machine.travel(FIRST_DAY, tick=False):
        _record(scope=7, subject="abc", why="It was asked for.", rows=3, at=FIRST_DAY, of={"b", "a"})
    entry = _entry()
    assert (entry.number, entry.account, entry.act, entry.scope, entry.subject) == (1, "command", ACT, 7, "abc")
    assert entry.at == FIRST_DAY
    assert trail.detail_of(entry) == {
        "why": "It was asked for.", "rows": 3, "at": "2026-03-01T09:00:00Z", "of": ["a", "b"],
    }  # fmt: skip


def test_an_act_that_nobody_registered_is_not_recorded(app: Flask) -> None:
    with pytest.raises(AssertionError, match=r"nobody registered the act test\.unheard"):
        trail.record("test.unheard")


def test_the_chain_is_whole_from_nothing_on(app: Flask) -> None:
    assert trail_checking.verify().entries == 0
    _record(3, why="again")
    checked = trail_checking.verify()
    assert (checked.entries, checked.emptied, checked.head) == (3, 0, _entry(3).digest)


def test_an_entry_of_a_savepoint_that_is_rolled_back_was_never_there(app: Flask) -> None:
    _record()
    nested = db.session.begin_nested()
    trail.record(ACT, why="lost")
    nested.rollback()
    _record(why="kept")
    assert trail_checking.verify().entries == 2
    assert trail.detail_of(_entry(2)) == {"why": "kept"}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM trail_entries WHERE number = 2",
        "DELETE FROM trail_entries",
        "UPDATE trail_entries SET act = 'other' WHERE number = 2",
        "UPDATE trail_entries SET subject = NULL WHERE number = 2",
        "UPDATE trail_entries SET account = 'somebody'",
        "UPDATE trail_entries SET digest = previous WHERE number = 2",
        "UPDATE trail_entries SET detail = '{}' WHERE number = 2",
        "UPDATE trail_entries SET number = 9 WHERE number = 3",
        # Emptied alone, the salt would leave the detail without its proof, and the detail the salt without its use.
        "UPDATE trail_entries SET salt = NULL WHERE number = 2",
        "UPDATE trail_entries SET detail = NULL WHERE number = 2",
        "UPDATE trail_entries SET detail = NULL, salt = NULL, act = 'other' WHERE number = 2",
        "INSERT INTO trail_entries SELECT 9, at, account, act, scope, subject, detail, salt, detail_digest, network,"
        " network_salt, network_digest, previous, digest FROM trail_entries WHERE number = 3",
        "INSERT INTO trail_entries SELECT 4, at, account, act, scope, subject, detail, salt, detail_digest, network,"
        " network_salt, network_digest, previous, digest FROM trail_entries WHERE number = 3",
    ],
)
def test_the_database_refuses_every_change_but_emptying(app: Flask, statement: str) -> None:
    _record(3, subject="abc", why="because")
    with pytest.raises(DBAPIError, match=r"append-only|constraint"):
        _run(statement)
    db.session.rollback()
    assert trail_checking.verify().entries == 3


@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("sqlite", "INSERT OR REPLACE INTO trail_entries SELECT * FROM trail_entries WHERE number = 2"),
        ("sqlite", "REPLACE INTO trail_entries SELECT * FROM trail_entries WHERE number = 3"),
        ("postgresql", "TRUNCATE trail_entries"),
    ],
)
def test_neither_are_there_ways_around(app: Flask, database: str, statement: str) -> None:
    _record(3)
    if db.engine.dialect.name == database:
        with pytest.raises(DBAPIError, match="append-only"):
            _run(statement)
        db.session.rollback()
    assert trail_checking.verify().entries == 3


def _forge(number: int, **changed: Any) -> None:
    """Write an entry's columns anew with a digest that fits them."""
    entry = _entry(number)
    values = {name: getattr(entry, name) for name in trail_sealing.SEALED} | changed
    for name, value in changed.items():
        setattr(entry, name, value)
    entry.digest = trail_sealing.digest_of(values)
    db.session.commit()


def _swap(one: int, other: int) -> None:
    for old, new in ((one, 99), (other, one), (99, other)):
        _run("UPDATE trail_entries SET number = :new WHERE number = :old", old=old, new=new)


def _insert_between() -> None:
    """Copy entry 2, and count the later ones on."""
    for number in (4, 3):
        _run("UPDATE trail_entries SET number = number + 1 WHERE number = :number", number=number)
    _run(
        "INSERT INTO trail_entries SELECT 3, at, account, act, scope, subject, detail, salt, detail_digest, network,"
        " network_salt, network_digest, digest, digest FROM trail_entries WHERE number = 2"
    )
    _forge(3)


def _remove_and_count_on() -> None:
    _run("DELETE FROM trail_entries WHERE number = 2")
    for number in (3, 4):
        _run("UPDATE trail_entries SET number = number - 1 WHERE number = :number", number=number)


TAMPERED: list[tuple[str, Callable[[], None], str]] = [
    ("changed", lambda: _run("UPDATE trail_entries SET subject = 'other' WHERE number = 2"), "Entry 2 was changed."),
    ("its time", lambda: _run("UPDATE trail_entries SET at = '2020-01-01 00:00:00' WHERE number = 3"), "Entry 3 was"),
    ("forged", lambda: _forge(2, subject="other"), "Entry 3 does not follow"),
    ("detail", lambda: _run("UPDATE trail_entries SET detail = '{}' WHERE number = 4"), "The detail of entry 4 was"),
    ("first removed", lambda: _run("DELETE FROM trail_entries WHERE number = 1"), "Entry 1 is missing."),
    ("removed", lambda: _run("DELETE FROM trail_entries WHERE number = 2"), "Entry 2 is missing."),
    ("removed, counted on", _remove_and_count_on, "Entry 2 was changed."),
    ("reordered", lambda: _swap(2, 3), "Entry 2 was changed."),
    ("inserted", _insert_between, "Entry 4 was changed."),
]


@pytest.mark.parametrize(("tamper", "found"), [each[1:] for each in TAMPERED], ids=[each[0] for each in TAMPERED])
def test_whoever_takes_the_triggers_away_is_found_out(app: Flask, tamper: Callable[[], None], found: str) -> None:
    _record(4, subject="abc", why="because")
    _unguarded()
    tamper()
    with pytest.raises(TrailBroken, match=found):
        trail_checking.verify()


def test_a_trail_that_was_cut_at_its_end_is_told_by_a_digest_that_was_noted_down(app: Flask) -> None:
    _record(4)
    noted = trail_checking.verify().head
    assert trail_checking.verify(known=noted).entries == 4
    _unguarded()
    _run("DELETE FROM trail_entries WHERE number = 4")
    assert trail_checking.verify().entries == 3
    with pytest.raises(TrailBroken, match="noted down"):
        trail_checking.verify(known=noted)


def test_a_detail_is_emptied_with_its_person_and_the_chain_still_holds(app: Flask) -> None:
    _record(subject="abc", why="She asked for it on the telephone.")
    _record(subject="other", why="because")
    assert trail_keeping.empty(subject="abc") == 1
    assert trail_keeping.empty(subject="abc") == 0
    db.session.commit()
    assert (_entry(1).detail, _entry(1).salt, trail.detail_of(_entry(1))) == (None, None, {})
    assert trail.detail_of(_entry(2)) == {"why": "because"}
    checked = trail_checking.verify()
    assert (checked.entries, checked.emptied) == (2, 1)


def test_erasing_a_signature_or_an_endorsement_empties_what_staff_wrote_about_it(app: Flask) -> None:
    for row in (make.signature(), make.endorsement()):
        _record(subject=row.public_id, why="A neighbour told us.")
        with writing():
            personal.erase(Person(row.declaration_id, row.mailbox))
    assert [entry.detail for entry in (_entry(1), _entry(2))] == [None, None]
    assert trail_checking.verify().emptied == 2


def test_staffs_network_addresses_are_kept_for_a_year(app: Flask) -> None:
    with time_machine.travel(FIRST_DAY, tick=False) as now:
        with app.test_request_context("/console/", environ_base={"REMOTE_ADDR": "198.51.100.7"}):
            _record(2)
        now.shift(timedelta(days=200))
        with app.test_request_context("/console/", environ_base={"REMOTE_ADDR": "2001:db8::7"}):
            _record()
        assert [_entry(number).network for number in (1, 2, 3)] == ["198.51.100.7", "198.51.100.7", "2001:db8::7"]
        now.shift(timedelta(days=165) - timedelta(seconds=1))
        assert _purged() == 0
        now.shift(timedelta(seconds=2))
        assert _purged() == 2
        assert [(_entry(number).network, _entry(number).network_salt) for number in (1, 2)] == [(None, None)] * 2
        assert _entry(3).network == "2001:db8::7"
        assert trail_checking.verify().entries == 3


def _purged() -> int:
    with writing():
        return personal.purge()["trail"]


def test_parallel_writers_make_one_chain(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    trail.register(app, {ACT: lazy_gettext("Done")})
    start = threading.Barrier(2)

    def write(name: str) -> None:
        with app.app_context():
            start.wait()
            for number in range(20):
                with writing():
                    trail.record(ACT, subject=name, number=number)
            db.session.remove()

    writers = [threading.Thread(target=write, args=[name]) for name in ("one", "other")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with app.app_context():
        assert trail_checking.verify().entries == 40
        rows = db.session.execute(select(TrailEntry.subject, TrailEntry.detail).order_by(TrailEntry.number)).all()
        for name in ("one", "other"):
            assert [json.loads(row.detail)["number"] for row in rows if row.subject == name] == list(range(20))
