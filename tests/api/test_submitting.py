"""A partner's own form: the same rules, refusals and mails as the site's form, and who brought it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition import clock
from petition.declarations.models import Declaration
from petition.declarations.plans import digest
from petition.extensions import db
from petition.partners import api_keys, enrolling
from petition.partners import reading as partners
from petition.partners.models import Partner
from petition.signatures.models import Signature, Submission
from tests import make
from tests.api import submissions
from tests.api.submissions import SIGN, agreed, body, post, stored, told
from tests.conftest import Mailbag, browser


@pytest.fixture
def partner(app: Flask) -> Partner:
    return make.partner()


@pytest.fixture
def secret(partner: Partner) -> str:
    return submissions.key(partner)


def _submission() -> Submission:
    return db.session.scalars(select(Submission)).one()


def _declaration() -> Declaration:
    return db.session.get_one(Declaration, make.text().declaration_id)


def _refused(answer: Any, status: int, name: str) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.get_json()["type"].endswith(f"#{name}")
    assert stored() == (0, 0)


def test_a_partners_form_signs_and_its_owner_confirms_as_ever(client: FlaskClient, secret: str, mails: Mailbag) -> None:
    answer = post(client, body(email="ada@example.org", referrer_data={"source": "spring"}), secret=secret)
    assert answer.status_code == 202
    assert answer.get_json() == {
        "accepted": True,
        "check_your_mail": f"http://localhost:8000/en/{make.SLUG}/check-your-mail?partner=byron&source=spring",
    }
    link = make.link(mails.take_one().message, "confirm")
    page = client.get(link).text
    submission = page.partition('name="submission" value="')[2].partition('"')[0]
    fields = {"name": "Ada Lovelace", "country": "GB", "visibility": "public", "submission": submission}
    assert client.post(link, data=fields).status_code in (200, 303)
    mails.take()
    signature = db.session.scalars(select(Signature)).one()
    assert (signature.channel, signature.partner, signature.source) == ("api", "byron", "spring")
    assert signature.counted


def test_the_submission_holds_what_was_typed_the_exact_words_and_no_network(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    posted = body("it", name="  Zoë\u00a0 Müller ", consents=agreed("agree", "updates", language="it"))
    assert post(client, posted, secret=secret).status_code == 202
    kept = _submission()
    words = make.text("it").declaration.plan.consents
    assert (kept.name, kept.country, kept.visibility, kept.language) == ("Zoë Müller", "GB", "public", "it")
    assert [(each["purpose"], each["wording"]) for each in kept.consents] == [
        ("agree", words["agree"]["it"]),
        ("updates", words["updates"]["it"]),
    ]
    assert kept.network is None, "it would be the partner's server's, for everyone"
    assert len(mails.take()) == 1


@pytest.mark.parametrize("source", ["", "Spring", "a b", "x" * 41, "<script>", "spring\n"])
def test_a_source_that_is_none_is_dropped_and_the_person_is_not_turned_away(
    client: FlaskClient, secret: str, mails: Mailbag, source: str
) -> None:
    assert post(client, body(referrer_data={"source": source}), secret=secret).status_code == 202
    assert _submission().source == ""
    mails.take()


def test_the_answer_is_the_same_for_an_address_that_is_new_pending_or_has_signed(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    make.submission("pending@example.org")
    make.signature("signed@example.org")
    answers = {
        (answer.status_code, answer.data, str(sorted(answer.headers.items())))
        for address in ("new", "pending", "signed")
        for answer in [post(client, body(email=f"{address}@example.org"), secret=secret)]
    }
    assert len(answers) == 1
    mails.take()


def test_an_answer_is_not_stored_sets_no_cookie_and_is_no_other_sites_to_read(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    for answer in (post(client, body(), secret=secret), post(client, body(name=""), secret=secret), post(client, {})):
        assert answer.headers["Cache-Control"] == "no-store"
        assert not {name for name, _value in answer.headers if name.startswith(("Set-Cookie", "Access-Control"))}
    mails.take()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic {}", "{}", "Bearer {}x"])
def test_without_a_living_key_nothing_is_taken(client: FlaskClient, secret: str, header: str) -> None:
    answer = post(client, body(), Authorization=header.format(secret))
    _refused(answer, 401, "key-needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_is_as_unknown_as_a_made_up_one(client: FlaskClient, partner: Partner, secret: str) -> None:
    (key,) = api_keys.living(partner)
    api_keys.revoke(partner, key.public_id)
    db.session.commit()
    revoked, made_up = post(client, body(), secret=secret), post(client, body(), secret="x" * 60)
    _refused(revoked, 401, "key-needed")
    assert revoked.data == made_up.data


def test_a_partner_that_is_switched_off_has_no_key(client: FlaskClient, partner: Partner, secret: str) -> None:
    enrolling.disable(partner)
    db.session.commit()
    _refused(post(client, body(), secret=secret), 401, "key-needed")


def test_of_two_living_keys_both_sign(client: FlaskClient, partner: Partner, secret: str, mails: Mailbag) -> None:
    for each in (secret, submissions.key(partner)):
        assert post(client, body(), secret=each).status_code == 202
    mails.take()


def test_a_key_opens_only_the_declarations_that_its_partner_carries(app: Flask, client: FlaskClient) -> None:
    other = make.partner("other")
    secret = submissions.key(other)
    db.session.get_one(Partner, other.id).carries = ["another-text"]
    db.session.commit()
    partners.forget()
    _refused(post(client, body(), secret=secret), 403, "not-for-this-declaration")


def test_an_unknown_declaration_is_not_there(client: FlaskClient, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    answer = client.post("/api/v1/declarations/no-such-text/signatures", json=body(), headers=headers)
    _refused(answer, 404, "not-found")


@pytest.mark.parametrize(
    ("raw", "kind", "status", "name"),
    [
        (b"name=Ada", "application/x-www-form-urlencoded", 415, "not-json"),
        (b"{}", "text/plain", 415, "not-json"),
        (b"{}", "", 415, "not-json"),
        (b"", "application/json", 400, "not-understood"),
        (b"{", "application/json", 400, "not-understood"),
        (b"\xff", "application/json", 400, "not-understood"),
        (b'{"name": "\0"}', "application/json", 400, "not-understood"),
        (b'{"name": "\\ud800"}', "application/json", 400, "not-understood"),
        (b"[" * 60_000, "application/json", 400, "not-understood"),
        (b"9" * 60_000, "application/json", 400, "not-understood"),
        (b"[]", "application/json", 422, "invalid"),
        (b"null", "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
        (b'{"name": "' + b"x" * 70_000 + b'"}', "application/json", 413, "too-large"),
    ],
)
def test_what_is_no_submission_is_told_why(
    client: FlaskClient, secret: str, raw: bytes, kind: str, status: int, name: str
) -> None:
    _refused(post(client, raw, secret=secret, Content_Type=kind), status, name)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": None}, "#/name"),
        ({"name": ""}, "#/name"),
        ({"name": "=1+1"}, "#/name"),
        ({"name": "a\u202eb"}, "#/name"),
        ({"name": "\0"}, "#/name"),
        ({"name": 7}, "#/name"),
        ({"name": "x" * 5_000}, "#/name"),
        ({"email": "ada@"}, "#/email"),
        ({"email": "\0@example.org"}, "#/email"),
        ({"email": None}, "#/email"),
        ({"email": ["ada@example.org"]}, "#/email"),
        ({"country": "ZZ"}, "#/country"),
        ({"country": None}, "#/country"),
        ({"visibility": "secret"}, "#/visibility"),
        ({"language": None}, "#/language"),
        ({"text_sha256": None}, "#/text_sha256"),
        ({"consents": None}, "#/consents"),
        ({"consents": []}, "#/consents"),
        ({"consents": {}}, "#/consents/agree"),
        ({"consents": {"agree": True}}, "#/consents/agree"),
        ({"consents": {"a/b~c d": "x"}}, "#/consents/a~1b~0c%20d"),
        ({"nmae": "Ada"}, "#/nmae"),
        ({"ticket": "x"}, "#/ticket"),
        ({"referrer_data": "spring"}, "#/referrer_data"),
        ({"referrer_data": {"source": 7}}, "#/referrer_data/source"),
        ({"referrer_data": {"website": "https://example.org"}}, "#/referrer_data/website"),
        ({"sector": "nowhere"}, "#/sector"),
        ({"comment": "https://example.org"}, "#/comment"),
        ({"affiliation": "\ufeff"}, "#/affiliation"),
    ],
)
def test_each_error_names_the_member_that_it_is_about(
    client: FlaskClient, secret: str, given: dict[str, Any], pointer: str
) -> None:
    if {"sector", "comment", "affiliation"} & given.keys():
        found = _declaration()
        sectors = [{"code": "church", "names": {"en": "Church"}}]
        fields = {"sector": "optional", "comment": "optional", "affiliation": "optional"}
        found.stored_plan = {**found.stored_plan, "fields": fields, "sectors": sectors}
        db.session.commit()
    posted = {name: value for name, value in {**body(), **given}.items() if value is not None}
    answer = post(client, posted, secret=secret)
    _refused(answer, 422, "invalid")
    assert pointer in told(answer)
    assert all(told(answer).values())


@pytest.mark.parametrize("language", ["xx", "EN", "\0", "", "it-CH"])
def test_a_language_without_a_text_is_told(client: FlaskClient, secret: str, language: str) -> None:
    answer = post(client, {**body(), "language": language}, secret=secret)
    _refused(answer, 422, "invalid")
    assert told(answer).keys() == {"#/language"}


def test_who_does_not_say_who_sees_the_name_is_shown_to_the_addressee_alone(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    assert post(client, body(visibility=None), secret=secret).status_code == 202
    assert _submission().visibility == "addressee"
    mails.take()


def test_all_errors_are_told_at_once_in_the_language_that_is_asked_for(client: FlaskClient, secret: str) -> None:
    posted = body(name="", email="ada@", country="ZZ")
    english = post(client, posted, secret=secret, Accept_Language="en")
    italian = post(client, posted, secret=secret, Accept_Language="it")
    assert told(english).keys() == told(italian).keys() == {"#/name", "#/email", "#/country"}
    assert told(english)["#/name"] == "Please enter your name."
    assert told(italian)["#/name"] != told(english)["#/name"]


def test_what_the_declaration_does_not_ask_is_told_and_not_lost(client: FlaskClient, secret: str) -> None:
    found = _declaration()
    found.stored_plan = {**found.stored_plan, "fields": {"affiliation": "off", "role": "off"}}
    db.session.commit()
    client.application.extensions["petition.known_texts"].clear()
    answer = post(client, body(affiliation="Analytical Society"), secret=secret)
    _refused(answer, 422, "invalid")
    assert told(answer) == {"#/affiliation": "There is no such field here."}


def test_a_text_or_words_that_are_not_current_are_refused(client: FlaskClient, secret: str) -> None:
    old_text = post(client, body(text_sha256=make.text("it").sha256), secret=secret)
    _refused(old_text, 409, "outdated")
    assert told(old_text).keys() == {"#/text_sha256"}
    words = agreed("agree", "updates")
    swapped = {"agree": words["updates"], "updates": words["agree"]}
    old_words = post(client, body(consents=swapped), secret=secret)
    _refused(old_words, 409, "outdated")
    assert told(old_words).keys() == {"#/consents/agree", "#/consents/updates"}
    italian = post(client, body(consents=agreed("agree", language="it")), secret=secret)
    _refused(italian, 409, "outdated")


def test_the_partners_own_consent_is_recorded_in_its_words_and_with_its_name(
    client: FlaskClient, secret: str, mails: Mailbag
) -> None:
    words = make.CONSENT["it"]
    posted = body("it", consents={**agreed("agree", language="it"), "partner": digest(words)})
    assert post(client, posted, secret=secret).status_code == 202
    assert _submission().consents[-1] == {
        "purpose": "partner",
        "wording": words,
        "language": "it",
        "partner": "byron",
    }
    mails.take()


def test_a_partners_consent_in_other_words_is_outdated_and_without_any_there_is_none(
    client: FlaskClient, secret: str
) -> None:
    changed = post(client, body(consents={**agreed("agree"), "partner": digest("Other words.")}), secret=secret)
    _refused(changed, 409, "outdated")
    assert told(changed).keys() == {"#/consents/partner"}
    shares_nothing = submissions.key(make.partner("other", may_share=False))
    posted = body(consents={**agreed("agree"), "partner": digest(make.CONSENT["en"])})
    refused = post(client, posted, secret=shares_nothing)
    _refused(refused, 422, "invalid")
    assert told(refused).keys() == {"#/consents/partner"}


def test_a_partner_reads_the_digest_of_its_own_consent_beside_the_others(client: FlaskClient, partner: Partner) -> None:
    one = f"/api/v1/declarations/{make.SLUG}"
    consents = client.get(f"{one}?partner=byron").get_json()["consents"]
    assert [each["purpose"] for each in consents] == ["agree", "updates", "partner"]
    assert consents[-1]["required"] is False
    assert consents[-1]["wordings"]["en"] == {"words": make.CONSENT["en"], "digest": digest(make.CONSENT["en"])}
    assert consents[-1]["wordings"]["pl"]["words"] == make.CONSENT["en"], "the first words stand in"
    for nobody in ("nobody", "", "\u202e", "x" * 300):
        found = client.get(one, query_string={"partner": nobody}).get_json()["consents"]
        assert [each["purpose"] for each in found] == ["agree", "updates"]


def test_words_that_change_make_what_was_shown_before_outdated(app: Flask, client: FlaskClient, secret: str) -> None:
    shown = body(consents=agreed("agree", "updates"))
    found = _declaration()
    updates = {**found.stored_plan["consents"]["updates"], "en": "You may write to me every day."}
    found.stored_plan = {**found.stored_plan, "consents": {**found.stored_plan["consents"], "updates": updates}}
    db.session.commit()
    app.extensions["petition.known_texts"].clear()
    answer = post(client, shown, secret=secret)
    _refused(answer, 409, "outdated")
    assert told(answer).keys() == {"#/consents/updates"}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"opens_at": timedelta(hours=1)}, "not-open"),
        ({"closes_at": timedelta(hours=-1)}, "closed"),
        ({"paused": True}, "paused"),
    ],
)
def test_where_one_may_not_sign_neither_may_a_partners_form(
    client: FlaskClient, secret: str, change: dict[str, Any], name: str
) -> None:
    posted, found = body(), _declaration()
    for column in change.keys() & {"opens_at", "closes_at"}:
        setattr(found, column, clock.now() + change[column])
    if "paused" in change:
        found.stored_plan = {**found.stored_plan, "paused": True}
    db.session.commit()
    client.application.extensions["petition.known_texts"].clear()
    _refused(post(client, posted, secret=secret), 403, name)


def test_each_key_has_a_limit_of_its_own_and_a_stranger_that_of_the_network(
    app: Flask, partner: Partner, secret: str, mails: Mailbag, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.extensions["petition.settings"], sign_limits="1/minute", api_limits="3/minute")
    monkeypatch.setitem(app.extensions, "petition.settings", settings)
    other = submissions.key(make.partner("other"))
    client = browser(app)
    assert [post(client, body(), secret=secret).status_code for _ in range(4)] == [202, 202, 202, 429]
    over = post(client, body(), secret=secret)
    assert over.get_json()["type"].endswith("#too-many")
    assert int(over.headers["Retry-After"]) > 0
    assert post(browser(app, "198.51.100.7"), body(), secret=secret).status_code == 429, "wherever it is sent from"
    assert post(client, body(), secret=other).status_code == 202, "another partner's key is counted apart"
    assert [post(client, body(), secret="made-up").status_code for _ in range(2)] == [401, 429]
    mails.take()


def test_a_post_that_is_refused_tells_nothing_of_what_was_typed(client: FlaskClient, secret: str) -> None:
    answer = post(client, body(name="=secret", email="secret@"), secret=secret)
    assert "secret" not in answer.text


def test_any_charset_of_the_media_type_is_read_as_utf_8(client: FlaskClient, secret: str, mails: Mailbag) -> None:
    raw = json.dumps(body(name="Zoë"), ensure_ascii=False).encode()
    assert post(client, raw, secret=secret, Content_Type="application/json; charset=utf-8").status_code == 202
    assert _submission().name == "Zoë"
    mails.take()


def test_only_a_post_to_the_address_signs(client: FlaskClient, secret: str) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = client.open(SIGN, method=method, headers={"Authorization": f"Bearer {secret}"})
        _refused(answer, 405, "wrong-method")


def test_a_key_that_was_made_for_chosen_declarations_opens_no_other(client: FlaskClient, partner: Partner) -> None:
    made, secret = api_keys.make(partner, [make.SLUG])
    db.session.commit()
    assert post(client, body(), secret=secret).status_code == 202
    made.carries = ["another-text"]
    db.session.commit()
    partners.forget()
    refused = post(client, body(), secret=secret)
    assert (refused.status_code, refused.get_json()["title"]) == (403, "This key is not for this declaration")
    assert stored()[0] == 1
