"""Who may enter a staff page: sessions, duties, scopes, tokens, and the proof that is asked once more."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, Response, session
from flask.testing import FlaskClient

from petition import clock, keys
from petition.accounts import granting, sessions, throttling
from petition.accounts.cookies import COOKIE
from petition.accounts.duties import Role
from petition.accounts.models import StaffSession
from petition.extensions import db
from tests import make, staff
from tests.accounts import steps
from tests.conftest import browser
from tests.staff import staff_post
from tests.standing import AppMaker, Templates


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get("/console/account")
    assert (answer.status_code, answer.location) == (303, "/console/sign-in?next=/console/account")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_whoever_is_signed_in_sees_the_page_and_nobody_stores_it(app: Flask) -> None:
    answer = staff.signed_in(app, "editor").get("/console/account")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "Grace Hopper" in answer.text


def test_signing_out_ends_the_session_and_takes_the_cookie_away(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    answer = staff_post(client, "/console/sign-out")
    assert answer.location == "/console/sign-in"
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=;")
    assert not db.session.query(StaffSession).count()
    assert client.get("/console/account").status_code == 303


def test_a_post_without_the_sessions_token_changes_nothing(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    assert client.post("/console/sign-out").status_code == 403
    assert client.get("/console/account").status_code == 200


# Duties and declarations


TRIED = f"/console/tried/{make.SLUG}"


@pytest.mark.parametrize(
    ("role", "texts", "signatures", "anywhere"),
    [
        ("organiser", 200, 200, 200),
        ("editor", 200, 403, 403),
        ("moderator", 403, 200, 403),
        ("exporter", 403, 403, 200),
        ("operator", 403, 403, 403),
    ],
)
@pytest.mark.parametrize("slug", [make.SLUG, None])
def test_a_role_opens_the_pages_of_its_duties_and_no_other(
    tried: Flask, role: str, texts: int, signatures: int, anywhere: int, slug: str | None
) -> None:
    client = staff.signed_in(tried, role, slug=slug)
    paths = (f"{TRIED}/texts", f"{TRIED}/signatures", "/console/tried/anywhere")
    assert [client.get(path).status_code for path in paths] == [texts, signatures, anywhere]


def test_a_declaration_that_somebody_was_not_given_is_like_none(tried: Flask) -> None:
    client = staff.signed_in(tried, "organiser")
    client.account.grants[0].scope += 1
    db.session.commit()
    assert client.get(f"{TRIED}/texts").status_code == 404
    assert client.get("/console/tried/no-such-thing/texts").status_code == 404
    assert client.get("/console/tried/anywhere").json == [client.account.grants[0].scope]


def test_whoever_was_given_all_has_every_scope(tried: Flask) -> None:
    assert staff.signed_in(tried, "exporter", slug=None).get("/console/tried/anywhere").json is None


def test_a_role_that_is_taken_back_opens_nothing_from_then_on(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor")
    granting.revoke(client.account, Role.EDITOR, scopes=[staff.scope()])
    db.session.commit()
    assert client.get(f"{TRIED}/texts").status_code == 404


def test_the_tabs_are_those_that_may_be_opened_and_the_open_one_says_so(tried: Flask) -> None:
    page = staff.signed_in(tried, "moderator").get(f"{TRIED}/signatures").text
    assert f'<a href="{TRIED}/signatures" aria-current="page">Signatures</a>' in page
    assert f"{TRIED}/texts" not in page and "/console/tried/anywhere" not in page
    page = staff.signed_in(tried, "organiser").get(f"{TRIED}/texts").text
    assert f"{TRIED}/signatures" in page and "/console/tried/anywhere" in page


def test_an_error_of_a_staff_page_keeps_its_frame(tried: Flask) -> None:
    client = staff.signed_in(tried, "moderator", language="de")
    answer = client.get(f"{TRIED}/texts")
    assert (answer.status_code, '<html lang="de"' in answer.text, "/console/sign-out" in answer.text) == (
        403,
        True,
        True,
    )
    assert answer.headers["Cache-Control"] == "no-store"


# The proof that is asked once more


TYPED = {"text": "<b>wörds</b>", "many": ["1", "2"]}
SENT = [["text", "<b>wörds</b>"], ["many", "1"], ["many", "2"]]


def _fields(page: str) -> list[list[str]]:
    """What the page would post, as the browser reads it."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.partition("<main")[2])
    return [[name, html.unescape(value)] for name, value in found if name != "csrf_token"]


