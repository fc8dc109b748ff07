"""Answers tell nobody whether an address has endorsed, and nobody's mailbox is flooded."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import clock
from petition.endorsements import tickets
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps
from tests.signatures import steps as signing


def test_the_answer_and_the_work_are_the_same_for_every_address(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    pending, held, approved, blocked = (make.email() for _ in range(4))
    steps.endorse(client, pending)
    mails.take()
    make.endorsement(held, approved=False)
    make.endorsement(approved)
    make.signature(signed := make.email())
    steps.endorse(client, blocked)
    refuse = make.link(mails.take_one().message, "not-me")
    client.post(refuse)
    answers, works = set(), set()

    for address in (make.email(), pending, held, approved, signed, blocked):
        with signing.statements() as sent:
            answer = client.post(make.ENDORSE, data=make.endorse_form(email=address, organisation="Another Society"))
        answers.add((answer.status_code, answer.location, answer.data, tuple(sorted(answer.headers.keys()))))
        works.add(tuple(sent))

    assert len(answers) == 1
    # PostgreSQL's statement may meet the text's second that has run out; nothing else differs.
    assert len({tuple(each for each in work if "INSERT" in each) for work in works}) == 1
    assert not any("endorsement_" in each and "INSERT" not in each for work in works for each in work)
    mails.take()


def test_whoever_has_endorsed_is_told_so_with_the_personal_link(client: FlaskClient, mails: Mailbag) -> None:
    steps.become_held(client, mails, "ada@gmail.com")

    steps.endorse(client, "a.da+list@gmail.com", organisation="Somebody Else")

    mail = mails.take_one()
    assert mail.recipients == ("ada@gmail.com",), "the address that confirmed, not the one that was typed"
    assert "already endorsed" in mail.message["Subject"]
    assert "Analytical Society" in signing.look(client, make.link(mail.message, "endorsement")).html
    assert steps.the_endorsement().organisation == "Analytical Society"


def test_twenty_equal_posts_are_one_submission_and_one_mail(client: FlaskClient, mails: Mailbag) -> None:
    form = make.endorse_form()

    for _ in range(20):
        assert client.post(make.ENDORSE, data=form).status_code == 303

    mails.take_one()
    assert len(steps.submissions()) == 1


def test_at_most_five_mails_a_day_go_to_one_mailbox_whatever_they_are_about(
    client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    with time_machine.travel(clock.now(), tick=False) as travel:
        signing.sign(client, address)
        for number in range(9):
            steps.endorse(client, address, organisation=f"Society number {number}")
            travel.shift(timedelta(seconds=1))
        assert len(mails.take()) == 5
        travel.shift(timedelta(hours=24))
        steps.endorse(client, address, organisation="The next day")
        assert "endors" in mails.take_one().message["Subject"]


def test_whoever_says_this_was_not_me_gets_nothing_more_until_they_lift_it(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.endorse(client, address)
    refuse = make.link(mails.take_one().message, "not-me")
    for _ in range(2):
        assert client.post(signing.look(client, refuse).forms[0].action).status_code in (303, 404)
        client.post(refuse)
    assert steps.submissions() == []
    steps.endorse(client, address)
    signing.sign(client, address)
    assert mails.take() == [], "nor any mail of another room"
    assert steps.submissions() == []

    assert client.post(f"{refuse}/lift").status_code == 303

    steps.ask(client, mails, address)


def test_a_block_that_was_set_for_signatures_holds_for_endorsements_too(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    signing.sign(client, address)
    client.post(make.link(mails.take_one().message, "not-me"))

    steps.endorse(client, address)

    assert mails.take() == []


def test_the_address_stands_nowhere_in_clear(client: FlaskClient, mails: Mailbag) -> None:
    address = "responsible-person@example.org"
    steps.become_held(client, mails, address)
    assert address.encode() not in signing.stored_bytes()


@pytest.mark.parametrize("name", ["Sec-Fetch-Site", "Origin"])
def test_a_post_from_another_site_is_refused_and_keeps_what_was_typed(client: FlaskClient, name: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"} if name == "Sec-Fetch-Site" else {"Origin": "https://elsewhere.example"}
    if name == "Origin":
        del client.environ_base["HTTP_SEC_FETCH_SITE"]

    answer = client.post(make.ENDORSE, data=make.endorse_form(organisation="Kept Society"), headers=headers)

    assert answer.status_code == 403
    assert "from another site" in answer.text and "Kept Society" in answer.text
    assert steps.submissions() == []


def test_a_mailed_pages_button_pressed_from_another_site_does_nothing(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_held(client, mails, make.email())
    for action in ("withdraw", "erase"):
        answer = client.post(f"{personal}/{action}", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert steps.the_endorsement().state == "held"


@pytest.mark.parametrize("ticket", ["", "made.up", "A" * 200, "stale", "of signing", "of another language"])
def test_a_form_without_a_good_ticket_comes_back_with_a_new_one(client: FlaskClient, ticket: str) -> None:
    given = {
        "stale": tickets.make(make.text(), at=clock.now() - timedelta(hours=27)),
        "of signing": make.ticket(),
        "of another language": tickets.make(make.text("it"), at=clock.now()),
    }
    form = make.endorse_form(organisation="Kept Society") | {"ticket": given.get(ticket, ticket)}

    answer = client.post(make.ENDORSE, data=form)

    assert answer.status_code == 409
    assert "Kept Society" in answer.text
    page = signing.Page(answer).form("/endorse").values
    assert client.post(make.ENDORSE, data={**form, "ticket": page["ticket"]}).status_code == 303
    assert len(steps.submissions()) == 1
