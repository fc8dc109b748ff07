"""Who agreed to updates: only consents that stand of signatures that count, each with its words and its time."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition import keys
from petition.deliveries import updates
from petition.extensions import db
from petition.signatures import moderating
from petition.signatures.models import Consent
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps
from tests.staff import signed_in, staff_post

PAGE = f"/console/declarations/{make.SLUG}/updates"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def rows(app: Flask) -> list[dict[str, str]]:
    answer = staff_post(signed_in(app, "moderator"), PAGE, reason="The March letter.")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith(f"attachment; filename={make.SLUG}-updates-")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "text/csv"
    assert answer.content_length == len(answer.data), "a browser knows by it when something is missing"
    told = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    answer.close()
    return told


def agree(client: FlaskClient, mails: Mailbag, address: str, **given: str) -> str:
    return steps.become_signatory(client, mails, address, updates="y", **given)


def test_each_is_told_with_the_words_the_language_and_the_time_of_the_consent(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False):
        agree(client, mails, "ada@example.org", name="Ada Byron", country="IT")
        signature = steps.the_signature()
        assert rows(app) == [
            {
                "id": signature.public_id if signature.public_id[0] != "-" else f"'{signature.public_id}",
                "email": "ada@example.org",
                "name": "Ada Byron",
                "country": "IT",
                "language": "en",
                "wording": steps.declaration().plan.consents["updates"]["en"],
                "wording_language": "en",
                "given_at": "2026-03-04T12:00:00Z",
            }
        ]


def test_who_did_not_agree_took_it_back_withdrew_or_is_set_aside_is_not_in_it(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    steps.become_signatory(client, mails, "never@example.org")
    steps.correct(client, agree(client, mails, "back@example.org"), updates=None)
    client.post(f"{agree(client, mails, 'withdrew@example.org')}/withdraw")
    client.post(f"{agree(client, mails, 'erased@example.org')}/erase")
    for address, decide in (("held@example.org", moderating.hold), ("void@example.org", moderating.invalidate)):
        agree(client, mails, address)
        decide(moderating.lock(steps.signatures()[-1].public_id), reason="It looks odd.")
        db.session.commit()
    agree(client, mails, "stands@example.org", visibility="counted", name="Hidden Name")
    told = rows(app)
    assert [(row["email"], row["name"]) for row in told] == [("stands@example.org", "")]


def test_one_who_agreed_twice_stands_once_with_the_newest_words(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    agree(client, mails, "ada@example.org")
    signature = steps.the_signature()
    newer = signature.consents[0].given_at + timedelta(days=1)
    signature.consents.append(Consent(purpose="updates", wording="=New words", language="it", given_at=newer))
    db.session.commit()
    assert [(row["wording"], row["wording_language"]) for row in rows(app)] == [("'=New words", "it")]


def test_however_long_the_reading_takes_no_timeout_ends_it(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    agree(client, mails, "ada@example.org")
    if db.engine.dialect.name == "postgresql":
        before = db.session.scalar(text("SHOW statement_timeout"))
        told = updates.lines(steps.declaration())
        assert next(told) and "ada@example.org" in next(told)
        assert (before, db.session.scalar(text("SHOW statement_timeout"))) == ("10s", "0")
        told.close()  # type: ignore[attr-defined]
    db.session.rollback()
    assert len(rows(app)) == 1


def test_no_cell_is_taken_for_a_formula(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    agree(client, mails, "ada@example.org")
    signature = steps.the_signature()
    signature.name, signature.address = "@SUM(A1)", keys.ring().encrypt("=ada@example.org")
    db.session.commit()
    assert [(row["name"], row["email"]) for row in rows(app)] == [("'@SUM(A1)", "'=ada@example.org")]


def test_a_file_that_cannot_be_made_whole_is_not_begun(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    agree(client, mails, "ada@example.org")
    agree(client, mails, "bob@example.org")
    steps.signatures()[-1].address = b"spoilt"
    db.session.commit()
    answer = staff_post(signed_in(app, "moderator"), PAGE, reason="The March letter.")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "ada@example.org" not in answer.text


def test_without_a_reason_or_a_fresh_proof_nothing_leaves(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    agree(client, mails, "ada@example.org")
    for reason in ("", "=1"):
        answer = staff_post(signed_in(app, "organiser"), PAGE, reason=reason)
        assert answer.status_code == 422 and "ada@" not in answer.get_data(as_text=True)
    answer = staff_post(signed_in(app, "organiser", fresh=False), PAGE, reason="The March letter.")
    assert answer.status_code == 403
    assert "The March letter." in answer.get_data(as_text=True) and "ada@" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "status"), [("organiser", 200), ("moderator", 200), ("exporter", 403), ("editor", 403)]
)
def test_only_who_has_the_duty_may(app: Flask, role: str, status: int) -> None:
    client = signed_in(app, role)
    assert client.get(PAGE).status_code == status
    with staff_post(client, PAGE, reason="The March letter.") as answer:
        assert answer.status_code == status
