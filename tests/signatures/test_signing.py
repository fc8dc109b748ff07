"""Signing: from the form to the mail, without telling anyone who has signed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from petition import clock
from petition.columns import new_public_id
from petition.declarations import folders, publishing
from petition.extensions import db
from petition.signatures.models import Signature, Submission
from tests import make
from tests.conftest import Mailbag, browser
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_signing_confirms_by_the_mailed_link_and_counts(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()

    answer = client.post(make.SIGN, data=make.form(email=address, name="Grace Hopper"))

    assert (answer.status_code, answer.location) == (303, f"/en/{make.SLUG}/check-your-mail")
    confirm = make.link(mails.take_one().message, "confirm")
    shown = client.get(confirm)
    assert b"Grace Hopper" in shown.data
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 0, "a GET changes nothing"
    submission = db.session.scalars(select(Submission)).one()
    confirmed = client.post(confirm, data=make.form(submission=submission.public_id, name="Grace Hopper"))
    assert (confirmed.status_code, confirmed.location) == (303, confirm)
    assert "Your signature is confirmed" in mails.take_one().message["Subject"]
    make.move_tally(app)
    count = client.get(f"/api/v1/declarations/{make.SLUG}/count").get_json()
    assert count["count"] == 1


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("ada.lovelace@gmail.com", "adalovelace@gmail.com", True),
        ("ada@gmail.com", "ada@googlemail.com", True),
        ("ada@gmail.com", "a.d.a+petition@googlemail.com", True),
        ("ada@gmail.com", "ADA@GMAIL.COM", True),
        ("Ada@example.org", "aDA@EXAMPLE.org", True),
        ("ada@münchen.example.org", "ada@xn--mnchen-3ya.example.org", True),
        ("ada@outlook.com", "ada+1@outlook.com", True),
        ("ada@yahoo.com", "ada-list@yahoo.com", True),
        ("ada.lovelace@example.org", "adalovelace@example.org", False),
        ("ada@example.org", "ada+2@example.org", False),
        ("ada.l@outlook.com", "adal@outlook.com", False),
        ("ada@example.org", "ada@mail.example.org", False),
    ],
)
def test_addresses_of_one_mailbox_make_one_signature_and_others_two(
    app: Flask, client: FlaskClient, mails: Mailbag, first: str, second: str, same: bool
) -> None:
    # Both ask before either confirms: afterwards the second would get no link at all.
    links = [
        steps.ask(client, mails, address, name=f"Ada of {address[:3]}{len(address)}") for address in (first, second)
    ]

    shown = [steps.look(client, link).forms[0].values for link in links]
    for link, values in zip(links, shown, strict=True):
        assert client.post(link, data=values).status_code == 303

    assert len(steps.signatures()) == (1 if same else 2)
    assert steps.counted(app, client) == (1 if same else 2)
    mails.take()


def test_the_database_itself_refuses_a_second_signature_of_one_mailbox(app: Flask) -> None:
    first = make.signature()
    values = {
        column.name: getattr(first, column.name)
        for column in Signature.__table__.columns
        if column.name not in ("id", "public_id", "counted")
    }

    db.session.add(Signature(**values, public_id=new_public_id()))
    with pytest.raises(IntegrityError, match=r"(?i)unique"), db.session.begin_nested():
        db.session.flush()


def test_the_same_mailbox_may_sign_another_declaration(app: Flask, folder: Path) -> None:
    plan = folder / "declaration.toml"
    plan.write_text(plan.read_text().replace('slug = "child-dignity"', 'slug = "another-one"'))
    publishing.publish(folders.read(folder))
    address = make.email()

    make.signature(address)
    other = make.text(slug="another-one").declaration
    first = steps.the_signature()
    values = {column.name: getattr(first, column.name) for column in Signature.__table__.columns}
    for name in ("id", "counted"):
        del values[name]
    db.session.add(Signature(**{**values, "public_id": new_public_id(), "declaration_id": other.id}))

    assert len(steps.signatures()) == 2


def test_a_double_click_is_one_submission_and_one_mail(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()

    with time_machine.travel(NOON, tick=False):
        form = make.form(email=address)
        client.post(make.SIGN, data=form)
        client.post(make.SIGN, data=form)
        link = make.link(mails.take_one().message, "confirm")
        assert len(steps.submissions()) == 1
        assert steps.confirm(client, link).status_code == 303, "the first one's link lives"
        mails.take_one()


def test_a_click_just_within_ten_minutes_mails_nothing_and_the_first_link_lives(
    client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        link = steps.ask(client, mails, address)
        travel.shift(timedelta(minutes=10))
        steps.sign(client, address)
        assert mails.take() == []
        assert len(steps.submissions()) == 1
        assert steps.confirm(client, link).status_code == 303
        mails.take_one()


def test_the_same_form_eleven_minutes_later_is_another_submission_with_a_mail(
    client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        steps.ask(client, mails, address)
        travel.shift(timedelta(minutes=11))
        steps.ask(client, mails, address)
        assert len(steps.submissions()) == 2


@pytest.mark.parametrize(
    "change",
    [{"name": "Ada King"}, {"country": "IT"}, {"visibility": "counted"}, {"affiliation": "Analysts"}, {"updates": "y"}],
)
def test_other_values_within_ten_minutes_are_another_submission(
    client: FlaskClient, mails: Mailbag, change: dict[str, str]
) -> None:
    address = make.email()

    steps.ask(client, mails, address)
    steps.ask(client, mails, address, **change)

    assert len(steps.submissions()) == 2


def test_another_spelling_of_the_address_is_mailed_too(client: FlaskClient, mails: Mailbag) -> None:
    steps.ask(client, mails, "ada@gmail.com")

    steps.sign(client, "a.da@gmail.com")

    assert mails.take_one().recipients == ("a.da@gmail.com",)


def test_what_was_typed_waits_as_a_submission_with_its_consents_and_text(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False):
        steps.ask(
            client,
            mails,
            make.email(),
            name="  Ada   Lovelace ",
            affiliation="Analytical Society",
            role="Countess",
            updates="y",
        )

    (submission,) = steps.submissions()
    assert (submission.name, submission.affiliation, submission.role) == (
        "Ada Lovelace", "Analytical Society", "Countess",
    )  # fmt: skip
    assert (submission.country, submission.visibility, submission.language) == ("GB", "public", "en")
    assert (submission.channel, submission.source, submission.created_at) == ("web", "", NOON)
    assert submission.text.sha256 == make.text().sha256
    wordings = make.text().declaration.plan.consents
    assert submission.consents == [
        {"purpose": purpose, "wording": wordings[purpose]["en"], "language": "en"} for purpose in ("agree", "updates")
    ]


def test_only_the_delivery_is_chosen_beforehand_and_no_box_is_ticked(client: FlaskClient) -> None:
    for path in (make.PAGE, make.SIGN):
        values = steps.look(client, path).form("/sign").values
        assert values["visibility"] == "addressee"
        assert "updates" not in values
        assert "agree" not in values


def test_a_browser_signs_with_what_the_page_itself_offers(client: FlaskClient, mails: Mailbag) -> None:
    form = steps.look(client, make.PAGE).form("/sign")
    typed = {"name": "Ada", "email": make.email(), "country": "GB", "agree": "y"}

    assert client.post(form.action, data={**form.values, **typed}).status_code == 303

    mails.take_one()
    assert [(each.visibility, len(each.consents)) for each in steps.submissions()] == [("addressee", 1)]


def test_signing_in_italian_keeps_to_italian(client: FlaskClient, mails: Mailbag) -> None:
    path = f"/it/{make.SLUG}/sign"
    assert steps.look(client, path).language == "it"
    assert steps.Page(client.post(path, data={})).language == "it"
    answer = client.post(path, data=make.form(ticket=make.ticket("it")))
    assert (answer.status_code, answer.location) == (303, f"/it/{make.SLUG}/check-your-mail")
    assert steps.look(client, answer.location).language == "it"

    mail = mails.take_one().message
    html = mail.get_body(("html",))
    assert html is not None and 'lang="it"' in html.get_content()
    confirm = make.link(mail, "confirm")
    refuse = make.link(mail, "not-me")
    assert confirm.startswith("/it/") and refuse.startswith("/it/")
    assert {steps.look(client, link).language for link in (confirm, refuse, "/it/confirm")} == {"it"}
    assert steps.confirm(client, confirm).location.startswith("/it/")
    thanks = mails.take_one().message
    personal = make.link(thanks, "signature")
    assert personal.startswith("/it/")
    assert steps.look(client, personal).language == "it"
    signature = steps.the_signature()
    assert (signature.language, signature.text.language) == ("it", "it")
    assert {consent.language for consent in signature.consents} == {"it"}
    assert steps.look(client, f"/it/{make.SLUG}/signatories").language == "it"


def test_a_declaration_that_has_not_opened_is_not_signed(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    steps.schedule(app, opens_at=NOON)
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False) as travel:
        early = client.post(make.SIGN, data=make.form(name="Early Bird"))
        assert early.status_code == 403
        assert "cannot be signed yet" in early.text and "Early Bird" in early.text
        assert steps.submissions() == []
        travel.move_to(NOON)
        steps.ask(client, mails, make.email())


def test_the_form_closes_at_the_second(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    steps.schedule(app, closes_at=NOON)
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False) as travel:
        steps.ask(client, mails, make.email())
        travel.move_to(NOON)
        late = client.post(make.SIGN, data=make.form(name="Late Comer"))
        assert late.status_code == 403
        assert "is closed" in late.text and "Late Comer" in late.text
        assert len(steps.submissions()) == 1


def test_networks_are_known_by_a_keyed_hash_and_ipv6_by_its_64(app: Flask, mails: Mailbag) -> None:
    networks = [
        "192.0.2.7",
        "192.0.2.8",
        "2001:db8:1:2::1",
        "2001:db8:1:2:ffff::9",
        "2001:db8:1:3::1",
        "::ffff:192.0.2.7",
    ]
    for network in networks:
        steps.sign(browser(app, network), make.email())
    mails.take()

    hashes = [submission.network for submission in steps.submissions()]
    assert all(hashed is not None and len(hashed) == 16 for hashed in hashes)
    assert hashes[2] == hashes[3] and hashes[0] == hashes[5]
    assert len(set(hashes)) == 4
    stored = steps.stored_bytes()
    for clear in (b"192.0.2", b"2001:db8", bytes((192, 0, 2, 7)), b"\x20\x01\x0d\xb8"):
        assert clear not in stored


def test_the_key_of_network_hashes_changes_with_the_month_and_is_destroyed_a_month_later(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        for _month in range(3):
            steps.sign(client, make.email())
            mails.take()
            travel.shift(timedelta(days=31))
        hashes = {submission.network for submission in steps.submissions()}
        months = [row.split("'")[1] for row in steps.everything()["network_keys"]]
        assert len(hashes) == 3
        assert months == ["2026-03", "2026-04", "2026-05"]
        assert f"{clock.now():%Y-%m}" == "2026-06"
        steps.purge()
        assert [row.split("'")[1] for row in steps.everything()["network_keys"]] == ["2026-05"]
