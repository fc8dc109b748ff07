"""Passkeys: added on a page of one's own, asked for in place of a code, refused when anything does not fit."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from petition import clock
from petition.accounts import factors, passkeys, passkeys_challenges, recovering, totp, trail, trail_reading
from petition.accounts.cookies import COOKIE
from petition.accounts.passkeys_models import Passkey
from petition.accounts.trail_reading import Filters
from petition.extensions import db
from tests import staff
from tests.accounts import steps
from tests.accounts.authenticator import Authenticator
from tests.conftest import browser
from tests.staff import Staff, staff_post

PAGE = "/console/account/passkeys"
OPTIONS = f"{PAGE}/options"
CHALLENGE = "/console/sign-in/passkey"
SECOND = "/console/sign-in/second"
JOINING = "/console/set-up/passkey"
APP = "/console/account/authenticator"


def _options(client: FlaskClient) -> dict[str, Any]:
    answer = staff_post(client, OPTIONS)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.get_json()  # type: ignore[no-any-return]


def _add(client: Staff, made: Authenticator, *, name: str = "Telephone", **changed: Any) -> TestResponse:
    credential = json.dumps(made.register(_options(client), **changed))
    return staff_post(client, PAGE, name=name, credential=credential)


def _with_passkey(app: Flask) -> tuple[Staff, Authenticator]:
    client, made = staff.signed_in(app, "editor", address="grace@example.org"), Authenticator()
    assert _add(client, made).status_code == 303
    return client, made


def _joining(client: FlaskClient, token: str) -> dict[str, Any]:
    """What the browser's script asks for, before the first passkey is made."""
    answer = client.post(f"{JOINING}/options", data={"csrf_token": token})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.get_json()  # type: ignore[no-any-return]


def _half_signed_in(client: FlaskClient) -> str:
    """Address and password are given; returns the token of the page that asks for the second factor."""
    assert steps.sign_in(client, "grace@example.org").location.startswith(SECOND)
    return steps.hidden(client.get(SECOND), "csrf_token")


def _challenge(client: FlaskClient, token: str) -> dict[str, Any]:
    answer = client.post(CHALLENGE, data={"csrf_token": token})
    assert answer.status_code == 200
    return answer.get_json()  # type: ignore[no-any-return]


def _acts() -> list[tuple[str, dict[str, Any]]]:
    entries = trail_reading.page(Filters(None)).entries
    return [(entry.act, trail.detail_of(entry)) for entry in entries if entry.act.startswith("passkey.")]


def test_a_passkey_is_added_renamed_and_removed_and_the_trail_tells(app: Flask) -> None:
    client, _made = _with_passkey(app)
    assert "Telephone" in client.get(PAGE).text
    (passkey,) = db.session.scalars(select(Passkey)).all()
    path = f"{PAGE}/{passkey.public_id}"
    assert staff_post(client, f"{path}/name", name="  Old   telephone ").location == f"{PAGE}?done=renamed"
    assert 'value="Old telephone"' in client.get(PAGE).text
    assert staff_post(client, f"{path}/remove").location == f"{PAGE}?done=removed"
    assert "You have no passkey yet." in client.get(PAGE).text
    assert staff_post(client, f"{path}/remove").status_code == 404
    assert _acts() == [
        ("passkey.removed", {"name": "Old telephone"}),
        ("passkey.renamed", {"name": "Old telephone"}),
        ("passkey.added", {"name": "Telephone"}),
    ]


def test_passkeys_are_asked_for_this_site_and_known_ones_are_left_out(app: Flask) -> None:
    client, made = _with_passkey(app)
    options = _options(client)
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert [each["id"] for each in options["excludeCredentials"]] == [made.register(options)["id"]]


def test_a_passkey_is_the_second_step_of_signing_in(app: Flask, client: FlaskClient) -> None:
    _signed_in, made = _with_passkey(app)
    token = _half_signed_in(client)
    answer = made.answer(_challenge(client, token))
    entered = client.post(SECOND, data={"csrf_token": token, "passkey": json.dumps(answer)})
    assert (entered.status_code, entered.location) == (303, "/console/")
    assert client.get("/console/account").status_code == 200
    (passkey,) = db.session.scalars(select(Passkey)).all()
    assert (passkey.sign_count, passkey.used_at is not None) == (1, True)


