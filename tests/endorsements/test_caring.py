"""The personal link: everything is shown; withdrawing and erasing take it back; a recount stays exact."""

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition.declarations import folders, publishing
from petition.endorsements.models import Decision, State
from petition.extensions import db
from petition.privacy.models import Erasure
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps
from tests.signatures import steps as signing

NOON = datetime(2026, 3, 4, 12, 40, tzinfo=UTC)


def test_who_lost_the_link_asks_for_it_as_signatories_do(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.become_held(client, mails, address)

    assert client.post("/it/signature", data={"email": address}).status_code == 303
    mail = mails.take_one().message

    assert mail["To"] == address and mail["Content-Language"] == "it"
    text, html = _parts(mail)
    assert make.text().title in text and make.text().title in html
    assert "firm" not in text, "nothing was signed"
    assert "\n\n\n" not in text
    link = make.link(mail, "endorsement")
    assert link.startswith("/it/endorsement/") and link in text and link in html
    assert signing.look(client, link).form("/erase")


def test_one_mail_holds_the_links_of_what_was_signed_and_endorsed(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    steps.become_held(client, mails, address)
    signing.become_signatory(client, mails, address)

    client.post("/en/signature", data={"email": address})
    mail = mails.take_one().message

    for word in ("endorsement", "signature"):
        assert signing.look(client, make.link(mail, word)).form("/erase")
    assert "\n\n\n" not in _parts(mail)[0]
    for part in _parts(mail):
        assert part.index("/signature/") < part.index("withdraw or erase it at any time") < part.index("/endorsement/")


def test_an_endorsers_mailbox_that_refused_or_erased_gets_no_link(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    erased, refused = make.email(), make.email()
    client.post(f"{steps.become_held(client, mails, erased)}/erase")
    steps.endorse(client, refused)
    first = mails.take_one().message
    steps.confirm(client, make.link(first, "endorsement/confirm"))
    mails.take_one()
    client.post(make.link(first, "endorsement/not-me"))

    for address in (erased, refused):
        client.post("/en/signature", data={"email": address})
    assert mails.take() == []


@pytest.mark.parametrize("word", ["endorsement", "endorsement/confirm", "endorsement/not-me"])
def test_a_link_that_leads_nowhere_says_so_kindly(client: FlaskClient, word: str) -> None:
    answer = client.get(f"/en/{word}/made-up")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert "Nothing is stored behind this link" in answer.text and 'href="/en/signature"' in answer.text


def _parts(mail: EmailMessage) -> list[str]:
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return [str(body.get_content()) for body in bodies if body]


def test_the_personal_page_shows_all_that_is_stored_and_where_it_stands(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    personal = steps.become_held(client, mails, address, organisation="Society of Names")

    page = signing.look(client, personal).html
    for value in ("Society of Names", "https://www.example.org", "Ada Lovelace", "President", address, "I may speak"):
        assert value in page
    assert "An organiser will look at this endorsement" in page
    steps.decline(steps.the_endorsement(), "We do not know you.")
    assert "We do not know you." in signing.look(client, personal).html
    steps.approve(steps.the_endorsement())
    assert "This endorsement is shown and counted." in signing.look(client, personal).html
    mails.take()


def test_the_download_holds_everything(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    personal = steps.become_held(client, mails, address)
    steps.decline(steps.the_endorsement(), "We do not know you.")

    answer = client.get(f"{personal}/download")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    found = json.loads(answer.data)["endorsements"]
    assert found["declaration"] == make.SLUG
    assert found["endorsement"]["address"] == address
    assert found["endorsement"]["decisions"][0]["reason"] == "We do not know you."
    assert found["endorsement"]["consents"][0]["wording"].startswith("I may speak")
    assert [each["id"] for each in found["submissions"]] == [steps.submissions()[0].public_id]


def test_a_withdrawn_endorsement_is_neither_shown_nor_counted_and_may_come_back_through_approval(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    personal = steps.become_held(client, mails, address)
    steps.approve(steps.the_endorsement())
    mails.take()
    assert steps.counted(app) == 1

    for _ in range(2):
        assert client.post(f"{personal}/withdraw").status_code == 303

    assert (steps.counted(app), "Analytical Society" in steps.listed(app, client)) == (0, False)
    assert "You withdrew this endorsement" in signing.look(client, personal).html
    steps.become_held(client, mails, address)
    assert (steps.the_endorsement().state, steps.counted(app)) == (State.HELD, 0)
    steps.approve(steps.the_endorsement())
    assert steps.counted(app) == 1
    mails.take()


@pytest.mark.parametrize("approved", [True, False])
def test_an_erasure_leaves_an_anonymous_row_and_an_exact_count(
    app: Flask, client: FlaskClient, mails: Mailbag, approved: bool
) -> None:
    address = make.email()
    with time_machine.travel(NOON, tick=False):
        personal = steps.become_held(client, mails, address, organisation="Society of Names", site="names.example.org")
        steps.decline(steps.the_endorsement(), "A reason about somebody.")
        if approved:
            time_machine_later = NOON + timedelta(minutes=1)
            with time_machine.travel(time_machine_later, tick=False):
                steps.approve(steps.the_endorsement())
                mails.take()
        steps.counted(app)

        answer = client.post(f"{personal}/erase")

    assert answer.status_code == 200 and "Everything about you is erased" in answer.text
    stored = signing.stored_bytes()
    for value in ("Society of Names", "names.example.org", "Ada Lovelace", "President", "A reason about"):
        assert value.encode() not in stored, value
    row = steps.the_endorsement()
    assert (row.mailbox, row.address, row.counted, row.country) == (None, None, False, "GB")
    assert row.confirmed_at == NOON.replace(minute=0)
    assert steps.submissions() == [] and db.session.scalars(select(Decision)).all() == []
    assert db.session.scalars(select(Erasure.subject)).all() == [row.public_id]
    assert steps.counted(app) == 0
    assert client.get(personal).status_code == 404
    steps.become_held(client, mails, address)
    assert len(steps.endorsements()) == 2, "after an erasure one is new"


def test_submissions_are_purged_after_thirty_days(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        steps.ask(client, mails, make.email())
        travel.shift(timedelta(days=30))
        signing.purge()
        assert len(steps.submissions()) == 1
        travel.shift(signing.MOMENT)
        signing.purge()
        assert steps.submissions() == []


def test_after_the_retention_the_organisation_stays_and_the_person_goes(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        declined, approved, held = (
            make.endorsement(organisation=f"Society of {name}", approved=name == "approved")
            for name in ("declined", "approved", "held")
        )
        travel.shift(timedelta(minutes=2))
        steps.decline(declined)
        steps.decline(approved)
        travel.shift(timedelta(minutes=2))
        steps.approve(approved)
        assert steps.counted(app) == 1
        signing.schedule(app, closes_at=NOON + timedelta(days=1))
        travel.shift(timedelta(days=366))
        signing.purge()
        assert steps.counted(app) == 1, "whether it counts does not change"
        page = steps.listed(app, client)

    assert "Society of approved" in page and "Society of held" not in page
    assert b"Ada Lovelace" not in signing.stored_bytes()
    assert [(row.mailbox, row.person, row.state) for row in steps.endorsements()] == [
        (None, "", "declined"), (None, "", "approved"), (None, "", "held"),
    ]  # fmt: skip
    assert held.consents == []


def test_erasing_ones_signature_erases_the_endorsement_of_the_same_address_and_says_so_before(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    steps.become_held(client, mails, address, organisation="Society of Names")
    personal = signing.become_signatory(client, mails, address)
    assert "if you have also endorsed this declaration for an organisation" in signing.look(client, personal).html
    assert client.post(f"{personal}/erase").status_code == 200
    assert (steps.the_endorsement().organisation, steps.the_endorsement().mailbox) == ("", None)
    mails.take()


def test_who_is_declined_learns_how_the_organisers_are_reached(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    make.be_official(folder)
    publishing.publish(folders.read(folder))
    link = steps.ask(client, mails, make.email())
    steps.confirm(client, link)
    personal = make.link(mails.take_one().message, "endorsement")
    steps.decline(steps.the_endorsement())
    for page in (link, personal):
        assert 'href="mailto:desk@example.org"' in signing.look(client, page).html
    mails.take()
