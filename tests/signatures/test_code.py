"""The eight-digit code: the other way to what was submitted."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pytest import MonkeyPatch
from sqlalchemy import event
from werkzeug.test import TestResponse

from petition.extensions import db
from petition.keys import Keys
from petition.signatures import codes
from tests import make
from tests.conftest import Mailbag, browser
from tests.signatures import steps
from tests.standing import AppMaker

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TYPE = "/en/confirm"


def _ask(client: FlaskClient, mails: Mailbag, address: str, **given: str) -> str:
    steps.sign(client, address, **given)
    return make.code(mails.take_one().message)


def _type(client: FlaskClient, address: str, code: str) -> TestResponse:
    return client.post(TYPE, data={"email": address, "code": code})


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


def test_the_code_leads_to_what_was_submitted_and_confirms_it(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    code = _ask(client, mails, address, name="Grace Hopper")

    opened = _type(client, address, code)

    assert opened.status_code == 303 and opened.location.startswith("/en/confirm/")
    assert steps.look(client, opened.location).forms[0].values["name"] == "Grace Hopper"
    assert steps.signatures() == [], "a code opens, it does not confirm"
    assert steps.confirm(client, opened.location).status_code == 303
    assert steps.counted(app, client) == 1
    mails.take_one()


def test_the_form_after_signing_takes_the_code(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    code = _ask(client, mails, address)
    form = steps.look(client, f"/en/{make.SLUG}/check-your-mail").form("/confirm")

    assert client.post(form.action, data={"email": address, "code": code}).status_code == 303


@pytest.mark.parametrize("shape", ["{0} {1}", " {0}{1} ", "{0}-{1}", "{0}\u00a0{1}", "{0}  {1}\t"])
def test_spaces_and_dashes_in_the_code_do_not_matter(client: FlaskClient, mails: Mailbag, shape: str) -> None:
    address = make.email()
    code = _ask(client, mails, address)

    assert _type(client, f" {address} ", shape.format(code[:4], code[4:])).status_code == 303


def test_any_spelling_of_the_mailbox_will_do(client: FlaskClient, mails: Mailbag) -> None:
    code = _ask(client, mails, "ada.lovelace@gmail.com")

    assert _type(client, "AdaLovelace@googlemail.com", code).status_code == 303


def test_a_newer_submissions_code_replaces_the_older_one(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    old = _ask(client, mails, address, name="Ada")
    new = _ask(client, mails, address, name="Ada King")

    assert _type(client, address, old).status_code == 422
    opened = _type(client, address, new)
    assert steps.look(client, opened.location).forms[0].values["name"] == "Ada King"


def test_the_fifth_try_counts_and_the_sixth_does_not_even_when_right(client: FlaskClient, mails: Mailbag) -> None:
    patient, hasty = make.email(), make.email()
    codes = {address: _ask(client, mails, address) for address in (patient, hasty)}
    for address, wrong_tries in ((patient, 4), (hasty, 5)):
        for _try in range(wrong_tries):
            assert _type(client, address, _wrong(codes[address])).status_code == 422

    assert _type(client, patient, codes[patient]).status_code == 303
    assert _type(client, hasty, codes[hasty]).status_code == 422


def test_a_new_mail_gives_five_new_tries_and_the_link_works_all_the_while(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.sign(client, address)
        mail = mails.take_one().message
        for _try in range(9):
            travel.shift(timedelta(seconds=1))
            _type(client, address, "00000000")
        assert client.get(make.link(mail, "confirm")).status_code == 200
        travel.shift(timedelta(minutes=11))
        assert _type(client, address, _ask(client, mails, address)).status_code == 303


def test_every_failure_gets_the_same_answer(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        expired = make.email()
        steps.sign(client, expired)
        mails.take_one()
        travel.shift(timedelta(days=2))
        old = make.code(mails.take_one().message)
        travel.shift(timedelta(days=7))
        address, tired, signed = make.email(), make.email(), make.email()
        right = _ask(client, mails, address)
        tired_code = _ask(client, mails, tired)
        travel.shift(timedelta(seconds=1))
        for _try in range(5):
            _type(client, tired, _wrong(tired_code))
        make.signature(signed)
        tries = [
            (make.email(), right),
            (address, _wrong(right)),
            (address, "1" * 2000),
            (address, "no digits"),
            (expired, old),
            (tired, tired_code),
            (signed, right),
            ("no address", right),
            ("x" * 3000, right),
            ("ada@\u2603.example.org", right),
        ]
        answers = [(_type(client, typed, code), typed, code) for typed, code in tries]
        seen = {_without(answer, typed, code) for answer, typed, code in answers}
        headers = [[header for header in answer.headers if header[0] != "Content-Length"] for answer, *_ in answers]
        assert len(seen) == 1
        assert all(each == headers[0] for each in headers)
        assert {answer.status_code for answer, *_ in answers} == {422}


def test_every_failure_does_the_same_work(client: FlaskClient, mails: Mailbag, monkeypatch: MonkeyPatch) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        pending, tired, unknown = make.email(), make.email(), make.email()
        codes = {address: _ask(client, mails, address) for address in (pending, tired)}
        travel.shift(timedelta(seconds=1))
        for _try in range(5):
            _type(client, tired, _wrong(codes[tired]))
        hashed: list[str] = []
        lookup = Keys.lookup
        monkeypatch.setattr(Keys, "lookup", lambda ring, kind, text: hashed.append(kind) or lookup(ring, kind, text))
        work = []
        for address, code in ((unknown, "12345678"), (pending, _wrong(codes[pending])), (tired, codes[tired])):
            hashed.clear()
            with steps.statements() as sent:
                assert _type(client, address, code).status_code == 422
            work.append(([each for each in sent if "SAVEPOINT" not in each], list(hashed)))
        assert work[0] == work[1] == work[2]
        assert work[0][1] == ["mailbox", "code"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_right_code_waits_for_its_turn_to_write(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    with app.app_context():
        made = make.submission("ada@example.org")
        made.code_hash, made.mailed_at = codes.keep(made.public_id, "12345678"), made.created_at
        db.session.commit()
        begun: list[bool] = []
        event.listen(db.engine, "begin", lambda each: begun.append(each.get_execution_options().get("writing", False)))

    assert _type(browser(app), "ada@example.org", "1234 5678").status_code == 303

    assert begun[-1], "the transaction that makes the link begins as a writer"


def _without(answer: TestResponse, *typed: str) -> str:
    text = answer.text
    for value in typed:
        text = text.replace(f'value="{value}"', "")
    return text


def test_a_failure_keeps_what_was_typed_and_says_so_in_the_title(client: FlaskClient) -> None:
    page = steps.Page(_type(client, "ada@example.org", "1234 5678"))

    assert page.title.startswith("Error")
    assert page.form("/confirm").values == {"email": "ada@example.org", "code": "1234 5678"}


@pytest.mark.parametrize(("email", "code", "wrong"), [("", "12345678", "email"), ("ada@example.org", " ", "code")])
def test_an_empty_field_is_told_beside_it(client: FlaskClient, email: str, code: str, wrong: str) -> None:
    answer = _type(client, email, code)

    assert answer.status_code == 422
    assert f'id="{wrong}-error"' in answer.text and f'href="#{wrong}"' in answer.text


def test_codes_of_other_sites_pages_are_refused(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    code = _ask(client, mails, address)

    answer = client.post(TYPE, data={"email": address, "code": code}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_tries_are_forgotten_after_thirty_days(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        _type(client, "ada@example.org", "12345678")
        assert len(steps.everything()["code_tries"]) == 1
        travel.shift(timedelta(days=30) + steps.MOMENT)
        steps.purge()
        assert steps.everything()["code_tries"] == []
