"""Changing the language of a form: everything typed comes along; nothing is checked, stored or put into an address."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition.endorsements.models import EndorsementSubmission
from petition.extensions import db, writing
from petition.signatures import confirming
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Purpose
from petition.signatures.statements import Statement
from tests import make
from tests.conftest import Mailbag, browser
from tests.signatures import steps
from tests.standing import AppMaker

ITALIAN = f"/it/{make.SLUG}/sign"
TYPED = {
    "name": "Zoë <O’Hara> =1",
    "email": "not yet complete@",
    "country": "IT",
    "affiliation": "“A” & B",
    "role": "أستاذة",
    "visibility": "public",
    "updates": "y",
    "agree": "y",
}


def test_what_was_typed_comes_along_unchecked_and_nothing_is_stored(app: Flask, client: FlaskClient) -> None:
    answer = client.post(ITALIAN, data={**TYPED, "switch": "it", "ticket": make.ticket()})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    page = steps.Page(answer)
    assert page.language == "it"
    form = page.form("/sign")
    assert form.action == ITALIAN
    assert {name: form.values.get(name) for name in TYPED} == TYPED
    assert "Errore" not in page.title
    assert 'role="alert"' not in page.html
    assert steps.submissions() == []


def test_the_switched_form_signs_in_its_language(app: Flask, client: FlaskClient) -> None:
    typed = {**TYPED, "name": "Zoë O’Hara", "email": make.email()}
    page = steps.Page(client.post(ITALIAN, data={**typed, "switch": "it", "ticket": make.ticket()}))
    answer = client.post(ITALIAN, data=page.form("/sign").values)
    assert (answer.status_code, answer.location) == (303, f"/it/{make.SLUG}/check-your-mail")


@pytest.mark.parametrize(
    "given",
    [{}, {"ticket": "broken"}, {"name": "x" * 5000}, {"country": "??"}, {"visibility": "?"}, {"name": "\u202e"}],
)
def test_a_switch_with_any_values_shows_the_form(app: Flask, client: FlaskClient, given: dict[str, str]) -> None:
    answer = client.post(ITALIAN, data={**given, "switch": "anything"})
    assert answer.status_code == 200
    assert "Firmi la dichiarazione" in answer.text


def test_a_switch_from_another_site_is_refused_as_signing_is(app: Flask) -> None:
    answer = browser(app).post(ITALIAN, data={**TYPED, "switch": "it"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_form_with_errors_offers_the_other_languages_as_its_own_buttons(app: Flask, client: FlaskClient) -> None:
    page = client.post(make.SIGN, data={**TYPED, "ticket": make.ticket()}).text
    assert f'<button form="form" name="switch" value="it" formaction="{ITALIAN}" formnovalidate>' in page
    assert f'<a href="{ITALIAN}"' not in page


def test_confirming_in_another_language_keeps_the_corrections_and_confirms_nothing(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    path = steps.ask(client, mails, make.email())
    shown = steps.look(client, path).forms[-1].values
    italian = path.replace("/en/", "/it/")
    page = client.get(path).text
    assert f'name="switch" value="it" formaction="{italian}" formnovalidate>' in page
    assert f'<a href="{italian}"' not in page

    answer = client.post(italian, data={**shown, "name": "http://not.checked", "country": "FR", "switch": "it"})
    assert answer.status_code == 200
    switched = steps.Page(answer)
    assert switched.language == "it"
    values = switched.forms[-1].values
    assert (values["name"], values["country"]) == ("http://not.checked", "FR")
    assert values["submission"] == shown["submission"]
    assert steps.signatures() == []

    client.post(italian, data={**values, "name": "Ada Byron"})
    assert steps.the_signature().name == "Ada Byron"
    assert len(mails.take()) == 1


def test_a_switch_waits_for_nobody_who_writes(make_app: AppMaker) -> None:
    app = make_app("sqlite")
    with app.app_context():
        pending = make.submission()
        db.session.commit()
        signed = make.submission()
        mailbox = Mailbox(steps.declaration(), signed.mailbox)
        confirming.confirm(mailbox, signed, Statement.of(signed), consents=())
        with writing():
            confirm = f"/en/confirm/{Mailbox(steps.declaration(), pending.mailbox).mint(Purpose.CONFIRM)}"
            personal = f"/en/signature/{mailbox.mint(Purpose.PERSONAL)}"
            shown = {"switch": "en", "submission": pending.public_id}
    client = browser(app)
    client.post(confirm, data=shown)
    with steps.write_lock(app):
        for path in (confirm, personal, "/en/confirm", "/en/signature", make.SIGN, f"{make.PAGE}/endorse"):
            assert client.post(path, data=shown).status_code == 200, path


def test_the_code_comes_along_untried(app: Flask, client: FlaskClient) -> None:
    for path in ("/en/confirm", f"{make.PAGE}/check-your-mail"):
        assert 'name="switch" value="it" formaction="/it/confirm" formnovalidate>' in client.get(path).text
    answer = client.post("/it/confirm", data={"switch": "it", "email": "ada@", "code": "1234"})
    assert answer.status_code == 200
    page = steps.Page(answer)
    assert page.language == "it"
    assert page.forms[-1].values == {"email": "ada@", "code": "1234"}
    assert 'role="alert"' not in page.html


def test_an_organisations_form_comes_along_too(app: Flask, client: FlaskClient) -> None:
    path = f"/it/{make.SLUG}/endorse"
    assert f'value="it" formaction="{path}" formnovalidate>' in client.get(f"{make.PAGE}/endorse").text
    answer = client.post(path, data={"switch": "it", "organisation": "A & B", "site": "not checked"})
    assert answer.status_code == 200
    values = steps.Page(answer).forms[-1].values
    assert (values["organisation"], values["site"]) == ("A & B", "not checked")
    assert db.session.scalars(select(EndorsementSubmission)).all() == []