def test_a_code_still_opens_beside_a_passkey(app: Flask, client: FlaskClient) -> None:
    _with_passkey(app)
    _half_signed_in(client)
    assert steps.second(client, staff.code()).status_code == 303


def test_whoever_joins_may_choose_a_passkey_and_gets_recovery_codes(app: Flask, client: FlaskClient) -> None:
    account, path = steps.invited("editor", address="grace@example.org")
    steps.join(client, path, password=staff.PASSWORD)
    made, page = Authenticator(), client.get("/console/set-up")
    token, sealed = steps.hidden(page, "csrf_token"), steps.hidden(page, "sealed")
    fields = {"csrf_token": token, "sealed": sealed, "name": "Telephone"}
    for wrong in ("", "{}", json.dumps(made.register(_joining(client, token), origin="http://example.org"))):
        refused = client.post(JOINING, data={**fields, "credential": wrong})
        assert (refused.status_code, steps.secret(refused)) == (422, steps.secret(page))
        assert 'value="Telephone"' in refused.text
    assert client.get("/console/account").status_code == 303, "nothing is open yet"
    done = client.post(JOINING, data={**fields, "credential": json.dumps(made.register(_joining(client, token)))})
    assert len(set(steps.codes(done))) == 10
    assert client.get("/console/account").status_code == 200
    assert (account.totp_secret, factors.is_set_up(account)) == (None, True)
    assert [act for act, _detail in _acts()] == ["passkey.added"]
    signing_in = browser(app)
    token = _half_signed_in(signing_in)
    answer = json.dumps(made.answer(_challenge(signing_in, token)))
    assert signing_in.post(SECOND, data={"csrf_token": token, "passkey": answer}).location == "/console/"
    on_paper = browser(app)
    _half_signed_in(on_paper)
    assert steps.second(on_paper, steps.codes(done)[0]).location == "/console/"


def test_only_who_has_no_second_factor_yet_begins_with_a_passkey(app: Flask, client: FlaskClient) -> None:
    signed_in, _made = _with_passkey(app)
    token = _half_signed_in(client)
    for who, csrf in ((signed_in, signed_in.csrf), (client, token)):
        assert who.post(f"{JOINING}/options", data={"csrf_token": csrf}).status_code == 403
        assert who.post(JOINING, data={"csrf_token": csrf}).location == SECOND
    nobody = browser(app)
    assert nobody.post(f"{JOINING}/options").status_code == 403
    assert nobody.post(JOINING).status_code == 303
    assert len(passkeys.of(signed_in.account)) == 1


def test_the_app_may_go_where_a_passkey_is_and_the_last_passkey_then_stays(app: Flask) -> None:
    client, _made = _with_passkey(app)
    other = staff.browse(app, client.account)
    assert "Remove the authenticator app" in client.get("/console/account").text
    assert staff_post(client, f"{APP}/remove").location == "/console/account?done=factor"
    db.session.refresh(client.account)
    assert client.account.totp_secret is None
    assert other.get("/console/account").status_code == 303, "other sessions are ended"
    client = staff.browse(app, client.account)
    assert "Your passkey is your second factor." in client.get("/console/account").text
    (passkey,) = passkeys.of(client.account)
    refused = staff_post(client, f"{PAGE}/{passkey.public_id}/remove")
    assert (refused.status_code, "your only second factor" in refused.text) == (409, True)
    db.session.expire_all()
    assert [each.name for each in passkeys.of(client.account)] == ["Telephone"]
    # With an app again, it may go.
    offered = client.get(APP)
    fields = {"sealed": steps.hidden(offered, "sealed"), "code": totp.code_at(steps.secret(offered), clock.now())}
    assert staff_post(client, APP, **fields).status_code == 303
    client = staff.browse(app, client.account)
    assert staff_post(client, f"{PAGE}/{passkey.public_id}/remove").status_code == 303


