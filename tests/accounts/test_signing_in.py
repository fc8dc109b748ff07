"""Signing in: two steps, alike for everybody, ever slower for whoever fails; sessions that end."""

import re
import statistics
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import clock, keys
from petition.accounts import browsers, factors, granting, passwords, recovering, sessions, throttling
from petition.accounts.cookies import COOKIE
from petition.accounts.factors import Factor
from petition.accounts.models import Account, SignInTry, StaffSession
from petition.extensions import db
from petition.privacy import personal
from tests import make, staff
from tests.accounts import steps
from tests.conftest import browser
from tests.staff import staff_post


def _address(account: Account) -> str:
    return keys.ring().decrypt(account.address)


@pytest.fixture
def account(app: Flask) -> Account:
    return staff.account("editor")


def _cookie(answer: object) -> str:
    return str(answer.headers.get("Set-Cookie", ""))  # type: ignore[attr-defined]


def test_password_and_code_open_the_page_that_was_asked_for(client: FlaskClient, account: Account) -> None:
    asked = client.get("/console/account").location
    assert asked == "/console/sign-in?next=/console/account"
    first = steps.sign_in(client, _address(account), next="/console/account")
    assert first.location == "/console/sign-in/second?next=/console/account"
    done = steps.second(client, staff.code(), next="/console/account")
    assert (done.status_code, done.location) == (303, "/console/account")
    assert "Grace Hopper" in client.get("/console/account").text


def test_the_cookie_is_kept_to_this_host_to_encryption_and_from_scripts(client: FlaskClient, account: Account) -> None:
    cookie = _cookie(steps.sign_in(client, _address(account)))
    assert cookie.startswith(f"{COOKIE}=") and COOKIE.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Expires" not in cookie and "Max-Age" not in cookie


def test_every_step_gets_a_new_token_and_the_old_one_opens_nothing(client: FlaskClient, account: Account) -> None:
    first = _cookie(steps.sign_in(client, _address(account))).split(";")[0].partition("=")[2]
    second = _cookie(steps.second(client, staff.code())).split(";")[0].partition("=")[2]
    assert first and second and first != second
    thief = browser(client.application)
    thief.set_cookie(COOKIE, first, secure=True)
    assert thief.get("/console/account").status_code == 303


def test_public_pages_neither_set_nor_read_a_cookie(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    with_it, without = client.get(make.PAGE), browser(app).get(make.PAGE)
    assert (with_it.data, with_it.headers.get("Set-Cookie")) == (without.data, None)
    assert "Vary" not in with_it.headers or "Cookie" not in with_it.headers["Vary"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nobody@example.org", staff.PASSWORD),
        ("no address at all", "x"),
        ("'; DROP TABLE accounts --", "x"),
        ("known", "not the password"),
        ("known", "x" * 10_000),
        ("disabled", staff.PASSWORD),
        ("invited", staff.PASSWORD),
    ],
)
def test_every_failure_of_the_first_step_is_answered_alike(app: Flask, email: str, password: str) -> None:
    disabled = staff.account("editor")
    granting.disable(disabled)
    known = {
        "known": _address(staff.account("editor")),
        "disabled": _address(disabled),
        "invited": _address(steps.invited()[0]),
    }
    db.session.commit()
    client = browser(app)
    answer = steps.sign_in(client, known.get(email, email), password)
    nobody = steps.sign_in(browser(app, "192.0.2.9"), "someone.else@example.org")
    assert answer.status_code == nobody.status_code == 403
    assert _without_value(answer.text) == _without_value(nobody.text)
    assert "Set-Cookie" not in answer.headers
    assert "do not fit together" in answer.text
    assert password == "x" or password not in answer.text


def _without_value(page: str) -> str:
    return re.sub(r' value="[^"]*"', "", page)


