"""Who has signed cannot be guessed from any answer, nor read from a stolen database."""

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition import keys
from petition.signatures.mailboxes import LIFETIMES
from petition.signatures.models import Purpose
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps


def _mailboxes_in_every_state(client: FlaskClient, mails: Mailbag) -> dict[str, str]:
    """An address for each state that a mailbox can be in."""
    states = ("new", "pending", "pending twice", "signed", "withdrawn", "erased", "blocked", "over the daily cap")
    found = {state: make.email() for state in states}
    for number, state in enumerate(("pending", "pending twice", "pending twice")):
        steps.ask(client, mails, found[state], name="Ada" + "xyz"[number])
    personal = {
        state: steps.become_signatory(client, mails, found[state]) for state in ("signed", "withdrawn", "erased")
    }
    client.post(f"{personal['withdrawn']}/withdraw")
    client.post(f"{personal['erased']}/erase")
    steps.sign(client, found["blocked"])
    client.post(make.link(mails.take_one().message, "not-me"))
    for letter in "abcdef":
        steps.sign(client, found["over the daily cap"], name=f"Ada {letter}")
        mails.take()
    return found


def _post(app: Flask, client: FlaskClient, address: str) -> tuple[TestResponse, list[str]]:
    # The month's first request makes a key; and a process knows the text for a second.
    client.post(make.SIGN, data={})
    app.extensions["petition.known_texts"] = {}
    with steps.statements() as sent:
        answer = client.post(make.SIGN, data=make.form(email=address, name="Grace Hopper"))
    return answer, sent


def test_signing_answers_alike_after_the_same_work_whoever_signed_before(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    found = _mailboxes_in_every_state(client, mails)

    seen = {state: _post(app, client, address) for state, address in found.items()}

    expected, work = seen["new"]
    assert expected.status_code == 303
    for state, (answer, sent) in seen.items():
        assert (answer.status, list(answer.headers), answer.data) == (
            expected.status,
            list(expected.headers),
            expected.data,
        ), state
        assert sent == work, state
    assert len(mails.take()) == 6, "all but the blocked mailbox and the one over the cap"


def test_signing_reads_no_signature_and_no_submission(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    _answer, sent = _post(app, client, make.email())

    for statement in sent:
        if statement.lstrip().upper().startswith("SELECT"):
            assert "signatures" not in statement and "submissions" not in statement
    assert sum("INSERT INTO submissions" in statement for statement in sent) == 1
    assert sum("INSERT INTO mails" in statement for statement in sent) == 1
    mails.take_one()


def test_a_double_click_answers_alike_too(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    (first, work), (second, again) = (_post(app, client, address) for _ in range(2))

    assert (list(first.headers), first.data, work) == (list(second.headers), second.data, again)
    mails.take_one()


def test_an_error_answers_alike_whoever_signed_before(app: Flask, client: FlaskClient) -> None:
    known, unknown = "known@example.org", "other@example.org"
    make.signature(known)
    with time_machine.travel("2026-03-04T12:00Z", tick=False):
        answers = [
            client.post(make.SIGN, data=make.form(email=address, name="=x")).text.replace(address, "")
            for address in (known, unknown)
        ]

    assert answers[0] == answers[1]


def test_the_page_after_signing_is_the_same_for_everyone(client: FlaskClient, mails: Mailbag) -> None:
    before = client.get(f"/en/{make.SLUG}/check-your-mail")
    steps.become_signatory(client, mails, make.email())

    after = client.get(f"/en/{make.SLUG}/check-your-mail")

    assert (before.data, list(before.headers)) == (after.data, list(after.headers))
    assert "Set-Cookie" not in after.headers


def test_no_public_answer_sets_a_cookie(client: FlaskClient, mails: Mailbag) -> None:
    answers = [client.get(path) for path in (make.PAGE, make.SIGN, "/en/confirm", "/en/privacy", "/")]
    answers += [client.post(make.SIGN, data=make.form()), client.post(make.SIGN, data={})]

    assert all("Set-Cookie" not in answer.headers for answer in answers)
    mails.take_one()


@pytest.mark.parametrize(
    "address", ["ada.lovelace@gmail.com", "a.signatory77@sub.domain.example.org", "ada77@münchen.example.org"]
)
def test_no_address_stands_in_any_table(client: FlaskClient, mails: Mailbag, address: str) -> None:
    personal = steps.become_signatory(client, mails, address)
    steps.sign(client, address, name="Again")
    mails.take_one()
    client.post("/en/confirm", data={"email": address, "code": "1"})

    stored = steps.stored_bytes()

    local, _, domain = address.partition("@")
    for clear in (address, local, domain, domain.encode("idna").decode(), personal.rpartition("/")[2]):
        assert clear.encode() not in stored
    signature = steps.the_signature()
    assert signature.address is not None and keys.ring().decrypt(signature.address) == address
    assert len({signature.mailbox, signature.loose_mailbox, signature.domain}) == 3


def test_the_same_address_is_encrypted_differently_every_time(app: Flask) -> None:
    address = make.email()
    first, second = (make.submission(address, name=name) for name in ("Ada", "Ada King"))

    assert first.address != second.address
    assert (first.mailbox, first.domain) == (second.mailbox, second.domain)
    make.confirm_link(first)


def test_addresses_of_one_provider_share_a_domain_hash_and_tags_a_loose_one(app: Flask) -> None:
    first, tagged, other = (
        make.submission(address) for address in ("a@example.org", "a+x@example.org", "b@example.net")
    )

    assert first.domain == tagged.domain != other.domain
    assert first.loose_mailbox == tagged.loose_mailbox and first.mailbox != tagged.mailbox
    for each in (first, tagged, other):
        make.confirm_link(each)


def test_every_purpose_of_a_link_has_its_lifetime(app: Flask) -> None:
    assert set(LIFETIMES) == set(Purpose)
