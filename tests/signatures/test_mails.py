"""Mails: what a mailbox gets, how often, and when nothing more is due."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition.extensions import db
from petition.outbox.models import Mail
from petition.signatures import moderating
from petition.signatures.models import Verdict
from tests import make
from tests.conftest import Mailbag
from tests.services import Mail as Arrived
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
REMINDER = timedelta(days=2)
LAST_TODAY = "This is the last email about this declaration that we send to your address today"


def _plain(mail: Arrived) -> str:
    plain = mail.message.get_body(("plain",))
    assert plain is not None
    return " ".join(plain.get_content().split())


def _both(mail: Arrived) -> list[str]:
    html = mail.message.get_body(("html",))
    assert html is not None
    return [_plain(mail), " ".join(html.get_content().split())]


def test_the_confirmation_mail_holds_link_code_and_a_way_to_refuse(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.sign(client, address)

    mail = mails.take_one()

    assert (mail.recipients, mail.message["Subject"]) == ((address,), "Please confirm your signature")
    code = make.code(mail.message)
    for form in _both(mail):
        assert make.text().title in form
        assert make.link(mail.message, "confirm") in form and make.link(mail.message, "not-me") in form
        assert f"{code[:4]} {code[4:]}" in form
        assert "Ada Lovelace" not in form, "what a stranger typed is not mailed to anyone"


def test_the_warning_not_to_pass_the_link_on_stands_under_the_personal_link(
    client: FlaskClient, mails: Mailbag
) -> None:
    steps.confirm(client, steps.ask(client, mails, make.email()))
    mail = mails.take_one()

    personal = make.link(mail.message, "signature")
    for form in _both(mail):
        places = [form.index(part) for part in (personal, "please do not pass it on", "you may pass this address on")]
        assert places == sorted(places)


def test_a_signatory_who_signs_again_learns_only_that_they_have_signed(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    steps.become_signatory(client, mails, "ada.lovelace@gmail.com", name="Ada Lovelace")

    steps.sign(client, "AdaLovelace+x@googlemail.com", name="Mallory")
    mail = mails.take_one()

    assert mail.recipients == ("ada.lovelace@gmail.com",), "the address that confirmed, not the one typed now"
    assert mail.message["Subject"] == "You have already signed"
    for form in _both(mail):
        assert "/confirm/" not in form and "/not-me/" not in form and "Mallory" not in form
    assert steps.look(client, make.link(mail.message, "signature")).form("/withdraw")
    assert steps.the_signature().name == "Ada Lovelace"
    assert steps.counted(app, client) == 1


def test_at_most_five_mails_a_day_go_to_one_mailbox_and_the_fifth_says_so(client: FlaskClient, mails: Mailbag) -> None:
    spellings = ["ada@gmail.com", "a.da@gmail.com", "ada@googlemail.com", "ada+x@gmail.com", "ADA@gmail.com"]
    with time_machine.travel(NOON, tick=False) as travel:
        for number, address in enumerate([*spellings, "ad.a@gmail.com", "ada@gmail.com"]):
            steps.sign(client, address, name=f"Ada {'abcdefg'[number]}")
            arrived = mails.take()
            if number >= 5:
                assert arrived == []
                continue
            for form in _both(arrived[0]):
                assert (LAST_TODAY in form) == (number == 4)
            travel.shift(timedelta(hours=1))
        travel.move_to(NOON + timedelta(hours=24) - steps.MOMENT)
        steps.sign(client, "ada@gmail.com", name="Still too early")
        assert mails.take() == []
        travel.move_to(NOON + timedelta(hours=24))
        steps.sign(client, "ada@gmail.com", name="A day later")
        mails.take_one()
        steps.sign(client, make.email(), name="Another mailbox")
        mails.take_one()


def test_mails_about_having_signed_count_too(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.become_signatory(client, mails, address)
        for number in range(3):
            travel.shift(timedelta(minutes=11))
            steps.sign(client, address)
            assert (LAST_TODAY in _plain(mails.take_one())) == (number == 2)
        travel.shift(timedelta(minutes=11))
        steps.sign(client, address)
        assert mails.take() == []


def test_a_thank_you_mail_over_the_limit_comes_the_next_day(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        for letter in "abcde":
            link = steps.ask(client, mails, address, name=f"Ada {letter}")
            travel.shift(timedelta(minutes=1))

        steps.confirm(client, link)

        assert mails.take() == []
        travel.move_to(NOON + timedelta(hours=24) - timedelta(seconds=1))
        assert mails.take() == []
        travel.move_to(NOON + timedelta(hours=24))
        thanks = mails.take_one()
        assert thanks.message["Subject"] == "Your signature is confirmed"
        assert steps.look(client, make.link(thanks.message, "signature")).form("/erase")
        travel.shift(timedelta(days=3))
        assert mails.take() == []


def test_a_thank_you_mail_that_is_the_fifth_says_so(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    for letter in "abcd":
        link = steps.ask(client, mails, address, name=f"Ada {letter}")

    steps.confirm(client, link)

    assert all(LAST_TODAY in form for form in _both(mails.take_one()))


def test_one_reminder_comes_after_two_days_and_its_link_and_code_work(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.ask(client, mails, address)
        travel.move_to(NOON + REMINDER - timedelta(seconds=1))
        assert mails.take() == []
        travel.move_to(NOON + REMINDER)
        reminder = mails.take_one()
        assert reminder.message["Subject"] == "Reminder: please confirm your signature"
        for _day in range(10):
            travel.shift(timedelta(days=1))
            assert mails.take() == []
        travel.move_to(NOON + REMINDER + timedelta(days=6))
        opened = client.post("/en/confirm", data={"email": address, "code": make.code(reminder.message)})
        assert opened.status_code == 303
        assert steps.confirm(client, make.link(reminder.message, "confirm")).status_code == 303
        mails.take_one()


def test_only_the_newest_pending_submission_is_reminded_of(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.ask(client, mails, address, name="Ada")
        travel.shift(timedelta(hours=1))
        steps.ask(client, mails, address, name="Ada King")
        travel.move_to(NOON + REMINDER)
        assert mails.take() == []
        travel.shift(timedelta(hours=1))
        link = make.link(mails.take_one().message, "confirm")
        assert steps.look(client, link).forms[0].values["name"] == "Ada King"


@pytest.mark.parametrize("way_out", ["confirm", "not-me"])
def test_nobody_is_reminded_after_confirming_or_refusing(client: FlaskClient, mails: Mailbag, way_out: str) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        steps.sign(client, make.email())
        mail = mails.take_one().message
        steps.confirm(client, make.link(mail, way_out))
        mails.take()
        travel.shift(timedelta(days=3))
        assert mails.take() == []


def test_nobody_is_reminded_or_asked_when_confirming_is_over(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        link = steps.ask(client, mails, make.email())
        steps.sign(client, make.email())
        steps.schedule(app, closes_at=NOON + timedelta(hours=12))
        travel.shift(REMINDER)
        assert mails.take() == []
        assert client.post(f"{link}/resend").status_code == 403
        assert mails.take() == []


def test_a_signatory_is_not_reminded_of_what_a_stranger_typed(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        first = steps.ask(client, mails, address, name="Ada")
        shown = steps.look(client, first).forms[0].values
        steps.ask(client, mails, address, name="Mallory")
        client.post(first, data=shown)
        mails.take_one()
        travel.shift(timedelta(days=3))
        assert mails.take() == []


@pytest.mark.parametrize("verb", ["withdraw", "erase"])
def test_a_waiting_thank_you_mail_does_not_follow_who_has_left(client: FlaskClient, mails: Mailbag, verb: str) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        personal = steps.become_signatory(client, mails, address)
        travel.shift(timedelta(minutes=1))
        other = make.confirm_link(make.submission(address, name="Ada King"))
        steps.confirm(client, other)
        travel.shift(timedelta(minutes=1))
        assert client.post(f"{personal}/{verb}").status_code in (200, 303)
        assert mails.take() == []


def test_the_outbox_holds_no_address_and_no_text(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address, name="Grace Hopper")

    rows = repr([vars(mail) for mail in db.session.scalars(select(Mail))])

    assert len(db.session.scalars(select(Mail)).all()) == 3, "confirm, remind, signed"
    for secret in (address, "Hopper", personal.rpartition("/")[2]):
        assert secret not in rows


def test_links_in_mails_come_from_the_base_url_whatever_the_host_header_says(
    client: FlaskClient, mails: Mailbag
) -> None:
    headers = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "evil.example.org"}
    assert client.post(make.SIGN, data=make.form(), headers=headers).status_code == 303

    for form in _both(mails.take_one()):
        assert "http://localhost:8000/en/confirm/" in form
        assert "evil" not in form and "127.0.0.1" not in form


def test_the_mail_follows_the_state_found_when_it_is_written(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    link = steps.ask(client, mails, address, name="Ada")
    steps.sign(client, address, name="Ada King")
    first = steps.submissions()[0].public_id
    client.post(link, data={**steps.look(client, link).forms[0].values, "submission": first, "name": "Ada"})

    subjects = sorted(mail.message["Subject"] for mail in mails.take())

    assert subjects == ["You have already signed", "Your signature is confirmed"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.HELD, "A person will look at it before it is counted and shown."),
        (Verdict.INVALIDATED, "The organisers have set this signature aside"),
    ],
)
def test_whoever_has_signed_already_is_told_too_that_it_does_not_count(
    client: FlaskClient, mails: Mailbag, verdict: Verdict, said: str
) -> None:
    address = make.email()
    steps.become_signatory(client, mails, address)
    moderating.decide(moderating.lock(steps.the_signature().public_id), verdict, reason="It looks like a machine.")
    db.session.commit()
    steps.sign(client, address)
    mail = mails.take_one()
    assert mail.message["Subject"] == "You have already signed"
    for words in _both(mail):
        assert said in " ".join(words.split()) and "machine" not in words


@pytest.mark.parametrize(
    ("verdict", "subject", "said"),
    [
        (Verdict.HELD, "Your signature is confirmed", "A person will look at it before it is counted and shown."),
        (Verdict.INVALIDATED, "Your signature is not counted", "The organisers have set this signature aside"),
    ],
)
def test_whoever_signs_what_does_not_count_is_told_so_on_the_page_and_by_mail(
    app: Flask, client: FlaskClient, mails: Mailbag, verdict: Verdict, subject: str, said: str
) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address)
    moderating.decide(moderating.lock(steps.the_signature().public_id), verdict, reason="It looks like a machine.")
    db.session.commit()
    client.post(f"{personal}/withdraw")

    confirm = steps.ask(client, mails, address)
    steps.confirm(client, confirm)
    mail, page = mails.take_one(), steps.look(client, confirm).html

    assert mail.message["Subject"] == subject
    for words in (*_both(mail), page):
        assert said in " ".join(words.split()) and "wa.me" not in words
        assert "machine" not in words and "You have signed. Thank you." not in words
    assert make.PAGE not in _plain(mail), "nothing to pass on"
    assert steps.counted(app, client) == 0