@pytest.mark.alone
def test_an_unknown_address_takes_as_long_as_a_known_one(app: Flask) -> None:
    known = _address(staff.account("editor", password_hash=passwords.keep(staff.PASSWORD)))
    passwords.fits("x", None)

    def seconds(address: str, nth: int) -> float:
        client = browser(app, f"192.0.2.{nth + 1}")
        began = time.perf_counter()
        steps.sign_in(client, address, "not the password")
        return time.perf_counter() - began

    theirs, nobodys = [], []
    for nth in range(9):
        theirs.append(seconds(known, nth))
        nobodys.append(seconds("nobody@example.org", nth))
        db.session.execute(db.delete(SignInTry))
        db.session.commit()
    assert 0.5 < statistics.median(theirs) / statistics.median(nobodys) < 2


@pytest.mark.parametrize(("field", "sentence"), [("email", "your email address"), ("password", "your password")])
def test_an_empty_field_gets_a_sentence_and_the_rest_is_kept(client: FlaskClient, field: str, sentence: str) -> None:
    given = {"email": "ada@example.org", "password": "secret words", field: ""}
    answer = client.post("/console/sign-in", data=given)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "secret words" not in answer.text
    assert field == "email" or "ada@example.org" in answer.text


def test_a_post_from_another_site_signs_nobody_in(client: FlaskClient, account: Account) -> None:
    answer = client.post(
        "/console/sign-in",
        data={"email": _address(account), "password": staff.PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert (answer.status_code, "another site" in answer.text) == (403, True)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/en/child-dignity",
        "javascript:alert(1)",
        "",
        "%00",
        "http://[",
        "//[x",
    ],
)
def test_signing_in_leads_nowhere_but_into_the_console(client: FlaskClient, account: Account, target: str) -> None:
    steps.sign_in(client, _address(account), next=target)
    assert steps.second(client, staff.code(), next=target).location == "/console/"


@pytest.mark.parametrize("code", ["", "000000", "12345", "x" * 5_000, "٠٠٠٠٠٠", "abcd-efgh-jkmn", "-1"])
def test_a_wrong_code_opens_nothing(client: FlaskClient, account: Account, code: str) -> None:
    steps.sign_in(client, _address(account))
    answer = steps.second(client, code)
    assert (answer.status_code, "not right" in answer.text) == (403, True)
    assert client.get("/console/account").status_code == 303


def test_a_code_of_the_app_is_taken_once(app: Flask, account: Account) -> None:
    code = staff.code()
    for client, status in ((browser(app), 303), (browser(app), 403)):
        steps.sign_in(client, _address(account))
        assert steps.second(client, code).status_code == status


def test_a_recovery_code_stands_in_once(app: Flask, account: Account) -> None:
    code = recovering.renew(account)[0]
    db.session.commit()
    for client, status in ((browser(app), 303), (browser(app), 403)):
        steps.sign_in(client, _address(account))
        assert steps.second(client, code).status_code == status
    assert recovering.count_left(account) == 9


def test_the_second_step_needs_the_sessions_token(client: FlaskClient, account: Account) -> None:
    steps.sign_in(client, _address(account))
    assert client.post("/console/sign-in/second", data={"code": staff.code()}).status_code == 403
    assert client.get("/console/account").status_code == 303


def test_whoever_has_a_password_and_no_second_factor_sets_one_up_first(client: FlaskClient) -> None:
    account = staff.account("editor", totp_secret=None, totp_step=None)
    answer = steps.sign_in(client, _address(account))
    assert client.get(answer.location).location == "/console/set-up"
    token = steps.hidden(client.get("/console/set-up"), "csrf_token")
    assert client.post("/console/sign-in/second", data={"csrf_token": token, "code": "1"}).location == "/console/set-up"
    assert client.get("/console/account").status_code == 303
    assert len(steps.codes(steps.set_up(client))) == 10


def test_recovery_codes_alone_are_no_second_factor(client: FlaskClient) -> None:
    account = staff.account("editor", totp_secret=None, totp_step=None)
    recovering.renew(account)
    db.session.commit()
    assert client.get(steps.sign_in(client, _address(account)).location).location == "/console/set-up"


