"""The staff's home: what the worker kept, shown in one read, for those who were given the declaration."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from petition import clock, languages
from petition.accounts.duties import Role
from petition.declarations import folders, publishing
from petition.extensions import db
from petition.worker import beating
from petition.worker.models import Pulse
from tests import make, staff
from tests.console import steps
from tests.console.steps import HOME

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
WATCHERS = [role for role in Role if role not in (Role.OPERATOR, Role.PARTNER)]


@contextmanager
def _captured() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _second(folder: Path, slug: str = "clean-water") -> None:
    frame = folder / "declaration.toml"
    frame.write_text(re.sub(r"(?m)^slug = .*$", f'slug = "{slug}"', frame.read_text()))
    publishing.publish(folders.read(folder))
    db.session.commit()


def _beat(ago: timedelta = timedelta(0)) -> None:
    db.session.add(Pulse(worker="one", started_at=clock.now(), seen_at=clock.now() - ago))
    db.session.commit()


@pytest.mark.parametrize("role", WATCHERS)
def test_whoever_works_on_a_declaration_sees_how_it_goes(app: Flask, role: Role) -> None:
    make.counts((clock.now(), "IT", 7), (clock.now(), "FR", 2))
    steps.count()
    found = steps.tiles(staff.signed_in(app, role))
    assert (found["In all"], found["Today"]) == ("9", "9")
    assert (found["Pending"], found["Held"], found["Withdrawn"], found["Invalidated"]) == ("0", "0", "0", "0")
    assert (found["Organisations that wait"], found["Mails that wait"], found["Mails that fail"]) == ("0", "0", "0")


def test_an_operator_watches_no_declaration(app: Flask) -> None:
    operator = staff.signed_in(app, "operator", slug=None)
    assert operator.get(HOME).status_code == 403
    page = operator.get("/console/")
    assert page.status_code == 200 and "No declaration was given to you." in page.text


def test_who_is_given_one_declaration_comes_straight_to_it(app: Flask, folder: Path) -> None:
    _second(folder)
    answer = staff.signed_in(app, "editor").get("/console/")
    assert (answer.status_code, answer.location) == (303, HOME)


def test_who_is_given_several_chooses_among_theirs(app: Flask, folder: Path) -> None:
    _second(folder)
    with time_machine.travel(NOON, tick=False):
        make.counts((NOON, "IT", 1200))
        steps.signed(3, held_at=NOON)
        steps.close(NOON + timedelta(days=10, hours=5))
        steps.count()
        page = staff.signed_in(app, "organiser", slug=None).get("/console/")
        _head, *rows = steps.cells(page.text)
    assert page.text.count(f'href="{HOME}"') == 1
    assert rows[0][1:] == ["Open", "1,200", "1,200", "3", "10 days"]
    assert "/console/declarations/clean-water/" in page.text


def test_anothers_declaration_is_not_in_the_list(app: Flask, folder: Path) -> None:
    _second(folder)
    client = staff.signed_in(app, "organiser", slug="clean-water")
    assert client.get("/console/").location == "/console/declarations/clean-water/"
    assert client.get(HOME).status_code == 404
    assert client.get("/console/declarations/no-such/").status_code == 404


def test_whoever_is_not_signed_in_is_asked_to(client: FlaskClient) -> None:
    for path in ("/console/", HOME, "/console/mails"):
        answer = client.get(path)
        assert answer.status_code == 303 and answer.location.startswith("/console/sign-in?next=")


def test_before_the_first_count_the_page_says_so(app: Flask) -> None:
    page = staff.signed_in(app, "organiser").get(HOME)
    assert page.status_code == 200
    assert "Nothing has been counted yet." in page.text and "No worker has been at work yet." in page.text


def test_a_declaration_without_signatures_has_figures_and_no_empty_charts(app: Flask) -> None:
    steps.count()
    page = staff.signed_in(app, "organiser").get(HOME)
    assert page.status_code == 200
    assert steps.tiles(staff.signed_in(app, "organiser"))["In all"] == "0"
    assert page.text.count('role="img"') == 0 and "Nobody has signed yet." in page.text


def test_a_worker_that_has_been_silent_is_missed(app: Flask) -> None:
    _beat()
    steps.count()
    client = staff.signed_in(app, "organiser")
    assert steps.tiles(client)["Worker"] == "At work"
    assert 'role="alert"' not in client.get(HOME).text
    with time_machine.travel(clock.now() + beating.SILENT_AFTER, tick=False):
        assert steps.tiles(client)["Worker"] == "Not at work"
        assert "No worker has been at work since" in client.get(HOME).text


def test_the_days_that_are_left_are_told(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clocks:
        steps.count()
        client = staff.signed_in(app, "organiser")
        assert steps.tiles(client)["Left to closing"] == "–"
        steps.close(NOON + timedelta(days=1, hours=2))
        retention = steps.declaration().plan.retention_days
        found = steps.tiles(client)
        assert (found["Left to closing"], found["Left to the end of retention"]) == ("1 day", f"{retention + 1} days")
        clocks.shift(timedelta(minutes=20))
        steps.close(NOON - timedelta(days=retention + 3))
        found = steps.tiles(client)
        assert (found["Left to closing"], found["Left to the end of retention"]) == ("Closed", "0 days")


def test_every_plot_has_its_table(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        make.counts((NOON, "IT", 7), (NOON - timedelta(days=3), "FR", 2))
        make.submission()
        steps.count()
        page = staff.signed_in(app, "organiser").get(HOME).text
    rows = steps.cells(page)
    assert page.count('role="img"') == page.count("<table>") == 5
    # The declaration's time zone is an hour ahead.
    assert ["4 Mar, 13:00", "7"] in rows
    assert ["4 Mar 2026", "7", "9"] in rows and ["1 Mar 2026", "2", "2"] in rows
    assert ["Italy", "7"] in rows and ["France", "2"] in rows
    assert ["The page itself", "9"] in rows
    assert ["4 Mar 2026", "1", "0", "0%"] in rows


@pytest.mark.parametrize(
    ("hours", "shown"), [("168", 168), ("48", 48), ("", 48), ("-1", 48), ("9" * 30, 48), ("½", 48)]
)
def test_the_hours_are_those_of_two_days_or_a_week(app: Flask, hours: str, shown: int) -> None:
    make.counts((clock.now(), "IT", 7))
    steps.count()
    page = staff.signed_in(app, "organiser").get(HOME, query_string={"hours": hours})
    assert page.status_code == 200
    hourly = [row for row in steps.cells(page.text) if re.search(r"\d\d:\d\d$", row[0])]
    assert len(hourly) == shown


def test_a_source_is_shown_as_text_whatever_it_says(app: Flask) -> None:
    make.signature()
    kept = steps.count().figures
    hostile = {"<script>alert(1)</script>": 3, "\u202eabc": 2, "": 1}
    stored = {**kept.to_json(), "sources": hostile, "days": {clock.now().date().isoformat(): 6}}
    db.session.execute(steps.storing(stored))
    db.session.commit()
    page = staff.signed_in(app, "organiser").get(HOME)
    assert page.status_code == 200
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_no_request_counts_rows(app: Flask, folder: Path) -> None:
    _second(folder)
    make.counts((clock.now(), "IT", 7))
    steps.count()
    client = staff.signed_in(app, "organiser", slug=None)
    for path in ("/console/", HOME):
        with _captured() as sent:
            assert client.get(path).status_code == 200
        tables = set(re.findall(r"(?:FROM|JOIN) (\w+)", " ".join(sent)))
        assert not tables & {"signatures", "submissions", "endorsements", "mails", "tally_buckets", "consents"}
        assert not [each for each in sent if re.search(r"(?i)\bcount\(|\bsum\(|\bgroup by\b", each)]
        assert len(sent) <= 12, sent


@pytest.mark.parametrize("language", languages.CODES)
def test_the_home_speaks_the_language_of_the_account(app: Flask, language: str) -> None:
    make.counts((clock.now(), "IT", 7))
    steps.count()
    page = staff.signed_in(app, "organiser", language=language).get(HOME)
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="{languages.direction(language)}">' in page.text


def test_the_home_is_kept_by_nobody(app: Flask) -> None:
    answer = staff.signed_in(app, "organiser").get(HOME)
    assert answer.headers["Cache-Control"] == "no-store"


def test_tabs_stand_in_the_order_of_the_work_whichever_room_moved_in_first(app: Flask) -> None:
    page = staff.signed_in(app, "organiser").get(HOME).text
    console, declaration = (
        re.findall(r">([^<]+)</a>", tabs) for tabs in re.findall(r'(?s)<nav class="tabs".*?</nav>', page)
    )
    assert console == ["People", "Audit trail"]
    assert declaration == [
        "Home",
        "Signatures",
        "Held",
        "Organisations",
        "Updates",
        "Texts",
        "Settings",
        "Opening and closing",
        "Deliveries",
        "Webhooks",
    ]
