"""Problem details (RFC 9457): every error below /api/, in the language that was asked for."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.api.problems import ALL
from petition.api.refusals import of_status
from tests import make
from tests.conftest import browser
from tests.standing import AppMaker

ONE = f"/api/v1/declarations/{make.SLUG}"
COUNT = f"{ONE}/count"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "name"),
    [
        ("GET", "/api/v1/nothing", {}, 404, "not-found"),
        ("GET", "/api/nothing", {}, 404, "not-found"),
        ("GET", "/api/v1/declarations/no-such-text", {}, 404, "not-found"),
        ("GET", f"{ONE}/texts/xx", {}, 404, "not-found"),
        ("GET", f"{ONE}/signatories?after=x", {}, 404, "not-found"),
        ("GET", "/api/v1/%00", {}, 400, "not-understood"),
        ("GET", f"{COUNT}?x=%ff", {}, 400, "not-understood"),
        ("GET", COUNT, {"Host": "evil.example.org"}, 400, "not-understood"),
        ("GET", COUNT, {"Host": "a b"}, 400, "not-understood"),
        ("DELETE", COUNT, {}, 405, "wrong-method"),
        ("POST", ONE, {}, 405, "wrong-method"),
    ],
)
def test_every_error_is_a_problem_that_names_its_kind(
    client: FlaskClient, method: str, path: str, headers: dict[str, str], status: int, name: str
) -> None:
    answer = client.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = answer.get_json()
    assert problem.keys() == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["type"] == f"http://localhost:8000/api/v1/#{name}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_method_that_is_not_allowed_is_told_which_are(client: FlaskClient) -> None:
    assert set(client.delete(COUNT).headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_page_of_another_site_may_read_why_there_is_no_answer(client: FlaskClient) -> None:
    assert client.get("/api/v1/nothing").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.post(COUNT).headers


@pytest.mark.parametrize("language", ["en", "it", "ar"])
def test_problems_speak_the_language_that_is_asked_for(client: FlaskClient, language: str) -> None:
    path = f"{ONE}/signatories?country=ZZZ"
    answer = client.get(path, headers={"Accept-Language": f"{language}-XX,en;q=0.5"})
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"
    assert (answer.get_json()["detail"] == "There is no country with this code.") is (language == "en")


def test_a_database_that_is_away_is_told_with_when_to_try_again(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    client = browser(app)
    with make_app.templates.closed(make_app.urls[-1]):
        for path in ("/api/v1/declarations", ONE, f"{ONE}/texts/en", COUNT, f"{ONE}/numbers", f"{ONE}/signatories"):
            away = client.get(path)
            assert (away.status_code, away.mimetype) == (503, "application/problem+json"), path
            assert away.headers["Retry-After"] == "5"
            assert away.get_json()["detail"].endswith("You can try again in 5 seconds.")
    assert client.get(ONE).status_code == 200, "and recovers by itself"


def test_every_kind_is_told_about_where_its_type_points(client: FlaskClient) -> None:
    page = client.get("/api/v1/").text
    assert not [problem.name for problem in ALL if f'id="{problem.name}"' not in page]
    kind = urlsplit(client.get("/api/v1/nothing").get_json()["type"])
    assert kind.path == "/api/v1/" and f'id="{kind.fragment}"' in page


@pytest.mark.parametrize("status", [400, 401, 408, 418, 500, 502, 503])
def test_a_status_that_nobody_thought_of_is_still_told(app: Flask, status: int) -> None:
    problem = of_status(status)
    assert problem.status == status
    assert str(problem.title) and str(problem.detail)
