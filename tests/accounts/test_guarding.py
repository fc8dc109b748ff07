"""Who may enter a staff page: sessions, duties, scopes, tokens, and the proof that is asked once more."""

from flask import Flask
from flask.testing import FlaskClient

from petition.accounts.cookies import COOKIE
from petition.accounts.models import StaffSession
from petition.extensions import db
from tests import staff
from tests.staff import staff_post


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
