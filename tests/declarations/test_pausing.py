"""A pause: signing rests, confirming goes on, and the pages say so in time."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import clock
from petition.declarations import folders, publishing
from petition.declarations.models import Declaration, State
from petition.extensions import db
from petition.settings import Settings
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

SENTENCE = "Signing is paused for the moment. Please come back later."


def _load(folder: Path, *, paused: bool) -> Declaration:
    frame = folder / "declaration.toml"
    lines = [line for line in frame.read_text().split("\n") if not line.startswith("paused")]
    frame.write_text("\n".join([f"paused = {str(paused).lower()}", *lines]))
    declaration = publishing.publish(folders.read(folder)).declaration
    db.session.commit()
    return declaration


def test_a_pause_keeps_from_signing_between_opening_and_closing_alone(app: Flask, folder: Path) -> None:
    frame = folder / "declaration.toml"
    frame.write_text(frame.read_text().replace("# closes_at", "closes_at"))
    declaration = _load(folder, paused=True)
    opens, closes, moment = declaration.opens_at, declaration.closes_at, timedelta(microseconds=1)
    assert closes is not None
    assert [declaration.state_at(at) for at in (opens - moment, opens, closes - moment, closes)] == [
        State.UPCOMING,
        State.PAUSED,
        State.PAUSED,
        State.CLOSED,
    ]


def test_who_signs_in_a_pause_is_told_and_keeps_what_was_typed(app: Flask, client: FlaskClient, folder: Path) -> None:
    _load(folder, paused=True)
    steps.forget_texts(app)
    answer = client.post(make.SIGN, data=make.form(name="Late Comer"))
    assert answer.status_code == 403
    assert SENTENCE in answer.text and "Late Comer" in answer.text
    assert steps.submissions() == []
    form = client.get(make.SIGN)
    assert form.status_code == 403 and SENTENCE in form.text


def test_the_page_of_a_paused_declaration_says_so_and_has_no_form(
    app: Flask, client: FlaskClient, folder: Path
) -> None:
    _load(folder, paused=True)
    steps.forget_texts(app)
    page = client.get(make.PAGE)
    assert page.status_code == 200
    assert SENTENCE in page.text and "<form" not in page.text
    assert "can still confirm" in page.text


def test_confirming_goes_on_in_a_pause(app: Flask, client: FlaskClient, mails: Mailbag, folder: Path) -> None:
    link = steps.ask(client, mails, make.email())
    _load(folder, paused=True)
    steps.forget_texts(app)
    assert steps.confirm(client, link).status_code == 303
    assert steps.counted(app, client) == 1
    mails.take()


def test_a_mail_that_was_waiting_when_the_pause_began_still_leaves(app: Flask, mails: Mailbag, folder: Path) -> None:
    make.submission()
    _load(folder, paused=True)
    assert mails.take_one().message["Subject"] == "Please confirm your signature"


def test_signing_goes_on_after_the_pause(app: Flask, client: FlaskClient, mails: Mailbag, folder: Path) -> None:
    _load(folder, paused=True)
    _load(folder, paused=False)
    steps.forget_texts(app)
    steps.ask(client, mails, make.email())


def test_the_page_says_so_within_two_intervals(
    app: Flask, client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shelf and the memory of current texts go by the clock that only runs."""
    settings: Settings = app.extensions["petition.settings"]
    ran = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: ran)
    with time_machine.travel(clock.now(), tick=False):
        assert SENTENCE not in client.get(make.PAGE).text
        _load(folder, paused=True)
        assert SENTENCE not in client.get(make.PAGE).text, "it lay on the shelf"
        max_age = int(client.get(make.PAGE).headers["Cache-Control"].removeprefix("public, max-age="))
        ran += 2 * settings.tally_every.total_seconds() - max_age
        assert SENTENCE in client.get(make.PAGE).text


@pytest.mark.parametrize("at", [datetime(2026, 1, 1, tzinfo=UTC)])
def test_the_list_of_declarations_tells_the_pause(app: Flask, folder: Path, at: datetime) -> None:
    _load(folder, paused=True)
    with time_machine.travel(at, tick=False):
        result = app.test_cli_runner().invoke(args=["declarations", "list"])
    assert result.output.startswith(f"{make.SLUG}  paused  ")
