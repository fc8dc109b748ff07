"""Refusing: "this was not me", and taking that back."""

from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _refuse(client: FlaskClient, mails: Mailbag, address: str) -> tuple[str, str]:
    """Somebody types the address; its owner refuses. Returns the links that were mailed."""
    steps.sign(client, address)
    mail = mails.take_one().message
    confirm, refuse = make.link(mail, "confirm"), make.link(mail, "not-me")
    (form,) = steps.look(client, refuse).forms
    answer = client.post(form.action)
    assert (answer.status_code, answer.location) == (303, refuse)
    return confirm, refuse


def test_what_was_pending_goes_at_once(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.ask(client, mails, address, name="Mallory")

    confirm, _refuse_link = _refuse(client, mails, address)

    assert steps.submissions() == []
    assert client.get(confirm).status_code == 404
    assert client.post(confirm, data={"submission": "x"}).status_code in (303, 404)
    assert steps.signatures() == []
    assert address.encode() not in steps.stored_bytes()


def test_nothing_more_is_mailed_however_the_address_is_written(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        _refuse(client, mails, "ada@gmail.com")
        for address in ("ada@gmail.com", "A.da+x@googlemail.com"):
            steps.sign(client, address)
        assert mails.take() == []
        assert steps.submissions() == [], "nothing is kept of it either"
        travel.shift(timedelta(days=9))
        steps.sign(client, "ada@gmail.com")
        assert mails.take() == []


def test_the_same_page_lifts_it_and_mails_come_again(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    _confirm, refuse = _refuse(client, mails, address)
    (form,) = steps.look(client, refuse).forms
    assert form.action == f"{refuse}/lift"

    answer = client.post(form.action)

    assert (answer.status_code, answer.location) == (303, refuse)
    steps.become_signatory(client, mails, address)
    assert steps.counted(app, client) == 1


def test_refusing_and_lifting_twice_is_once(client: FlaskClient, mails: Mailbag) -> None:
    _confirm, refuse = _refuse(client, mails, make.email())

    for path in (refuse, refuse, f"{refuse}/lift", f"{refuse}/lift"):
        assert client.post(path).status_code == 303


def test_other_mailboxes_are_not_touched(client: FlaskClient, mails: Mailbag) -> None:
    other = steps.ask(client, mails, make.email())

    _refuse(client, mails, make.email())

    assert steps.confirm(client, other).status_code == 303
    mails.take_one()


def test_a_signature_stands_when_its_owner_refuses_what_a_stranger_typed(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    steps.sign(client, address, name="Ada")
    mail = mails.take_one().message
    steps.confirm(client, make.link(mail, "confirm"))
    mails.take_one()
    steps.sign(client, address, name="Mallory")

    client.post(make.link(mail, "not-me"))

    assert mails.take() == []
    assert [each.name for each in steps.submissions()] == ["Ada"]
    assert (steps.the_signature().name, steps.counted(app, client)) == ("Ada", 1)


def test_a_blocked_mailbox_gets_no_thank_you_mail_either(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    confirm, _refuse_link = _refuse(client, mails, address)
    steps.sign(client, address, name="Mallory")

    steps.confirm(client, confirm)

    assert mails.take() == []


def test_a_refusal_link_works_longer_than_a_confirmation_link(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        steps.sign(client, make.email())
        refuse = make.link(mails.take_one().message, "not-me")
        travel.shift(timedelta(days=89))
        mails.take()
        assert client.post(refuse).status_code == 303
        travel.shift(timedelta(days=1))
        assert client.get(refuse).status_code == 410
        assert client.post(refuse).status_code == 410