def test_a_grave_act_asks_again_and_goes_on_with_everything_that_was_typed(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor", fresh=False)
    asked = staff_post(client, f"{TRIED}/act", **TYPED)
    assert (asked.status_code, _fields(asked.text)) == (403, SENT)
    assert f'action="{TRIED}/act"' in asked.text
    proof = {"again_password": staff.PASSWORD, "again_code": staff.code()}
    done = staff_post(client, f"{TRIED}/act", **TYPED, **proof)
    assert done.status_code == 200
    assert [pair for pair in done.get_json() if pair[0] != "csrf_token"] == SENT, "the view sees no proof"
    assert COOKIE in done.headers["Set-Cookie"], "a new token"
    assert staff_post(client, f"{TRIED}/act", **TYPED).status_code == 200, "for five minutes"


@pytest.mark.parametrize(
    ("password", "right_code", "sentence"),
    [
        ("wrong", True, "not your password"),
        (staff.PASSWORD, False, "not right"),
        ("", False, "not your password"),
        ("x" * 5_000, False, "not your password"),
    ],
)
def test_a_wrong_proof_asks_again_and_loses_nothing(
    tried: Flask, password: str, right_code: bool, sentence: str
) -> None:
    client = staff.signed_in(tried, "editor", fresh=False)
    proof = {"again_password": password, "again_code": staff.code() if right_code else "000000"}
    answer = staff_post(client, f"{TRIED}/act", **TYPED, **proof)
    assert (answer.status_code, _fields(answer.text), sentence in answer.text) == (403, SENT, True)


def test_guessing_the_proof_is_slowed_down(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor", fresh=False)
    proof = {"again_password": "wrong", "again_code": "1"}
    answers = [staff_post(client, f"{TRIED}/act", **TYPED, **proof) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert _fields(answers[-1].text) == SENT


def test_a_page_that_is_read_asks_again_and_then_opens(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor", fresh=False)
    asked = client.get(f"{TRIED}/grave?a=1&b=2")
    assert (asked.status_code, _fields(asked.text)) == (403, [["next", f"{TRIED}/grave?a=1&b=2"]])
    fields = {"next": f"{TRIED}/grave?a=1&b=2", "again_password": staff.PASSWORD}
    wrong = staff_post(client, "/console/again", **fields, again_code="0")
    assert (wrong.status_code, _fields(wrong.text)) == (403, [["next", fields["next"]]])
    assert staff_post(client, "/console/again", **fields, again_code=staff.code()).location == fields["next"]
    assert client.get(fields["next"]).text == "opened"


def test_after_five_minutes_the_proof_is_asked_for_again(tried: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client, now = staff.signed_in(tried, "editor"), clock.now()
    steps.set_clock(monkeypatch, now + timedelta(minutes=4, seconds=50))
    assert client.get(f"{TRIED}/grave").status_code == 200
    steps.set_clock(monkeypatch, now + timedelta(minutes=5, seconds=10))
    assert client.get(f"{TRIED}/grave").status_code == 403


def test_whoever_lacks_the_duty_is_not_asked_for_a_proof(tried: Flask) -> None:
    answer = staff_post(staff.signed_in(tried, "moderator", fresh=False), f"{TRIED}/act", **TYPED)
    assert (answer.status_code, "again_password" in answer.text) == (403, False)


# Posts that bring no token of this session


def test_what_was_typed_while_the_session_ended_is_kept_and_sent_after_signing_in(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor")
    sessions.end_all(client.account)
    db.session.commit()
    kept = staff_post(client, f"{TRIED}/act", **TYPED, password="secret words")
    assert (kept.status_code, _fields(kept.text)) == (403, SENT)
    assert "secret words" not in kept.text and "/console/sign-in" in kept.text
    again = staff.browse(tried, client.account)
    once_more = again.post(f"{TRIED}/act", data=TYPED)
    assert (once_more.status_code, _fields(once_more.text)) == (403, SENT)
    token = re.findall(r'name="csrf_token" value="([^"]*)"', once_more.text)[-1]
    assert again.post(f"{TRIED}/act", data={**TYPED, "csrf_token": token}).status_code == 200


def test_what_another_site_posts_is_neither_done_nor_shown(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor")
    for fields in (TYPED, {**TYPED, "csrf_token": "made up"}):
        answer = client.post(f"{TRIED}/act", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, _fields(answer.text)) == (403, [])


def test_anothers_token_is_not_taken(tried: Flask) -> None:
    client, other = staff.signed_in(tried, "editor"), staff.signed_in(tried, "editor")
    assert client.post(f"{TRIED}/act", data={**TYPED, "csrf_token": other.csrf}).status_code == 403
    assert client.post(f"{TRIED}/act", data=TYPED, headers={"X-CSRFToken": client.csrf}).status_code == 200


def test_whoever_never_signed_in_is_led_to_the_sign_in_page_by_a_post_too(tried: Flask) -> None:
    referrer = {"Referer": f"http://localhost:8000{TRIED}/texts"}
    answer = browser(tried).post(f"{TRIED}/act", data=TYPED, headers=referrer)
    assert (answer.status_code, answer.location) == (303, f"/console/sign-in?next={TRIED}/texts")


def test_staff_may_post_more_often_than_the_public(tried: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(tried.extensions["petition.settings"], sign_limits="1/minute")
    monkeypatch.setitem(tried.extensions, "petition.settings", settings)
    client = staff.signed_in(tried, "editor")
    assert {staff_post(client, f"{TRIED}/act").status_code for _ in range(5)} == {200}
    stranger = browser(tried)
    assert [stranger.post(f"{TRIED}/act").status_code for _ in range(2)] == [303, 429]


def test_what_a_view_puts_into_the_session_lies_on_the_server(tried: Flask) -> None:
    client = staff.signed_in(tried, "editor")
    with client:
        client.get(f"{TRIED}/texts")
        session["challenge"] = "kept"
        tried.session_interface.save_session(tried, session._get_current_object(), Response())  # type: ignore[attr-defined]
    db.session.rollback()
    row = db.session.query(StaffSession).one()
    assert row.data["challenge"] == "kept" and sessions.CSRF in row.data


def test_while_the_database_is_away_a_staff_page_says_to_come_again(
    make_app: AppMaker, app_templates: Templates
) -> None:
    app = make_app("postgresql")
    with app.app_context():
        client = staff.signed_in(app, "editor")
        url = app.extensions["petition.settings"].database_url
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
        with app_templates.closed(url):
            answer = client.get("/console/account")
    assert (answer.status_code, "Please try again in a moment" in answer.text) == (503, True)


def test_of_many_tries_at_once_no_more_count_than_of_one_after_the_other(tried: Flask) -> None:
    def guess(_nth: int) -> int:
        with tried.app_context():
            return steps.sign_in(browser(tried), "nobody@example.org", "wrong").status_code

    browser(tried).get(make.PAGE)
    # Time stands still: on a machine that is busy enough the pause would end before the last try.
    with time_machine.travel(clock.now(), tick=False), ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(16)))
    assert set(statuses) == {403, 429}
    assert statuses.count(403) <= throttling.FREE_HERE


def test_an_invitation_that_two_use_at_once_lets_one_in(tried: Flask) -> None:
    _, path = steps.invited()

    def use(_nth: int) -> int:
        with tried.app_context():
            return steps.join(browser(tried), path).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [303, 404, 404, 404]


def test_a_code_that_two_type_at_once_lets_one_in(tried: Flask) -> None:
    address = keys.ring().decrypt(staff.account("editor").address)
    clients = [browser(tried) for _ in range(2)]
    for client in clients:
        steps.sign_in(client, address)
    code = staff.code()

    def type_(client: FlaskClient) -> int:
        with tried.app_context():
            return steps.second(client, code).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(type_, clients)) == [303, 403]
