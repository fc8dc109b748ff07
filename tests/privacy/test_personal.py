"""A person's own data: every room hands out, forgets and purges its part."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from petition.extensions import db
from petition.outbox.models import Mail
from petition.privacy import keepers, personal
from petition.privacy.keepers import Keeper, Person
from petition.privacy.models import Erasure
from petition.server.machinery import purge
from petition.signatures import caring, keeping, refusing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Consent, MailBlock, Signature, Submission
from petition.tally import recounting
from petition.tally.sources import Names
from tests import make
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _person(address: str) -> Person:
    made = make.submission(address)
    db.session.commit()
    return Person(scope=made.declaration_id, mailbox=made.mailbox)


def _count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_every_keeper_is_asked_for_its_part(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person = _person(make.email())
    monkeypatch.setitem(app.extensions, "petition.keepers", list(app.extensions["petition.keepers"]))
    keepers.register(
        app, Keeper("diary", access=lambda p: {"of": p.scope}, forget=lambda p: ["opaque"], purge=lambda: 7)
    )

    rooms = {
        "api",
        "accounts",
        "trail",
        "deliveries",
        "paper",
        "signatures",
        "endorsements",
        "outbox",
        "defence",
        "webhooks",
    }
    assert set(personal.access(person)) == {*rooms, "diary"}
    assert personal.access(person)["diary"] == {"of": person.scope}
    personal.erase(person)
    db.session.flush()
    assert [row.subject for row in db.session.scalars(select(Erasure))] == ["opaque"]
    assert personal.purge()["diary"] == 7


def test_erasing_who_only_submitted_leaves_no_trace_and_no_journal_entry(app: Flask) -> None:
    person = _person(make.email())
    assert (_count(Submission), _count(Mail)) == (1, 1)

    personal.erase(person)
    db.session.commit()

    assert (_count(Submission), _count(Mail), _count(Erasure)) == (0, 0, 0)


def test_erasing_one_person_touches_no_other(app: Flask) -> None:
    person, other = _person(make.email()), make.email()
    signature = make.signature(other, name="Grace")

    personal.erase(person)
    db.session.commit()

    assert (signature.name, signature.erased_at) == ("Grace", None)


def test_erasing_twice_is_once(app: Flask) -> None:
    signature = make.signature()
    assert signature.mailbox is not None
    person = Person(scope=signature.declaration_id, mailbox=signature.mailbox)

    for _time in range(2):
        personal.erase(person)
        db.session.commit()

    assert [row.subject for row in db.session.scalars(select(Erasure))] == [signature.public_id]


def test_the_journal_names_nobody(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        signature = make.signature("ada@example.org", name="Ada Lovelace")
        assert signature.mailbox is not None
        mailbox = signature.mailbox
        personal.erase(Person(scope=signature.declaration_id, mailbox=mailbox))
        db.session.commit()

    row = db.session.execute(select(Erasure.__table__)).one()
    assert tuple(row)[1:] == (signature.public_id, NOON)


def test_of_a_stranger_nothing_is_kept(app: Flask) -> None:
    scope = make.text().declaration_id
    kept = personal.access(Person(scope=scope, mailbox=bytes(32)))["signatures"]

    assert (kept["signature"], kept["submissions"], kept["mail_refused"]) == (None, [], False)
    personal.erase(Person(scope=scope, mailbox=bytes(32)))
    assert _count(Erasure) == 0


def test_purging_by_command_removes_what_has_been_kept_for_its_time(app: Flask) -> None:
    runner = app.test_cli_runner()
    with time_machine.travel(NOON, tick=False) as travel:
        make.confirm_link(make.submission())
        travel.shift(timedelta(days=29))
        make.confirm_link(make.submission())
        assert "signatures: 0 removed" in runner.invoke(args=["privacy", "purge"]).output
        travel.shift(timedelta(days=1, seconds=1))
        result = runner.invoke(args=["privacy", "purge"])
        assert (result.exit_code, "signatures: 1 removed" in result.output) == (0, True)
        assert _count(Submission) == 1


@pytest.mark.parametrize("pause", [timedelta(minutes=10), timedelta(days=2)])
def test_when_retention_ends_persons_go_and_the_count_stays_exact(app: Flask, pause: timedelta) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        returned, withdrawn, kept = (
            make.signature(f"{name}@example.org", name=name) for name in ("xqada", "xqeve", "xqjoy")
        )
        travel.shift(pause)
        for signature in (returned, withdrawn):
            assert signature.mailbox is not None
            caring.withdraw(Mailbox(steps.declaration(), signature.mailbox))
        db.session.commit()
        travel.shift(pause)
        make.signature("xqada@example.org", name="xqada again")
        make.move_tally(app)
        assert [each.counted for each in (returned, withdrawn, kept)] == [True, False, True]
        steps.schedule(app, closes_at=NOON + timedelta(days=30))
        travel.move_to(NOON + timedelta(days=30 + 365) - timedelta(seconds=1))
        steps.purge()
        assert kept.name == "xqjoy"

        travel.shift(timedelta(seconds=1))
        steps.purge()

        assert [each.counted for each in (returned, withdrawn, kept)] == [True, False, True]
        assert {(each.name, each.mailbox, each.address) for each in (returned, withdrawn, kept)} == {("", None, None)}
        assert not recounting._drift(recounting._counted(), Names())
        stored = steps.stored_bytes()
        for trace in (b"xqada", b"xqeve", b"xqjoy"):
            assert trace not in stored.lower()


def test_when_retention_ends_what_was_pending_or_refused_goes_too(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        steps.schedule(app, closes_at=None)
        travel.move_to(NOON + timedelta(days=366) - timedelta(seconds=1))
        make.submission()
        steps.schedule(app, closes_at=NOON + timedelta(days=1))
        refusing.refuse(Mailbox(steps.declaration(), bytes(32)))
        steps.purge()
        assert (_count(Submission), _count(MailBlock)) == (1, 1)

        travel.shift(timedelta(seconds=1))
        steps.purge()

        assert (_count(Submission), _count(MailBlock)) == (0, 0)


def test_a_purge_takes_batches_until_nothing_is_left(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "PURGE_BATCH", 2)
    monkeypatch.setattr(keeping, "DELETE_BATCH", 2)
    monkeypatch.setattr(personal, "PURGE_BATCH", 2)
    with time_machine.travel(NOON, tick=False) as travel:
        for _person in range(5):
            make.signature()
        steps.schedule(app, closes_at=NOON + timedelta(days=1))
        travel.move_to(NOON + timedelta(days=400))

        assert purge(), "more waits"
        left = select(func.count()).where(Signature.erased_at.is_(None))
        assert db.session.scalar(left) == 3
        result = app.test_cli_runner().invoke(args=["privacy", "purge"])

        # A submission and three signatures: the first batch took two that were old, two of the closed declaration,
        # and two persons.
        assert (result.exit_code, "signatures: 4 removed" in result.output) == (0, True), result.output
        assert db.session.scalar(left) == _count(Submission) == _count(Consent) == 0
        assert not purge(), "nothing is left"