def test_without_a_passkey_the_app_stays(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    assert "Remove the authenticator app" not in client.get("/console/account").text
    refused = staff_post(client, f"{APP}/remove")
    assert (refused.status_code, "your only second factor" in refused.text) == (409, True)
    db.session.refresh(client.account)
    assert client.account.totp_secret is not None


def test_whoever_used_the_last_recovery_code_is_told_to_make_new_ones(app: Flask, client: FlaskClient) -> None:
    account = staff.account("editor", address="grace@example.org")
    codes = recovering.renew(account)
    db.session.commit()
    for code in codes:
        _half_signed_in(client)
        entered = steps.second(client, code)
        assert entered.location == ("/console/account?done=no-codes" if code == codes[-1] else "/console/")
        client.delete_cookie(COOKIE, domain="localhost")


def test_an_answer_opens_once(app: Flask, client: FlaskClient) -> None:
    _signed_in, made = _with_passkey(app)
    made.count = -1
    token = _half_signed_in(client)
    answer = json.dumps(made.answer(_challenge(client, token)))
    assert client.post(SECOND, data={"csrf_token": token, "passkey": answer}).status_code == 303
    token = _half_signed_in(client)
    assert client.post(SECOND, data={"csrf_token": token, "passkey": answer}).status_code == 403


def test_proving_once_more_takes_a_passkey(app: Flask) -> None:
    client, made = _with_passkey(app)
    again = staff.browse(app, client.account, fresh=False)
    page = again.get(PAGE)
    assert page.status_code == 403
    token = steps.hidden(page, "csrf_token")
    answer = json.dumps(made.answer(_challenge(again, token)))
    fields = {"csrf_token": token, "next": PAGE, "again_password": staff.PASSWORD, "passkey": answer}
    assert again.post("/console/again", data=fields).location == PAGE
    assert again.get(PAGE).status_code == 200


Change = Callable[[Authenticator, dict[str, Any]], dict[str, Any]]
WRONG_ANSWERS: dict[str, Change] = {
    "another site's page": lambda made, options: made.answer(options, origin="http://localhost.example.org"),
    "another port": lambda made, options: made.answer(options, origin="http://localhost:9"),
    "another host": lambda made, options: made.answer(options, host="example.org"),
    "another challenge": lambda made, options: made.answer(options, challenge="AAAA"),
    "a registration": lambda made, options: made.answer(options, type="webauthn.create"),
    "nobody there": lambda made, options: made.answer(options, flags=0),
    "a count that stands still": lambda made, options: made.answer(options, count=0),
    "another key": lambda made, options: Authenticator(credential_id=made.credential_id, count=5).answer(options),
    "another passkey": lambda _made, options: Authenticator().answer(options),
    "no signature": lambda made, options: _without(made.answer(options), "signature"),
    "no client data": lambda made, options: _without(made.answer(options), "clientDataJSON"),
    "cut short": lambda made, options: _cut(made.answer(options), "authenticatorData"),
    "no answer's shape": lambda made, _options: {"id": made.register({"challenge": "AA"})["id"], "response": 7},
}


def _without(credential: dict[str, Any], name: str) -> dict[str, Any]:
    del credential["response"][name]
    return credential


def _cut(credential: dict[str, Any], name: str) -> dict[str, Any]:
    credential["response"][name] = credential["response"][name][:20]
    return credential


@pytest.mark.parametrize("change", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS.keys())
def test_an_answer_that_does_not_fit_opens_nothing(app: Flask, client: FlaskClient, change: Change) -> None:
    _signed_in, made = _with_passkey(app)
    # So that a count of nothing is less than what is known.
    (passkey,) = db.session.scalars(select(Passkey)).all()
    passkey.sign_count = 3
    db.session.commit()
    made.count = 3
    token = _half_signed_in(client)
    answer = change(made, _challenge(client, token))
    refused = client.post(SECOND, data={"csrf_token": token, "passkey": json.dumps(answer)})
    assert refused.status_code == 403
    assert client.get("/console/account").status_code == 303


NO_JSON = ["", "{", "[]", "7", '"x"', "null", "[" * 5_000, "{}", '{"id": 7}', "x" * 30_000, '{"id": "é", "rawId": "é"}']


@pytest.mark.parametrize("typed", NO_JSON)
def test_what_is_no_answer_at_all_opens_nothing(app: Flask, client: FlaskClient, typed: str) -> None:
    signed_in, _made = _with_passkey(app)
    token = _half_signed_in(client)
    _challenge(client, token)
    assert client.post(SECOND, data={"csrf_token": token, "passkey": typed}).status_code == 403
    _options(signed_in)
    assert staff_post(signed_in, PAGE, name="Key", credential=typed).status_code == 422
    assert len(passkeys.of(signed_in.account)) == 1


def test_an_answer_comes_within_five_minutes(app: Flask, client: FlaskClient) -> None:
    _signed_in, made = _with_passkey(app)
    token = _half_signed_in(client)
    answer = json.dumps(made.answer(_challenge(client, token)))
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=2)):
        assert client.post(SECOND, data={"csrf_token": token, "passkey": answer}).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://example.org"},
        {"host": "example.org"},
        {"challenge": "AAAA"},
        {"type": "webauthn.get"},
        {"flags": 0},
    ],
)
def test_a_passkey_that_does_not_fit_is_not_added(app: Flask, changed: dict[str, Any]) -> None:
    client = staff.signed_in(app, "editor")
    answer = _add(client, Authenticator(), name="Kept name", **changed)
    assert answer.status_code == 422
    assert "This passkey was not accepted." in answer.text and 'value="Kept name"' in answer.text
    assert not passkeys.of(client.account)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Please give the passkey a name."),
        ("   ", "Please give the passkey a name."),
        ("\u202eyek", ""),
        ("x" * 61, ""),
        ("=1+1", ""),
    ],
)
def test_a_name_that_cannot_be_printed_is_told_beside_its_field(app: Flask, name: str, sentence: str) -> None:
    client = staff.signed_in(app, "editor")
    answer = _add(client, Authenticator(), name=name)
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text and sentence in answer.text
    assert not passkeys.of(client.account)
    _add(client, Authenticator())
    path = f"{PAGE}/{passkeys.of(client.account)[0].public_id}/name"
    assert staff_post(client, path, name=name).status_code == 422


