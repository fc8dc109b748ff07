"""The first page, health, and what people and machines are told when something goes wrong."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition.declarations.models import Declaration
from petition.extensions import db
from tests import make
from tests.conftest import browser
from tests.standing import AppMaker

ADDRESS = make.email()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("it", "it"),
        ("it-CH, en;q=0.5", "it"),
        ("en-GB, it;q=0.9", "en"),
        ("ja, it;q=0.4, en;q=0.2", "it"),
        ("ja", "en"),
        ("it;q=0, en", "en"),
        ("*", "en"),
        (";;;", "en"),
    ],
)
def test_the_first_page_leads_to_the_declaration_in_the_readers_language(
    client: FlaskClient, accepted: str | None, language: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": accepted} if accepted else {})
    assert (answer.status_code, answer.location) == (303, f"/{language}/{make.SLUG}")
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_first_page_of_a_text_in_no_language_of_the_pages_is_not_there(app: Flask, client: FlaskClient) -> None:
    declaration = make.text().declaration
    found = db.session.get_one(Declaration, declaration.id)
    found.stored_plan = {**found.stored_plan, "languages": ["xx"]}
    db.session.commit()
    assert client.get("/").status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_answers_ok(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_readiness_says_no_while_the_database_is_away_and_health_stays(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    client = browser(app)
    assert client.get("/readyz").status_code == 200
    with make_app.templates.closed(make_app.urls[-1]):
        away = client.get("/readyz")
        assert (away.status_code, away.get_json()) == (503, {"status": 503})
        assert away.headers["Retry-After"] == "5"
        assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200, "and recovers by itself"


def test_a_post_during_an_outage_keeps_what_was_typed_and_is_taken_afterwards(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    client = browser(app)
    with app.app_context():
        typed = make.form(name="Zoë <O’Hara>")
        db.session.remove()
    with make_app.templates.closed(make_app.urls[-1]):
        away = client.post(make.SIGN, data=typed)
        assert away.status_code == 503
        assert "Zoë &lt;O’Hara&gt;" in away.text
        assert away.headers["Cache-Control"] == "no-store"
    assert client.post(make.SIGN, data=typed).status_code == 303


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/api/v1/nothing", "GET", 404),
        ("/api/v1/declarations/no-such-text/count", "GET", 404),
        (f"/api/v1/declarations/{make.SLUG}/count", "POST", 405),
        ("/api/v1/%00", "GET", 400),
    ],
)
def test_programs_are_told_in_problem_details(client: FlaskClient, path: str, method: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status


@pytest.mark.parametrize(
    ("path", "language", "word"),
    [("/en/no-such-text", "en", "There is no such page"), ("/it/no-such-text", "it", "pagina")],
)
def test_people_are_told_in_a_page_of_their_language(client: FlaskClient, path: str, language: str, word: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert f'<html lang="{language}"' in answer.text
    assert word in answer.text


@pytest.mark.parametrize("path", ["/en/broken", "/api/broken"])
def test_a_fault_of_ours_shows_and_logs_no_details(
    make_app: AppMaker, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    app = make_app()

    @app.get(path)
    def broken() -> None:
        raise LookupError(f"{ADDRESS} is the secret detail")

    answer = browser(app).get(path)
    assert answer.status_code == 500
    for word in ("secret", ADDRESS, "LookupError", "Traceback"):
        assert word not in answer.text
    if path.startswith("/api/"):
        assert answer.get_json()["status"] == 500
    logged = capfd.readouterr().err
    assert "LookupError" in logged, "the operator learns what happened and where"
    assert "test_pages.py" in logged
    assert ADDRESS not in logged, "but of nobody"
    assert json.loads(logged.splitlines()[-1])["event"] == "unexpected"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_database_error_logs_no_values(make_app: AppMaker, database: str, capfd: pytest.CaptureFixture[str]) -> None:
    app: Flask = make_app(database)

    @app.get("/en/broken")
    def broken() -> None:
        db.session.execute(text("INSERT INTO no_such_table VALUES (:name)"), {"name": ADDRESS})
        db.session.execute(text("SELECT CAST(:name AS integer)"), {"name": ADDRESS})

    assert browser(app).get("/en/broken").status_code in (500, 503)
    assert ADDRESS not in capfd.readouterr().err


@pytest.mark.parametrize("code", ["25006", "40001", "40002", "40P01", "53100"])
def test_trouble_of_the_database_that_passes_gives_503(make_app: AppMaker, code: str) -> None:
    app: Flask = make_app("postgresql")

    @app.get("/en/broken")
    def broken() -> None:
        db.session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))

    answer = browser(app).get("/en/broken")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("host", ["a b", "[", "a/b", "a@b", "\x7f", "[::1", "localhost:x"])
def test_a_broken_host_is_a_bad_request_and_no_server_error(client: FlaskClient, host: str) -> None:
    for path in (make.PAGE, "/nowhere", make.SIGN):
        assert client.get(path, headers={"Host": host}).status_code in (400, 404)
