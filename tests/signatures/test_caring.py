"""Caring for a signature: see, correct, withdraw, sign again, erase, download."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition import clock
from petition.declarations import folders, publishing
from petition.extensions import db
from petition.privacy.models import Erasure
from petition.signatures.models import CodeTry, Consent, MailBlock, MailedLink, Signature
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 34, 56, 789, tzinfo=UTC)
LIST = f"/en/{make.SLUG}/signatories"


def _list(app: Flask, client: FlaskClient) -> str:
    app.extensions["petition.shelf"].clear()
    return steps.look(client, LIST).html


def test_the_personal_page_shows_what_is_stored(client: FlaskClient, mails: Mailbag) -> None:
    typed = {"name": "Grace Hopper", "affiliation": "Navy", "role": "Rear admiral", "country": "US"}
    personal = steps.become_signatory(client, mails, make.email(), **typed, updates="y")

    page = steps.look(client, personal)

    for value in ("Grace Hopper", "Navy", "Rear admiral", "United States", make.text().title, make.text().sha256[:8]):
        assert value in page.html
    for wording in make.text().declaration.plan.consents.values():
        assert wording["en"] in page.html
    values = page.form(personal).values
    assert {name: values[name] for name in typed} == typed
    assert (values["visibility"], values["updates"]) == ("public", "y")


def test_a_correction_is_kept_and_the_count_follows_the_country(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada", affiliation="Analysts")
    assert steps.counted(app, client) == 1

    answer = steps.correct(client, personal, name=" Ada  Lovelace ", country="IT", affiliation="", role="Countess")

    assert (answer.status_code, answer.location.partition("?")[0]) == (303, personal)
    signature = steps.the_signature()
    assert (signature.name, signature.country) == ("Ada Lovelace", "IT")
    assert (signature.affiliation, signature.role) == (None, "Countess")
    assert steps.counted(app, client) == 1
    assert [consent.purpose for consent in signature.consents] == ["agree"]


def test_a_wrong_correction_changes_nothing_and_keeps_what_was_typed(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada")

    answer = steps.correct(client, personal, name="=SUM(A1)", country="XX", role="Countess", visibility="all")

    assert answer.status_code == 422
    page = steps.Page(answer)
    assert page.title.startswith("Error")
    assert {f'id="{name}-error"' in page.html for name in ("name", "country", "visibility")} == {True}
    values = page.form(personal).values
    assert (values["name"], values["role"]) == ("=SUM(A1)", "Countess")
    assert steps.the_signature().name == "Ada"


def test_visibility_can_be_changed_and_the_list_follows(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Grace Hopper")
    assert "Grace Hopper" in _list(app, client)

    for visibility, shown in (("addressee", False), ("counted", False), ("public", True)):
        assert steps.correct(client, personal, visibility=visibility).status_code == 303
        assert steps.the_signature().visibility == visibility
        assert ("Grace Hopper" in _list(app, client)) == shown
        assert steps.counted(app, client) == 1


def test_updates_can_be_taken_back_and_the_record_stays(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), updates="y")
        travel.shift(timedelta(days=1))
        steps.correct(client, personal, updates=None)
        agree, updates = steps.the_signature().consents
        assert (agree.purpose, agree.withdrawn_at) == ("agree", None)
        assert (updates.purpose, updates.given_at) == ("updates", NOON)
        assert updates.withdrawn_at == NOON + timedelta(days=1)
        assert "updates" not in steps.look(client, personal).form(personal).values
        travel.shift(timedelta(days=1))
        steps.correct(client, personal, updates="y")
        *earlier, again = steps.the_signature().consents
        assert [consent.id for consent in earlier] == [agree.id, updates.id]
        assert (again.given_at, again.withdrawn_at) == (NOON + timedelta(days=2), None)
        steps.correct(client, personal)
        assert len(steps.the_signature().consents) == 3, "what stands is not given again"


def test_taking_updates_back_ends_what_was_given_in_other_words_too(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), updates="y")
    plan = folder / "declaration.toml"
    plan.write_text(plan.read_text().replace("I would like to receive updates", "Please send me updates"))
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)
    steps.correct(client, personal, updates="y")
    assert len([each for each in steps.the_signature().consents if each.purpose == "updates"]) == 2

    steps.correct(client, personal, updates=None)

    assert all(each.withdrawn_at for each in steps.the_signature().consents if each.purpose == "updates")
    assert "updates" not in steps.look(client, personal).form(personal).values


def test_withdrawing_takes_the_name_off_list_and_count_and_twice_is_once(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), name="Grace Hopper", updates="y")
        assert steps.counted(app, client) == 1
        travel.shift(timedelta(hours=5))
        form = steps.look(client, personal).form("/withdraw")
        for _time in range(2):
            answer = client.post(form.action)
            assert (answer.status_code, answer.location) == (303, personal)
            assert steps.counted(app, client) == 0
            travel.shift(timedelta(hours=1))
        signature = steps.the_signature()
        assert signature.withdrawn_at == NOON + timedelta(hours=5)
        assert (signature.confirmed_at, signature.name) == (NOON, "Grace Hopper")
        assert all(consent.withdrawn_at == signature.withdrawn_at for consent in signature.consents)
        assert "Grace Hopper" not in _list(app, client)
        page = steps.look(client, personal)
        assert "You withdrew this signature" in page.html
        assert not any(form.action.endswith("/withdraw") for form in page.forms)


def test_what_is_withdrawn_is_not_corrected(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), name="Ada")
        values = steps.look(client, personal).form(personal).values
        travel.shift(timedelta(hours=1))
        client.post(f"{personal}/withdraw")

        assert client.post(personal, data={**values, "name": "Eve"}).status_code == 409

        assert (steps.the_signature().name, steps.counted(app, client)) == ("Ada", 0)


def test_one_may_sign_again_after_withdrawing(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        personal = steps.become_signatory(client, mails, address, name="Ada", updates="y")
        travel.shift(timedelta(hours=5))
        client.post(f"{personal}/withdraw")
        travel.shift(timedelta(hours=5))
        again = steps.become_signatory(client, mails, address, name="Ada King", country="IT")

        signature = steps.the_signature()
        assert (signature.name, signature.confirmed_at) == ("Ada King", NOON + timedelta(hours=10))
        assert signature.withdrawn_at == NOON + timedelta(hours=5), "undoing clears no fact"
        standing = [consent.purpose for consent in signature.consents if consent.withdrawn_at is None]
        assert standing == ["agree"]
        assert steps.counted(app, client) == 1
        for link in (personal, again):
            assert steps.look(client, link).form(link).values["name"] == "Ada King"
        travel.shift(timedelta(hours=1))
        client.post(f"{again}/withdraw")
        assert steps.counted(app, client) == 0


def test_erasing_leaves_an_anonymous_row_and_nothing_else(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        typed = {"name": "Grace Hopper", "affiliation": "Navy", "role": "Admiral", "country": "US", "updates": "y"}
        personal = steps.become_signatory(client, mails, address, **typed)
        assert steps.counted(app, client) == 1
        mailbox = steps.the_signature().mailbox
        assert mailbox is not None
        client.post("/en/confirm", data={"email": address, "code": "12345678"})
        stranger = make.email()
        other = steps.ask(client, mails, stranger, name="Somebody else")
        steps.sign(client, address, name="Grace Again")
        before = steps.the_signature().public_id
        travel.shift(timedelta(days=3))

        erased = client.post(steps.look(client, personal).form("/erase").action)

        assert erased.status_code == 200
        assert steps.counted(app, client) == 0
        row = steps.the_signature()
        hour = NOON.replace(minute=0, second=0, microsecond=0)
        kept = {
            "id": row.id, "public_id": before, "declaration_id": steps.declaration().id, "text_id": make.text().id,
            "country": "US", "language": "en", "channel": "web", "source": "", "partner": "",
            "created_at": hour, "confirmed_at": hour, "withdrawn_at": hour + timedelta(days=3),
            "erased_at": NOON + timedelta(days=3), "visibility": "counted", "name": "", "counted": False,
        }  # fmt: skip
        columns = {column.name: getattr(row, column.name) for column in Signature.__table__.columns}
        assert {name: value for name, value in columns.items() if value is not None} == kept
        for table in (Consent, CodeTry, MailBlock):
            assert db.session.scalars(select(table)).all() == []
        assert all(link.mailbox != mailbox for link in db.session.scalars(select(MailedLink)))
        journal = db.session.scalars(select(Erasure)).one()
        assert (journal.subject, journal.erased_at) == (before, NOON + timedelta(days=3))
        stored = steps.stored_bytes()
        for trace in (address.encode(), b"Hopper", b"Grace", b"Navy", b"Admiral", mailbox):
            assert trace not in stored
        assert client.get(other).status_code == 200, "another mailbox's links live"
        for path in (personal, f"{personal}/download"):
            assert client.get(path).status_code == 404
        for verb in ("", "/withdraw", "/erase"):
            assert client.post(personal + verb, data=make.form()).status_code == 404
        assert [mail.recipients for mail in mails.take()] == [(stranger,)], "a reminder, and to nobody else"


def test_after_an_erasure_one_is_new(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        personal = steps.become_signatory(client, mails, address)
        travel.shift(timedelta(minutes=1))
        client.post(f"{personal}/erase")

        again = steps.become_signatory(client, mails, address, name="Ada King")

        first, second = steps.signatures()
        assert (first.mailbox, second.name) == (None, "Ada King")
        assert steps.counted(app, client) == 1
        client.post(f"{again}/erase")
        assert steps.counted(app, client) == 0


def test_erasing_lifts_a_refusal_whose_link_goes_with_it(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.sign(client, address)
    mail = mails.take_one().message
    steps.confirm(client, make.link(mail, "confirm"))
    personal = make.link(mails.take_one().message, "signature")
    client.post(make.link(mail, "not-me"))

    client.post(f"{personal}/erase")

    assert client.get(make.link(mail, "not-me")).status_code == 404
    steps.become_signatory(client, mails, address)


def test_a_withdrawn_signature_can_be_erased(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email())
        travel.shift(timedelta(hours=2))
        client.post(f"{personal}/withdraw")
        travel.shift(timedelta(hours=2))
        client.post(f"{personal}/erase")

        row = steps.the_signature()
        assert row.withdrawn_at == datetime(2026, 3, 4, 14, tzinfo=UTC)
        assert steps.counted(app, client) == 0


@pytest.mark.parametrize("hours", [0, 1, 30])
def test_the_count_is_exact_whenever_somebody_erases(
    app: Flask, client: FlaskClient, mails: Mailbag, hours: int
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        others = make.signature()
        personal = steps.become_signatory(client, mails, make.email())
        travel.shift(timedelta(hours=hours))
        client.post(f"{personal}/erase")
        assert steps.counted(app, client) == 1
        assert others.counted


def test_the_download_holds_everything_that_is_stored(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        typed = {"name": "Ğrace Hopper", "affiliation": "Navy", "role": "Admiral", "country": "US"}
        personal = steps.become_signatory(client, mails, address, **typed, updates="y")
        travel.shift(timedelta(hours=1))
        steps.correct(client, personal, updates=None)

        answer = client.get(f"{personal}/download")

    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "Ğrace" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    kept = answer.get_json()["signatures"]
    assert (kept["declaration"], kept["mail_refused"]) == (make.SLUG, False)
    signature, (submission,) = kept["signature"], kept["submissions"]
    row = steps.the_signature()
    for each in (signature, submission):
        assert {name: each[name] for name in typed} == typed
        assert (each["address"], each["visibility"], each["language"]) == (address, "public", "en")
        assert each["text_sha256"] == make.text().sha256
        assert (each["channel"], each["source"], each["answers"]) == ("web", "", None)
        assert row.network is not None and each["network"] == row.network.hex()
        assert each["created_at"] == each["confirmed_at"] == "2026-03-04T12:34:56Z"
    wordings = make.text().declaration.plan.consents
    assert signature["consents"] == [
        {"purpose": "agree", "wording": wordings["agree"]["en"], "given_at": "2026-03-04T12:34:56Z",
         "language": "en", "partner": None, "withdrawn_at": None},
        {"purpose": "updates", "wording": wordings["updates"]["en"], "given_at": "2026-03-04T12:34:56Z",
         "language": "en", "partner": None, "withdrawn_at": "2026-03-04T13:34:56Z"},
    ]  # fmt: skip


def test_the_address_can_be_read_by_its_owner_alone(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address)

    for path in (make.PAGE, LIST, f"/api/v1/declarations/{make.SLUG}/count"):
        assert address not in client.get(path).text
    assert address in client.get(f"{personal}/download").text


def test_pages_reached_by_token_are_neither_stored_nor_told_to_others(client: FlaskClient, mails: Mailbag) -> None:
    steps.sign(client, make.email())
    mail = mails.take_one().message
    links = [make.link(mail, "confirm"), make.link(mail, "not-me")]
    answers = [client.get(link) for link in links]
    steps.confirm(client, links[0])
    personal = make.link(mails.take_one().message, "signature")
    answers += [client.get(personal), client.get(f"{personal}/download"), client.get("/en/confirm/unknown")]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("page", ["confirm", "signature"])
def test_updates_are_agreed_to_in_the_words_that_were_shown_or_not_at_all(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path, page: str
) -> None:
    ways = {"confirm": steps.ask, "signature": steps.become_signatory}
    path = ways[page](client, mails, make.email())
    shown = {**next(form for form in steps.look(client, path).forms if "name" in form.values).values, "updates": "y"}
    wording = make.text().declaration.plan.consents["updates"]["en"]
    frame = folder / "declaration.toml"
    assert wording in frame.read_text()
    frame.write_text(frame.read_text().replace(wording, "Other words."))
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)

    answer = client.post(path, data={**shown, "name": "Grace"})

    assert answer.status_code == 409 and "Other words." in answer.text and 'role="alert"' in answer.text
    again = next(form for form in steps.Page(answer).forms if "name" in form.values).values
    assert (again["name"], "updates" in again) == ("Grace", False), "the box is ticked anew or not at all"
    assert client.post(path, data={**again, "updates": "y"}).status_code == 303
    given = [each.wording for each in steps.the_signature().consents if each.purpose == "updates"]
    assert given == ["Other words."]
    mails.take()


def test_erasing_locks_in_the_order_of_confirming(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email())

    with steps.statements() as sent:
        assert client.post(f"{personal}/erase").status_code == 200

    read = [each for each in sent if each.startswith("SELECT")]
    submissions, signature = (
        next(number for number, each in enumerate(read) if f"FROM {table} " in each.replace("\n", " ") + " ")
        for table in ("submissions", "signatures")
    )
    assert submissions < signature


def test_whose_signature_was_set_aside_learns_how_the_organisers_are_reached(
    client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    make.be_official(folder)
    publishing.publish(folders.read(folder))
    link = steps.ask(client, mails, make.email())
    steps.confirm(client, link)
    personal = make.link(mails.take_one().message, "signature")
    steps.the_signature().invalidated_at = clock.now()
    db.session.commit()
    for page in (link, personal):
        assert 'href="mailto:desk@example.org"' in steps.look(client, page).html
