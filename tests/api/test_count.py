"""The count: the number that the pages show, and the moment it was true."""

from datetime import UTC, datetime

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition.extensions import db
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from tests import make
from tests.standing import AppMaker

COUNT = f"/api/v1/declarations/{make.SLUG}/count"


def test_the_count_is_what_was_moved_last_and_says_when(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, 7, 900_000, tzinfo=UTC), tick=False):
        make.signature()
        make.signature()
        make.move_tally(app)
        make.signature()
        answer = client.get(COUNT)
    assert answer.get_json() == {"count": 2, "as_of": "2026-03-01T12:00:07Z"}
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*", "any site may read it"


def test_the_count_falls_when_a_signature_is_withdrawn(app: Flask, client: FlaskClient) -> None:
    signed = make.signature()
    make.move_tally(app)
    assert client.get(COUNT).get_json()["count"] == 1
    assert signed.mailbox is not None
    caring.withdraw(Mailbox(signed.text.declaration, signed.mailbox))
    db.session.commit()
    make.move_tally(app)
    app.extensions["petition.shelf"].clear()
    assert client.get(COUNT).get_json()["count"] == 0


def test_the_page_shows_the_same_number_and_moment(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC), tick=False):
        for _ in range(3):
            make.signature()
        make.move_tally(app)
        answer = client.get(COUNT).get_json()
        page = client.get(make.PAGE).text
    assert answer["count"] == 3
    assert 'datetime="2026-03-01T12:00:07Z"' in page or "13:00" in page
    assert ">3<" in page.replace("\n", "")


def test_an_unknown_declaration_has_no_count(client: FlaskClient) -> None:
    for slug in ("no-such-text", "x" * 3000, "%E2%80%AE", "child-dignity%20"):
        assert client.get(f"/api/v1/declarations/{slug}/count").status_code == 404


def test_both_databases_answer_alike(make_app: AppMaker) -> None:
    answers = []
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        for database in ("sqlite", "postgresql"):
            app = make_app(database)
            make.move_tally(app)
            answers.append(app.test_client().get(COUNT, headers={"Host": "localhost"}))
    assert answers[0].data == answers[1].data
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