def test_a_second_factor_that_another_room_registers_opens_the_second_step(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Factor(
        "word",
        has=lambda account: True,
        take=lambda account, fields: fields.get("word") == "friend",
        drop=lambda account: None,
    )
    monkeypatch.setitem(app.extensions, "petition.factors", list(factors.all_factors()))
    factors.register(app, known)
    client, account = browser(app), staff.account("editor", totp_secret=None)
    steps.sign_in(client, _address(account))
    assert steps.second(client, "", word="foe").status_code == 403
    assert steps.second(client, "", word="friend").status_code == 303
    assert client.get("/console/account").status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.0", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)
def test_a_session_is_known_by_its_browser(agent: str, name: str) -> None:
    assert browsers.name(agent) == name


def test_without_a_cookie_the_second_step_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/console/sign-in/second")
    assert (answer.status_code, "kept no sign-in" in answer.text) == (200, True)
    assert client.post("/console/sign-in/second", data={"code": "1"}).status_code == 403


# Too many tries


def _fail(app: Flask, address: str, *, times: int, network: str = "192.0.2.1") -> list[int]:
    return [steps.sign_in(browser(app, network), address, "wrong").status_code for _ in range(times)]


@pytest.mark.parametrize("known", [True, False])
def test_after_five_failures_each_further_one_costs_a_longer_pause(
    app: Flask, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    address = _address(staff.account("editor")) if known else "nobody@example.org"
    now = clock.now()
    steps.set_clock(monkeypatch, now)
    assert _fail(app, address, times=6) == [403] * 5 + [429]
    waits = []
    for _ in range(4):
        answer = steps.sign_in(browser(app), address, "wrong")
        waits.append(int(answer.headers["Retry-After"]))
        assert (answer.status_code, "too often" in answer.text, address in answer.text) == (429, True, True)
        now += timedelta(seconds=waits[-1])
        steps.set_clock(monkeypatch, now)
        assert _fail(app, address, times=1) == [403]
    assert waits == [15, 30, 60, 120]


def test_while_it_pauses_the_right_password_waits_too_and_then_opens(
    app: Flask, monkeypatch: pytest.MonkeyPatch, account: Account
) -> None:
    now = clock.now()
    steps.set_clock(monkeypatch, now)
    _fail(app, _address(account), times=5)
    assert steps.sign_in(browser(app), _address(account)).status_code == 429
    steps.set_clock(monkeypatch, now + throttling.FIRST_PAUSE)
    client = browser(app)
    assert steps.sign_in(client, _address(account)).status_code == 303


def test_strangers_elsewhere_do_not_keep_the_owner_out_soon(app: Flask, account: Account) -> None:
    _fail(app, _address(account), times=6, network="198.51.100.7")
    assert steps.sign_in(browser(app), _address(account)).status_code == 303


def test_many_networks_together_are_slowed_down_for_one_mailbox(app: Flask, account: Account) -> None:
    for nth in range(throttling.FREE):
        _fail(app, _address(account), times=1, network=f"198.51.100.{nth}")
    assert _fail(app, _address(account), times=1, network="203.0.113.1") == [429]


def test_one_network_is_slowed_down_whatever_addresses_it_names(app: Flask) -> None:
    for nth in range(throttling.FREE):
        _fail(app, f"someone{nth}@example.org", times=1)
    assert _fail(app, "one.more@example.org", times=1) == [429]
    assert _fail(app, "one.more@example.org", times=1, network="203.0.113.1") == [403]


def test_codes_of_the_second_step_are_counted_too(app: Flask, account: Account) -> None:
    client = browser(app)
    steps.sign_in(client, _address(account))
    assert [steps.second(client, "000000").status_code for _ in range(5)] == [403] * 4 + [429]


def test_signing_in_forgets_what_failed_before(app: Flask, account: Account) -> None:
    _fail(app, _address(account), times=3)
    client = browser(app)
    steps.sign_in(client, _address(account))
    steps.second(client, staff.code())
    assert not db.session.query(SignInTry).count()


# Sessions end


@pytest.mark.parametrize(
    ("idle", "steps_taken", "open_"),
    [(timedelta(minutes=29), 1, True), (timedelta(minutes=31), 1, False), (timedelta(minutes=29), 24, True)],
)
def test_a_session_ends_after_thirty_minutes_without_use(
    app: Flask, monkeypatch: pytest.MonkeyPatch, idle: timedelta, steps_taken: int, open_: bool
) -> None:
    client, now = staff.signed_in(app, "editor"), clock.now()
    for _ in range(steps_taken):
        now += idle
        steps.set_clock(monkeypatch, now)
        answer = client.get("/console/account")
    assert (answer.status_code == 200) is open_


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client, begun = staff.signed_in(app, "editor"), clock.now()
    for minutes in range(20, 12 * 60, 20):
        steps.set_clock(monkeypatch, begun + timedelta(minutes=minutes))
        assert client.get("/console/account").status_code == 200
    steps.set_clock(monkeypatch, begun + sessions.LONGEST + timedelta(seconds=5))
    answer = client.get("/console/account")
    assert answer.status_code == 303
    assert _cookie(answer).startswith(f"{COOKIE}=;")


def test_disabling_an_account_ends_its_sessions_at_once(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    granting.disable(client.account)
    db.session.commit()
    assert client.get("/console/account").status_code == 303
    granting.enable(client.account)
    db.session.commit()
    assert client.get("/console/account").status_code == 303
    assert steps.sign_in(browser(app), _address(client.account)).status_code == 303


def test_a_made_up_cookie_opens_nothing(client: FlaskClient) -> None:
    for token in ("", "x", "é", "x" * 4_000):
        client.set_cookie(COOKIE, token, secure=True)
        assert client.get("/console/account").status_code == 303


def test_the_database_holds_only_the_tokens_digest(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value not in str([vars(row) for row in db.session.query(StaffSession)])


def test_what_is_over_is_purged_and_what_is_not_stays(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    old = staff.account("editor")
    staff.browse(app, old)
    steps.invited()
    _fail(app, "nobody@example.org", times=1)
    steps.set_clock(monkeypatch, clock.now() + timedelta(days=8))
    staff.browse(app, old)
    _fail(app, "nobody@example.org", times=1)
    _, path = steps.invited()
    assert personal.purge()["accounts"] == 3
    assert [db.session.query(table).count() for table in (StaffSession, SignInTry)] == [1, 1]
    assert browser(app).get(path).status_code == 200


# One's own account


def test_one_changes_ones_name_and_language(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    answer = staff_post(client, "/console/account", name="Ada King", language="it")
    page = client.get(answer.location).text
    assert "Ada King" in page and '<html lang="it"' in page


@pytest.mark.parametrize(("name", "language"), [("", "en"), ("=1+1", "en"), ("Ada", "xx"), ("Ada", "")])
def test_a_name_or_language_that_cannot_be_comes_back(app: Flask, name: str, language: str) -> None:
    client = staff.signed_in(app, "editor")
    answer = staff_post(client, "/console/account", name=name, language=language)
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)
    assert client.account.name == "Grace Hopper"


def test_a_new_password_ends_the_other_sessions_and_this_one_gets_a_new_token(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    other = staff.browse(app, client.account)
    fields = {"password": staff.PASSWORD, "new_password": steps.NEW_PASSWORD}
    answer = staff_post(client, "/console/account/password", **fields)
    assert (answer.status_code, COOKIE in _cookie(answer)) == (303, True)
    assert client.get("/console/account").status_code == 200
    assert other.get("/console/account").status_code == 303
    assert steps.sign_in(browser(app), _address(client.account)).status_code == 403
    assert steps.sign_in(browser(app), _address(client.account), steps.NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "status", "sentence"),
    [
        ("wrong", steps.NEW_PASSWORD, 403, "This is not your password."),
        ("", steps.NEW_PASSWORD, 422, "Please enter your password."),
        (staff.PASSWORD, "", 422, "Please choose a password."),
        (staff.PASSWORD, "too short", 422, "at least 12 characters"),
        (staff.PASSWORD, "password1234", 422, "soon be guessed"),
        (staff.PASSWORD, "Grace.Hopper.1906", 422, "soon be guessed"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    app: Flask, present: str, new: str, status: int, sentence: str
) -> None:
    client = staff.signed_in(app, "editor")
    kept = client.account.password_hash
    answer = staff_post(client, "/console/account/password", password=present, new_password=new)
    assert (answer.status_code, sentence in answer.text) == (status, True)
    db.session.refresh(client.account)
    assert client.account.password_hash == kept
    assert not new or new not in answer.text


def test_guessing_the_present_password_is_slowed_down_too(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    fields = {"password": "wrong", "new_password": steps.NEW_PASSWORD}
    statuses = [staff_post(client, "/console/account/password", **fields).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]


def test_new_recovery_codes_are_asked_for_with_a_fresh_proof(app: Flask) -> None:
    client = staff.signed_in(app, "editor", fresh=False)
    asked = staff_post(client, "/console/account/recovery-codes")
    assert (asked.status_code, steps.codes(asked)) == (403, [])
    proof = {"again_password": staff.PASSWORD, "again_code": staff.code()}
    answer = staff_post(client, "/console/account/recovery-codes", **proof)
    assert len(steps.codes(answer)) == 10
    assert recovering.take(client.account, steps.codes(answer)[3])


def test_another_app_takes_the_place_of_the_one_there_is(app: Flask) -> None:
    client = staff.signed_in(app, "editor", fresh=False)
    other = staff.browse(app, client.account)
    assert client.get("/console/account/authenticator").status_code == 403
    proof = {"again_password": staff.PASSWORD, "again_code": staff.code(), "next": "/console/account/authenticator"}
    assert staff_post(client, "/console/again", **proof).location == "/console/account/authenticator"
    page = client.get("/console/account/authenticator")
    secret = steps.secret(page)
    fields = {"sealed": steps.hidden(page, "sealed")}
    wrong = staff_post(client, "/console/account/authenticator", code="000000", **fields)
    assert (wrong.status_code, steps.secret(wrong)) == (422, secret)
    assert staff_post(client, "/console/account/authenticator", code=staff.code(secret), **fields).status_code == 303
    assert other.get("/console/account").status_code == 303
    later = browser(app)
    steps.sign_in(later, _address(client.account))
    assert steps.second(later, staff.code()).status_code == 403


def test_the_other_sessions_are_listed_and_ended(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    other = staff.browse(app, client.account)
    assert client.get("/console/account").text.count("Firefox, Linux") == 2
    assert staff_post(client, "/console/account/end-others").status_code == 303
    assert (client.get("/console/account").status_code, other.get("/console/account").status_code) == (200, 303)


# Where no cookie would be kept


@pytest.mark.parametrize(
    ("base_url", "forwarded", "possible"),
    [
        ("http://localhost:8000", "http", True),
        ("http://127.0.0.1:8000", "http", True),
        ("https://petition.example.org", "http", True),
        ("http://petition.example.org", "http", False),
        ("http://petition.example.org", "https", True),
    ],
)
def test_on_an_unencrypted_connection_the_page_says_so_instead_of_a_form(
    app: Flask, monkeypatch: pytest.MonkeyPatch, base_url: str, forwarded: str, possible: bool
) -> None:
    settings = replace(app.extensions["petition.settings"], base_url=base_url)
    monkeypatch.setitem(app.extensions, "petition.settings", settings)
    client = browser(app)
    del client.environ_base["HTTP_HOST"]
    page = client.get("/console/sign-in", base_url=f"{forwarded}://{base_url.partition('//')[2]}").text
    assert ("<form" in page) is possible
    assert ("begins with https://" in page) is not possible
