"""Declarations and texts: what a form of one's own must show and ask, and nothing that the pages do not show."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import clock
from petition.declarations import folders, publishing
from petition.declarations.models import Declaration
from petition.declarations.plans import digest
from petition.extensions import db
from petition.languages import CODES
from tests import make
from tests.conftest import browser

ALL = "/api/v1/declarations"
ONE = f"{ALL}/{make.SLUG}"


def _declaration() -> Declaration:
    return db.session.get_one(Declaration, make.text().declaration_id)


def _plan(**changed: object) -> None:
    found = _declaration()
    found.stored_plan = {**found.stored_plan, **changed}
    db.session.commit()


def _closed_an_hour_ago() -> None:
    _declaration().closes_at = clock.now() - timedelta(hours=1)
    db.session.commit()


def test_all_declarations_are_listed_with_their_titles_and_whether_one_may_sign(client: FlaskClient) -> None:
    (listed,) = client.get(ALL).get_json()["declarations"]
    assert (listed["slug"], listed["state"], listed["sample"]) == (make.SLUG, "open", True)
    assert listed["titles"].keys() == set(CODES)
    assert listed["titles"]["it"] == make.text("it").title
    assert client.get(listed["url"]).get_json()["slug"] == make.SLUG


def test_a_closed_declaration_is_still_told(app: Flask, client: FlaskClient) -> None:
    _closed_an_hour_ago()
    (listed,) = client.get(ALL).get_json()["declarations"]
    assert listed["state"] == "closed"
    assert client.get(ONE).get_json()["state"] == "closed"
    assert client.get(f"{ONE}/texts/en").status_code == 200


def test_what_has_no_text_yet_is_not_told(app: Flask, client: FlaskClient) -> None:
    made = _declaration()
    db.session.add(
        Declaration(
            slug="in-the-making",
            featured=False,
            opens_at=clock.now(),
            stored_plan=made.stored_plan,
            updated_at=clock.now(),
        )
    )
    db.session.commit()
    assert [each["slug"] for each in client.get(ALL).get_json()["declarations"]] == [make.SLUG]
    for path in ("", "/count", "/numbers", "/signatories", "/texts/en"):
        assert client.get(f"{ALL}/in-the-making{path}").status_code == 404


def test_one_declaration_tells_all_that_a_form_must_show_and_ask(app: Flask, client: FlaskClient) -> None:
    told = client.get(ONE).get_json()
    plan = make.text().declaration.plan
    assert (told["time_zone"], told["goal"]) == (plan.time_zone, plan.goal)
    assert told["addressee"]["de"] == plan.addressee["de"]
    assert told["organisers"] == list(plan.organisers)
    assert told["languages"] == [each["language"] for each in told["texts"]] == list(plan.languages)
    assert {each["purpose"]: each["required"] for each in told["consents"]} == {"agree": True, "updates": False}
    for consent in told["consents"]:
        for language, wording in consent["wordings"].items():
            assert wording["words"] == plan.consents[consent["purpose"]][language]
            assert wording["digest"] == digest(wording["words"])


def test_the_fields_told_are_those_that_the_form_asks(app: Flask, client: FlaskClient) -> None:
    sectors = [{"code": "church", "names": dict.fromkeys(CODES, "Church")}]
    _plan(fields={"affiliation": "required", "role": "off", "comment": "off", "sector": "optional"}, sectors=sectors)
    told = client.get(ONE).get_json()
    assert {each["name"]: each["required"] for each in told["fields"]} == {
        "name": True,
        "email": True,
        "country": True,
        "visibility": False,
        "affiliation": True,
        "sector": False,
    }
    assert told["sectors"] == sectors
    _plan(fields={"sector": "off"}, sectors=sectors)
    app.extensions["petition.shelf"].clear()
    assert client.get(ONE).get_json()["sectors"] == [], "what is not asked has no choices"


def test_a_text_is_told_byte_for_byte_so_that_anyone_can_check_its_digest(client: FlaskClient) -> None:
    for language in CODES:
        told = client.get(f"{ONE}/texts/{language}").get_json()
        text = make.text(language)
        assert told["sha256"] == text.sha256 == hashlib.sha256(told["markdown"].encode()).hexdigest()
        assert (told["title"], told["summary"], told["html"]) == (text.title, text.summary, text.html)
        assert (told["version"], told["language"]) == (1, language)
        assert told["page"] == f"http://localhost:8000/{language}/{make.SLUG}"


def test_a_new_version_is_told_and_the_old_one_is_not(app: Flask, client: FlaskClient, folder: Path) -> None:
    before = client.get(f"{ONE}/texts/en").get_json()
    changed = (folder / "en.md").read_text().replace("title: ", "title: Now: ")
    (folder / "en.md").write_text(changed)
    publishing.publish(folders.read(folder))
    db.session.commit()
    app.extensions["petition.known_texts"].clear()
    app.extensions["petition.shelf"].clear()
    after = client.get(f"{ONE}/texts/en").get_json()
    assert (before["version"], after["version"]) == (1, 2)
    assert after["title"].startswith("Now: ") and after["sha256"] != before["sha256"]
    assert before["sha256"] not in client.get(ONE).text


def test_a_language_without_a_page_is_not_told(app: Flask, client: FlaskClient) -> None:
    _plan(languages=["en", "xx"])
    assert client.get(ONE).get_json()["languages"] == ["en"]
    assert client.get(f"{ONE}/texts/xx").status_code == 404
    assert client.get(f"{ONE}/texts/EN").status_code == 404


def test_reading_is_open_to_every_site_cached_and_sets_no_cookie(app: Flask, client: FlaskClient) -> None:
    make.move_tally(app)
    for path in (ALL, ONE, f"{ONE}/texts/en", f"{ONE}/count", f"{ONE}/numbers", f"{ONE}/signatories",
                 f"{ONE}/signatories?country=GB", "/api/v1/openapi.json"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "public, max-age=3"
        assert "Set-Cookie" not in answer.headers
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
        assert again.headers["Access-Control-Allow-Origin"] == "*"
        assert client.head(path).status_code == 200


def test_answers_are_the_same_in_every_language_of_the_reader(app: Flask) -> None:
    answers = set()
    for language in ("en", "ar", "xx"):
        app.extensions["petition.shelf"].clear()
        answers.add(browser(app).get(ONE, headers={"Accept-Language": language}).data)
    assert len(answers) == 1


def test_the_state_follows_the_clock_within_two_intervals(app: Flask, client: FlaskClient) -> None:
    _declaration().closes_at = datetime(2030, 1, 1, tzinfo=UTC)
    db.session.commit()
    states = []
    for day in ("2029-12-31", "2030-01-02"):
        with time_machine.travel(datetime.fromisoformat(f"{day}T00:00:00Z"), tick=False):
            app.extensions["petition.shelf"].clear()
            states.append(client.get(ONE).get_json()["state"])
    assert states == ["open", "closed"]
