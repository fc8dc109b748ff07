"""Old links: to what is confirmed, expired, withdrawn, erased or purged; each says kindly where one stands."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
GONE = "Nothing is stored behind this link"
ASK = 'href="/en/signature"'


@pytest.mark.parametrize("link", ["confirm", "signature", "not-me"])
def test_links_to_an_erased_signature_say_that_nothing_is_stored_any_more(
    client: FlaskClient, mails: Mailbag, link: str
) -> None:
    steps.sign(client, make.email())
    first = mails.take_one().message
    steps.confirm(client, make.link(first, "confirm"))
    thanks = mails.take_one().message
    client.post(f"{make.link(thanks, 'signature')}/erase")

    answer = client.get(make.link(thanks if link == "signature" else first, link))

    assert answer.status_code == 404
    assert steps.Page(answer).title == GONE
    assert "this is as it should be" in answer.text and ASK in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_link_to_what_was_purged_says_the_same(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email())
        steps.schedule(app, closes_at=NOON + timedelta(days=1))
        travel.shift(timedelta(days=400))
        steps.purge()

        answer = client.get(personal)

    assert (answer.status_code, steps.Page(answer).title) == (404, GONE)


@pytest.mark.parametrize("path", ["/confirm/", "/signature/", "/not-me/", "/unsubscribe/"])
@pytest.mark.parametrize("token", ["x", "ä%CC%81☃", "a" * 3000, "..%2f..", "%F0%9F%99%82"])
def test_a_link_that_nobody_mailed_helps_on(client: FlaskClient, path: str, token: str) -> None:
    for answer in (client.get(f"/it{path}{token}"), client.post(f"/it{path}{token}")):
        assert answer.status_code == 404
        page = steps.Page(answer)
        assert (page.language == "it" and "/it/signature" in page.html) or "%2f" in token


def test_a_link_to_a_withdrawn_signature_says_so_and_offers_to_sign_again(client: FlaskClient, mails: Mailbag) -> None:
    confirm = steps.ask(client, mails, make.email())
    steps.confirm(client, confirm)
    personal = make.link(mails.take_one().message, "signature")
    client.post(f"{personal}/withdraw")

    old = steps.look(client, confirm)
    assert "Your signature is withdrawn" in old.html and "you may sign again" in old.html and ASK in old.html
    own = steps.look(client, personal)
    assert "You withdrew this signature" in own.html and "You may sign again" in own.html


def test_a_link_that_was_used_says_that_nothing_is_left_to_do(client: FlaskClient, mails: Mailbag) -> None:
    confirm = steps.ask(client, mails, make.email())
    steps.confirm(client, confirm)
    mails.take_one()

    for _time in range(2):
        page = steps.look(client, confirm)
        assert page.forms == []
        assert "You have signed. Thank you." in page.html and "nothing is left to do" in page.html
        assert ASK in page.html


def test_a_link_that_ran_out_offers_a_new_one_also_to_who_had_the_page_open(
    client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        confirm = steps.ask(client, mails, make.email())
        typed = steps.look(client, confirm).forms[0].values
        travel.shift(timedelta(days=7))
        mails.take()

        for answer in (client.get(confirm), client.post(confirm, data=typed)):
            assert answer.status_code == 410
            page = steps.Page(answer)
            assert page.title == "This link has expired" and "is still there" in page.html
            assert client.post(page.form("/resend").action).status_code == 303
        assert "/confirm/" in make.link(mails.take()[0].message, "confirm")


@pytest.mark.parametrize(("page", "then"), [("it", "it"), ("en", "en"), ("ar", "en")])
def test_asking_for_a_new_link_stays_in_the_pages_language_where_the_declaration_speaks_it(
    app: Flask, client: FlaskClient, mails: Mailbag, page: str, then: str
) -> None:
    for text in steps.declaration().texts:
        text.current = text.current and text.language != "ar"
    steps.forget_texts(app)
    confirm = steps.ask(client, mails, make.email())

    answer = client.post(f"{confirm.replace('/en/', f'/{page}/')}/resend")

    assert answer.location == f"/{then}/{make.SLUG}/check-your-mail"
    assert client.get(answer.location).status_code == 200
    mails.take()


def test_a_link_to_refuse_that_ran_out_says_so(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        steps.sign(client, make.email())
        refuse = make.link(mails.take_one().message, "not-me")
        travel.shift(timedelta(days=90))

        for answer in (client.get(refuse), client.post(refuse)):
            assert (answer.status_code, "This link has expired." in answer.text) == (410, True)
