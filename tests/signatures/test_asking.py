"""Asking for one's link: the same answer for every address; only the mailbox learns more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition import addresses
from petition.declarations import folders, publishing
from petition.extensions import db
from petition.outbox.models import Mail
from petition.signatures import confirming, signing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature, Submission
from petition.signatures.signing import Origin
from petition.signatures.statements import Statement
from petition.storing import store
from tests import make
from tests.conftest import Mailbag
from tests.services import Mail as Arrived
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ASK = "/en/signature"
SENT = "/en/signature/sent"


def _ask(client: FlaskClient, address: str, language: str = "en") -> None:
    answer = client.post(f"/{language}/signature", data={"email": address})
    assert (answer.status_code, answer.location) == (303, f"/{language}/signature/sent")


def _plain(mail: Arrived) -> str:
    plain = mail.message.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def _second_declaration(app: Flask, folder: Path) -> str:
    frame = folder / "declaration.toml"
    frame.write_text(frame.read_text().replace(f'slug = "{make.SLUG}"', 'slug = "another"'))
    for file in folder.glob("*.md"):
        file.write_text(file.read_text().replace("title: ", "title: Another: ", 1))
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)
    return "another"


def _signature_under(slug: str, address: str) -> Signature:
    rows = signing.sign(
        make.text("en", slug), make.statement(), address=addresses.parse(address), consents=(), origin=Origin()
    )
    store(*rows)
    made = db.session.scalars(select(Submission).where(Submission.public_id == rows[0].values["public_id"])).one()
    mailbox = Mailbox(made.text.declaration, made.mailbox)
    signed = confirming.confirm(mailbox, made, Statement.of(made), consents=())
    mailbox.drop_pending()
    db.session.commit()
    return signed


def test_the_page_asks_for_an_address_and_says_what_for(client: FlaskClient) -> None:
    page = steps.look(client, ASK)

    assert [(form.action, set(form.values)) for form in page.forms] == [(ASK, {"email"})]
    answer = client.get(ASK)
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers


def test_a_signatory_gets_a_new_personal_link(client: FlaskClient, mails: Mailbag) -> None:
    make.signature("ada.lovelace@gmail.com", name="Ada")

    _ask(client, "AdaLovelace+x@googlemail.com")
    mail = mails.take_one()

    assert mail.recipients == ("ada.lovelace@gmail.com",), "the address that confirmed, not the one typed now"
    assert mail.message["Subject"] == "Your personal link"
    assert "Ada" not in _plain(mail) and make.text().title in _plain(mail)
    assert steps.look(client, make.link(mail.message, "signature")).form("/erase")


def test_one_mail_holds_the_links_of_every_declaration_signed(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    address = make.email()
    second = _second_declaration(app, folder)
    make.signature(address, name="Ada")
    _signature_under(second, address)

    _ask(client, address)
    mail = mails.take_one()

    links = [line.removeprefix("http://localhost:8000") for line in _plain(mail).split() if "/signature/" in line]
    titles = {steps.look(client, link).title for link in links}
    assert len(links) == 2 and titles == {
        f"Your signature – {make.text('en', slug).title}" for slug in (make.SLUG, second)
    }
    for slug in (make.SLUG, second):
        assert make.text("en", slug).title in _plain(mail)


def test_who_withdrew_can_still_reach_what_is_stored(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address)
    client.post(f"{personal}/withdraw")

    _ask(client, address)

    assert steps.look(client, make.link(mails.take_one().message, "signature")).form("/erase")


def test_what_is_pending_gets_a_new_link_to_confirm(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.ask(client, mails, address)
        travel.shift(timedelta(days=9))
        mails.take()

        _ask(client, address)
        mail = mails.take_one()

        assert mail.message["Subject"] == "Please confirm your signature"
        assert steps.confirm(client, make.link(mail.message, "confirm")).status_code == 303
        mails.take_one()


def test_an_address_of_which_nothing_is_stored_gets_no_mail_and_leaves_no_trace(
    client: FlaskClient, mails: Mailbag
) -> None:
    _ask(client, make.email())

    assert mails.take() == []
    assert [(row.mailbox, row.reason) for row in db.session.scalars(select(Mail))] == [(None, "nothing is signed")]


@pytest.mark.parametrize("last_step", ["erase", "not-me"])
def test_who_erased_or_refused_gets_no_mail(client: FlaskClient, mails: Mailbag, last_step: str) -> None:
    address = make.email()
    steps.sign(client, address)
    first = mails.take_one().message
    steps.confirm(client, make.link(first, "confirm"))
    personal = make.link(mails.take_one().message, "signature")
    client.post(f"{personal}/erase" if last_step == "erase" else make.link(first, "not-me"))

    _ask(client, address)

    assert mails.take() == []


def test_nothing_pending_is_offered_when_confirming_is_over(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address, signatory = make.email(), make.email()
        steps.ask(client, mails, address)
        make.signature(signatory)
        steps.schedule(app, closes_at=NOON)
        travel.shift(timedelta(hours=24))

        _ask(client, address)
        assert mails.take() == []
        _ask(client, signatory)
        assert mails.take_one().message["Subject"] == "Your personal link", "what is stored can always be looked after"


def test_the_mail_comes_in_the_language_of_the_page(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    make.signature(address)

    _ask(client, address, language="it")
    mail = mails.take_one()

    assert mail.message["Content-Language"] == "it"
    assert make.text("it").title in _plain(mail)
    assert "/it/signature/" in make.link(mail.message, "signature")


def test_asking_answers_alike_after_the_same_work_whoever_signed(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    found = {state: make.email() for state in ("new", "pending", "signed", "withdrawn", "erased", "blocked")}
    steps.ask(client, mails, found["pending"])
    personal = {
        state: steps.become_signatory(client, mails, found[state]) for state in ("signed", "withdrawn", "erased")
    }
    client.post(f"{personal['withdrawn']}/withdraw")
    client.post(f"{personal['erased']}/erase")
    steps.sign(client, found["blocked"])
    client.post(make.link(mails.take_one().message, "not-me"))
    client.post(ASK, data={})

    seen = {}
    for state, address in found.items():
        with steps.statements() as sent:
            answer = client.post(ASK, data={"email": address})
        seen[state] = (answer.status, list(answer.headers), answer.data, sent)

    assert all(each == seen["new"] for each in seen.values())
    assert sum("INSERT INTO mails" in statement for statement in seen["new"][3]) == 1
    assert client.get(SENT).status_code == 200
    mails.take()


def test_the_waiting_mail_holds_no_address(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    _ask(client, address)

    assert address.encode() not in steps.stored_bytes()
    mails.take()


def test_at_most_two_answers_a_day_go_to_a_mailbox_and_take_nothing_from_the_mails_about_signing(
    client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.become_signatory(client, mails, address)
        for number in range(5):
            travel.shift(timedelta(minutes=11))
            _ask(client, address)
            assert len(mails.take()) == (number < 2)
        for number in range(5):
            steps.sign(client, address, name=f"Ada {'abcde'[number]}")
            assert len(mails.take()) == (number < 3), "two of the day's five went before"
        travel.move_to(NOON + timedelta(days=1, minutes=11))
        _ask(client, address)
        mails.take_one()


def test_asking_twice_at_once_keeps_to_the_daily_limit(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    make.signature(address)
    for _time in range(7):
        _ask(client, address)
    assert len(mails.take()) == 2


def test_who_was_made_to_get_answers_all_day_can_still_confirm(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address)
    client.post(f"{personal}/withdraw")
    for _time in range(7):
        _ask(client, address)
    mails.take()

    link = steps.ask(client, mails, address)

    assert steps.confirm(client, link).status_code == 303
    mails.take_one()


def test_erasing_takes_the_asking_along_and_the_download_lists_it(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address)
    _ask(client, address)
    mails.take_one()

    listed = client.get(f"{personal}/download").get_json()["outbox"]["mails"]
    assert [mail["kind"] for mail in listed] == ["confirm", "remind", "signed", "links"]
    assert "Your personal link, as asked for" in steps.look(client, personal).html
    client.post(f"{personal}/erase")
    assert db.session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize(
    "typed", ["", "  ", "ada", "ada@", "@example.org", "ada@exa mple.org", "a" * 300 + "@example.org"]
)
def test_what_is_no_address_is_told_so_and_kept(client: FlaskClient, typed: str) -> None:
    answer = client.post(ASK, data={"email": typed})

    assert answer.status_code == 422
    page = steps.Page(answer)
    assert page.title.startswith("Error") and 'id="email-error"' in page.html
    assert page.forms[0].values["email"] == typed
    assert db.session.scalars(select(Mail)).all() == []


def test_a_form_of_another_site_asks_for_nothing(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    make.signature(address)

    assert client.post(ASK, data={"email": address}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

    assert mails.take() == []


@pytest.mark.parametrize(
    "path", [f"/en/{make.SLUG}/check-your-mail", "/en/confirm/unknown", "/en/signature/unknown", "/en/privacy"]
)
def test_pages_on_which_people_miss_their_link_lead_to_it(client: FlaskClient, path: str) -> None:
    assert f'href="{ASK}"' in client.get(path).text


def test_changing_the_language_keeps_the_address_and_sends_nothing(client: FlaskClient) -> None:
    answer = client.post("/it/signature", data={"email": "half an address", "switch": "it"})

    page = steps.Page(answer)
    assert (answer.status_code, page.language, page.form("/it/signature").values["email"]) == (
        200, "it", "half an address",
    )  # fmt: skip
    assert db.session.scalars(select(Mail)).all() == []
