"""Rows that are stored together: all of them or none, and nothing where there is one already."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from petition import clock
from petition.columns import new_public_id
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.models import Mail
from petition.signatures.models import Consent, Signature, Submission
from petition.storing import ITS_ID, Mark, Row, insert_unless_there, store_unless_there
from tests import make, standing
from tests.standing import AppMaker, app_templates, make_app

__all__ = ["app_templates", "make_app"]

UNIQUE = ("declaration_id", "mailbox")


def _signature(mailbox: bytes) -> Row:
    signed = make.text()
    return Row(
        Signature,
        {
            "public_id": new_public_id(),
            "declaration_id": signed.declaration_id,
            "text_id": signed.id,
            "mailbox": mailbox,
            "name": "Ada Lovelace",
            "search_name": "ada lovelace",
            "search_turned": "lovelace ada",
            "country": "GB",
            "visibility": "public",
            "language": "en",
            "channel": "web",
            "source": "",
            "created_at": clock.now(),
            "confirmed_at": clock.now(),
        },
    )


def _consent(purpose: str) -> Row:
    words = {"wording": f"I agree to {purpose}.", "language": "en", "given_at": clock.now()}
    return Row(Consent, {"signature_id": ITS_ID, "purpose": purpose, **words})


def _insert(row: Row, *with_it: Row) -> bool:
    return insert_unless_there(db.session.connection(), row, unique=UNIQUE, with_it=with_it)


def test_what_comes_with_a_row_points_at_it(app: Flask) -> None:
    mail = posting.waiting("signed", "x", scope=1, mailbox=bytes(32), language="en")
    assert _insert(_signature(bytes(32)), _consent("agree"), _consent("updates"), mail)
    signature = db.session.scalars(select(Signature)).one()
    assert [consent.purpose for consent in signature.consents] == ["agree", "updates"]
    assert db.session.scalars(select(Mail)).one().public_id == mail.values["public_id"]
    mail_row = db.session.scalars(select(Mail)).one()
    db.session.delete(mail_row)


@pytest.mark.parametrize("with_it", [0, 1, 2])
def test_where_there_is_one_already_nothing_is_inserted(app: Flask, with_it: int) -> None:
    assert _insert(_signature(bytes(32)))
    assert not _insert(_signature(bytes(32)), *[_consent(f"purpose {number}") for number in range(with_it)])
    assert _insert(_signature(bytes(31) + b"1"))
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 2
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 0


def _store(row: Row, *with_it: Row, mark: Mark) -> bool:
    stored = store_unless_there(row, unique=UNIQUE, with_it=with_it, mark=mark)
    db.session.expire_all()
    return stored


def test_a_mark_is_set_with_what_is_inserted(app: Flask) -> None:
    submission, now = make.submission(), clock.now()
    mark = Mark(Submission, submission.id, "confirmed_at", now)
    assert _store(_signature(bytes(32)), _consent("agree"), mark=mark)
    assert submission.confirmed_at == now
    assert [consent.purpose for consent in db.session.scalars(select(Signature)).one().consents] == ["agree"]
    _forget_mails()


def test_where_the_mark_is_set_nothing_is_inserted_and_the_mark_stays(app: Flask) -> None:
    submission, now = make.submission(), clock.now()
    assert _store(_signature(bytes(32)), mark=Mark(Submission, submission.id, "confirmed_at", now))
    later = Mark(Submission, submission.id, "confirmed_at", now + timedelta(hours=1))
    assert not _store(_signature(bytes(31) + b"1"), _consent("agree"), mark=later)
    assert submission.confirmed_at == now
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 1
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 0
    _forget_mails()


def test_where_nothing_is_inserted_no_mark_is_set(app: Flask) -> None:
    submission = make.submission()
    assert _insert(_signature(bytes(32)))
    assert not _store(_signature(bytes(32)), mark=Mark(Submission, submission.id, "confirmed_at", clock.now()))
    assert submission.confirmed_at is None
    _forget_mails()


def test_a_row_that_is_gone_can_be_given_no_mark(app: Flask) -> None:
    assert not _store(_signature(bytes(32)), mark=Mark(Submission, 123_456, "confirmed_at", clock.now()))
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 0


def _forget_mails() -> None:
    db.session.execute(delete(Mail))


def test_of_two_at_once_with_one_mark_exactly_one_inserts(make_app: AppMaker) -> None:
    """Each for another mailbox, so that only the mark can keep them apart; on PostgreSQL, where each is a statement."""
    app = make_app("postgresql")
    with app.app_context():
        submission = standing.submission()
        marked, now = submission.id, clock.now()
        rows = [_signature(bytes([number]) * 32) for number in range(2)]
        db.session.rollback()

    def store(row: Row) -> bool:
        with app.app_context():
            mark = Mark(Submission, marked, "confirmed_at", now)
            return store_unless_there(row, unique=UNIQUE, with_it=[_consent("agree")], mark=mark)

    with app.app_context(), ThreadPoolExecutor(2) as threads:
        # Held until both wait for the row, neither can have been first by chance.
        with db.engine.connect() as holder, holder.begin():
            holder.execute(select(Submission.id).where(Submission.id == marked).with_for_update())
            waiting = [threads.submit(store, row) for row in rows]
            standing.wait_until(lambda: standing.waiting() == 2)
        assert sorted(each.result(20) for each in waiting) == [False, True]
        assert db.session.scalar(select(func.count()).select_from(Signature)) == 1
        assert db.session.scalar(select(func.count()).select_from(Consent)) == 1
        assert db.session.get_one(Submission, marked).confirmed_at == now