def test_one_authenticator_is_one_passkey_and_ten_are_enough(app: Flask) -> None:
    client, made = _with_passkey(app)
    assert _add(client, made).status_code == 409
    for _ in range(passkeys.MOST - 1):
        assert _add(client, Authenticator()).status_code == 303
    answer = staff_post(client, OPTIONS)
    assert (answer.status_code, answer.get_json()["sentence"][:17]) == (422, "There is no room ")


def test_nobody_touches_anothers_passkey(app: Flask) -> None:
    client, _made = _with_passkey(app)
    path = f"{PAGE}/{passkeys.of(client.account)[0].public_id}"
    other = staff.signed_in(app, "organiser", "operator")
    assert staff_post(other, f"{path}/name", name="Mine").status_code == 404
    assert staff_post(other, f"{path}/remove").status_code == 404
    assert passkeys.of(client.account)[0].name == "Telephone"


def test_a_challenge_is_given_to_nobody_who_has_not_typed_the_password(client: FlaskClient, app: Flask) -> None:
    _with_passkey(app)
    assert client.post(CHALLENGE).status_code == 403
    token = _half_signed_in(client)
    assert client.post(CHALLENGE).status_code == 403
    assert client.post(CHALLENGE, data={"csrf_token": token}).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "possible", "origin"),
    [
        ("http://localhost:8000", True, "http://localhost:8000"),
        ("https://sign.example.org", True, "https://sign.example.org"),
        ("https://sign.example.org:443", True, "https://sign.example.org"),
        ("http://127.0.0.1:8000", False, "http://127.0.0.1:8000"),
    ],
)
def test_passkeys_are_made_for_the_sites_address_if_it_is_a_name(
    app: Flask, monkeypatch: pytest.MonkeyPatch, base_url: str, possible: bool, origin: str
) -> None:
    settings = replace(app.extensions["petition.settings"], base_url=base_url)
    monkeypatch.setitem(app.extensions, "petition.settings", settings)
    assert (passkeys_challenges.possible(), passkeys_challenges.origin()) == (possible, origin)
