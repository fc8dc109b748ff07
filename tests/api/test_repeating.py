"""The Idempotency-Key: what is sent again is stored once and answered alike, however often and however at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition import clock
from petition.api import repeating
from petition.api.models import IdempotencyKey
from petition.declarations.models import Declaration
from petition.extensions import db, writing
from petition.partners.models import Partner
from petition.server.machinery import purge
from tests import make
from tests.api import submissions
from tests.api.submissions import body, post, stored
from tests.conftest import Mailbag, browser
from tests.standing import AppMaker

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def partner(app: Flask) -> Partner:
    return make.partner()


@pytest.fixture
def secret(partner: Partner) -> str:
    return submissions.key(partner)


def _keys() -> int:
    return len(db.session.scalars(select(IdempotencyKey.id)).all())


def test_the_same_again_is_stored_once_and_answered_alike(client: FlaskClient, secret: str, mails: Mailbag) -> None:
    posted = body()
    first, second = (post(client, posted, secret=secret, idempotency=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.data == second.data
    assert stored() == (1, 1)
    mails.take_one()


def test_without_a_key_the_same_again_is_another_submission_and_one_mail(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    posted = body()
    assert [post(client, posted, secret=secret).status_code for _ in range(2)] == [202, 202]
    assert stored()[0] == 2
    mails.take_one()


def test_another_body_under_the_same_key_is_refused_and_not_stored(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    assert post(client, body(), secret=secret, idempotency=KEY).status_code == 202
    for other in (body(), body(name="")):
        answer = post(client, other, secret=secret, idempotency=KEY)
        assert answer.status_code == 422
        assert answer.get_json()["type"].endswith("#idempotency-key-reused")
    assert stored() == (1, 1)
    mails.take_one()


def test_what_was_refused_leaves_its_key_free(client: FlaskClient, secret: str, mails: Mailbag) -> None:
    assert post(client, body(name=""), secret=secret, idempotency=KEY).status_code == 422
    assert _keys() == 0
    assert post(client, body(), secret=secret, idempotency=KEY).status_code == 202
    mails.take_one()


def test_a_key_is_its_partners_own_and_outlives_the_change_of_the_partners_secret(
    client: FlaskClient, partner: Partner, secret: str, mails: Mailbag
) -> None:
    posted = body()
    rotated, foreign = submissions.key(partner), submissions.key(make.partner("other"))
    answers = [post(client, posted, secret=each, idempotency=KEY) for each in (secret, rotated, foreign)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert stored()[0] == 2, "the other partner's is another submission"
    mails.take()


def test_what_was_accepted_stays_so_when_the_declaration_has_closed_since(
    app: Flask, client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    posted = body()
    first = post(client, posted, secret=secret, idempotency=KEY)
    db.session.get_one(Declaration, make.text().declaration_id).closes_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    app.extensions["petition.known_texts"].clear()
    again = post(client, posted, secret=secret, idempotency=KEY)
    assert (again.status_code, again.data) == (202, first.data)
    assert post(client, body(), secret=secret, idempotency="another").status_code == 403
    mails.take()


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", '"' + "x" * 300 + '"'])
def test_what_cannot_be_a_key_is_told(client: FlaskClient, secret: str, key: str) -> None:
    answer = post(client, body(), secret=secret, idempotency=key)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "Idempotency-Key" in answer.get_json()["detail"]
    assert stored() == (0, 0)


def test_the_row_tells_neither_the_key_nor_the_body(client: FlaskClient, secret: str, mails: Mailbag) -> None:
    post(client, body(email="ada@example.org"), secret=secret, idempotency=KEY)
    row = db.session.scalars(select(IdempotencyKey)).one()
    assert (len(row.digest), len(row.body)) == (32, 32)
    assert row.digest != row.body
    mails.take_one()


def test_keys_are_purged_after_a_day_and_the_submission_stays(
    app: Flask, client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    with time_machine.travel(clock.now() - timedelta(hours=25), tick=False):
        assert post(client, body(), secret=secret, idempotency="old").status_code == 202
    assert post(client, body(), secret=secret, idempotency="new").status_code == 202
    assert purge() is False
    assert _keys() == 1
    assert stored()[0] == 2
    assert post(client, body(), secret=secret, idempotency="old").status_code == 202, "and is free again"
    mails.take()


def test_a_purge_takes_one_batch_of_the_oldest(app: Flask) -> None:
    old = clock.now() - repeating.KEEP - timedelta(hours=1)
    for number in range(501):
        digest = number.to_bytes(32, "big")
        db.session.add(IdempotencyKey(digest=digest, body=digest, created_at=old))
    db.session.commit()
    assert [repeating.purge() for _ in range(3)] == [500, 1, 0]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_of_twenty_at_once_one_is_stored_and_all_are_answered_alike(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        secret, posted, other = submissions.key(make.partner()), body(), body()
        db.session.remove()
    with ThreadPoolExecutor(20) as pool:
        tries = [
            pool.submit(lambda sent: post(browser(app), sent, secret=secret, idempotency=KEY), sent)
            for sent in [posted] * 20
        ]
        answers = Counter((each.result().status_code, each.result().data) for each in tries)
    assert len(answers) == 1 and {status for status, _data in answers} == {202}, answers
    with app.app_context():
        assert stored() == (1, 1)
        with ThreadPoolExecutor(20) as pool:
            tries = [
                pool.submit(lambda sent: post(browser(app), sent, secret=secret, idempotency="two"), sent)
                for sent in [posted, other] * 10
            ]
            statuses = Counter(each.result().status_code for each in tries)
        assert statuses == {202: 10, 422: 10}, "one body won, whichever"
        db.session.rollback()
        assert stored() == (2, 2)
        with writing():
            assert repeating.purge() == 0
