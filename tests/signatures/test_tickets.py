"""Form tickets and origins: what stands in for a session's token where nobody has a session."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition import links
from petition.declarations import folders, publishing
from petition.signatures import tickets
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
STALE = "This form was opened too long ago"
FOREIGN = "This form was sent from another site"
TYPED = {
    "name": "Grace Hopper",
    "email": "grace@example.org",
    "country": "US",
    "affiliation": "Navy",
    "role": "Admiral",
    "visibility": "counted",
    "updates": "y",
    "agree": "y",
}


def _assert_form_again(answer: TestResponse, *, status: int, sentence: str) -> None:
    assert answer.status_code == status
    page = steps.Page(answer)
    assert page.title.startswith("Error")
    assert page.html.count('role="alert"') == 1 and sentence in page.html
    values = page.form("/sign").values
    assert {name: values.get(name) for name in TYPED} == TYPED
    assert answer.headers["Cache-Control"] == "no-store"
    assert steps.submissions() == []


def _forged(ticket: str) -> str:
    # Not the last character: some of its bits say nothing.
    return ticket[:-9] + ("A" if ticket[-9] != "A" else "B") + ticket[-8:]


@pytest.mark.parametrize(
    "shape", ["missing", "empty", "garbage", "huge", "accents", "forged", "unsealed", "other language"]
)
def test_a_ticket_that_is_not_ours_shows_the_form_again(client: FlaskClient, shape: str) -> None:
    ticket = {
        "missing": None,
        "empty": "",
        "garbage": "not.a.ticket",
        "huge": "x" * 20_000,
        "accents": "é☃.é",
        "forged": _forged(make.ticket()),
        "unsealed": '["2026-03-04T12:00:00Z","","en",""]',
        "other language": make.ticket("it"),
    }[shape]
    form = {name: value for name, value in {**TYPED, "ticket": ticket}.items() if value is not None}

    _assert_form_again(client.post(make.SIGN, data=form), status=409, sentence=STALE)


@pytest.mark.parametrize(
    "value", [[], None, 1, "x", {"a": 1}, ["x"] * 4, [1, 2, 3, 4], ["2026-03-04T12:00:00Z", "x", "en", ""]]
)
def test_a_value_sealed_for_something_else_is_no_ticket(app: Flask, client: FlaskClient, value: object) -> None:
    for purpose in ("form ticket", "something else"):
        form = {**TYPED, "ticket": links.seal(purpose, value)}
        _assert_form_again(client.post(make.SIGN, data=form), status=409, sentence=STALE)


def test_a_ticket_of_an_embedded_form_does_not_fit_the_page(client: FlaskClient) -> None:
    ticket = tickets.make(make.text(), at=datetime.now(UTC), embed="partner")

    _assert_form_again(client.post(make.SIGN, data={**TYPED, "ticket": ticket}), status=409, sentence=STALE)


def test_a_ticket_of_an_older_text_shows_the_current_one(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    old = make.ticket()
    text = folder / "en.md"
    text.write_text(text.read_text() + "\nA sentence more.\n")
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)

    answer = client.post(make.SIGN, data={**TYPED, "ticket": old})

    _assert_form_again(answer, status=409, sentence=STALE)
    again = steps.Page(answer).form("/sign").values
    assert client.post(make.SIGN, data=again).status_code == 303, "the form that came back signs the new text"
    assert [each.text.number for each in steps.submissions()] == [2]
    mails.take_one()


def test_a_ticket_of_other_wordings_shows_the_current_ones(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    old = make.ticket()
    wording = make.text().declaration.plan.consents["agree"]["en"]
    frame = folder / "declaration.toml"
    assert wording in frame.read_text()
    frame.write_text(frame.read_text().replace(wording, "Other words."))
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)

    answer = client.post(make.SIGN, data={**TYPED, "ticket": old})

    _assert_form_again(answer, status=409, sentence=STALE)
    assert "Other words." in answer.text
    assert client.post(make.SIGN, data=steps.Page(answer).form("/sign").values).status_code == 303
    assert [each.consents[0]["wording"] for each in steps.submissions()] == ["Other words."]
    mails.take_one()


def test_a_ticket_is_good_for_a_day_the_rest_of_its_hour_and_five_minutes(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON + timedelta(minutes=59), tick=False) as travel:
        form = {**TYPED, "ticket": steps.look(client, make.SIGN).form("/sign").values["ticket"]}
        last = NOON + timedelta(hours=25, minutes=5)
        travel.move_to(last + timedelta(seconds=1))
        _assert_form_again(client.post(make.SIGN, data=form), status=409, sentence=STALE)
        for moment in (NOON + timedelta(minutes=59, hours=24), last):
            travel.move_to(moment)
            assert client.post(make.SIGN, data=form).status_code == 303
        assert len(mails.take()) == 1


def test_a_ticket_from_a_clock_five_minutes_ahead_is_good(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON - timedelta(minutes=5), tick=False) as travel:
        ahead = {**TYPED, "ticket": tickets.make(make.text(), at=NOON)}
        travel.move_to(NOON - timedelta(minutes=5, seconds=1))
        _assert_form_again(client.post(make.SIGN, data=ahead), status=409, sentence=STALE)
        travel.move_to(NOON - timedelta(minutes=5))
        assert client.post(make.SIGN, data=ahead).status_code == 303
        mails.take_one()


def test_a_ticket_is_the_same_for_everyone_within_its_hour(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        first = make.ticket()
        travel.shift(timedelta(minutes=59, seconds=59))
        assert make.ticket() == first
        travel.shift(timedelta(seconds=1))
        assert make.ticket() != first


# Origins


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "SAME-ORIGIN, cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://evil.example.org"},
        {"Origin": "http://localhost:8000.evil.example.org"},
        {"Origin": "http://evil.example.org//localhost:8000.x"},
        {"Origin": "http://localhost:9"},
        {"Origin": "http://["},
        {"Origin": "//"},
    ],
)
def test_a_post_from_elsewhere_shows_the_form_again(client: FlaskClient, headers: dict[str, str]) -> None:
    del client.environ_base["HTTP_SEC_FETCH_SITE"]

    answer = client.post(make.SIGN, data={**TYPED, "ticket": make.ticket()}, headers=headers)

    _assert_form_again(answer, status=403, sentence=FOREIGN)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://127.0.0.1:8000", "Host": "127.0.0.1:8000"},
        {},
    ],
)
def test_a_post_from_our_own_page_signs(client: FlaskClient, mails: Mailbag, headers: dict[str, str]) -> None:
    del client.environ_base["HTTP_SEC_FETCH_SITE"]

    assert client.post(make.SIGN, data={**TYPED, "ticket": make.ticket()}, headers=headers).status_code == 303

    mails.take_one()


@pytest.mark.parametrize("ending", ["", "/withdraw", "/erase"])
def test_another_sites_page_cannot_post_to_a_personal_link(
    app: Flask, client: FlaskClient, mails: Mailbag, ending: str
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada")
    data = {**steps.look(client, personal).form(personal).values, "name": "Mallory"}

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}):
        assert client.post(personal + ending, data=data, headers=headers).status_code == 403
    del client.environ_base["HTTP_SEC_FETCH_SITE"]
    assert client.post(personal + ending, data=data, headers={"Origin": "null"}).status_code == 403

    assert steps.the_signature().name == "Ada"
    assert steps.counted(app, client) == 1
