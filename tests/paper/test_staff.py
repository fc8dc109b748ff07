"""The screen on which one signature on paper is entered."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps
from tests.staff import Staff, signed_in, staff_post

ALL = f"/console/declarations/{make.SLUG}/signatures"


@pytest.fixture
def moderator(app: Flask) -> Staff:
    return signed_in(app, "moderator")


def posted(client: Staff, path: str, status: int = 303, **fields: Any) -> str:
    answer = staff_post(client, path, **fields)
    assert answer.status_code == status, answer.status
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


PAPER = {"name": "Ada Byron", "country": "GB", "visibility": "addressee", "signed_on": "2026-03-04", "language": "en"}


def test_a_signature_on_paper_is_entered_and_a_likely_second_one_only_knowingly(
    app: Flask, client: FlaskClient, moderator: Staff
) -> None:
    assert "Day on the sheet" in moderator.get(f"{ALL}/paper").text
    posted(moderator, f"{ALL}/paper", **PAPER)
    again = posted(moderator, f"{ALL}/paper", 409, **PAPER)
    assert "It may be the same person." in again and 'name="knowingly"' in again and "Ada Byron" in again
    assert steps.counted(app, client) == 1
    posted(moderator, f"{ALL}/paper", **PAPER, knowingly="y")
    assert steps.counted(app, client) == 2


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"name": ""}, 422, "Please enter your name."),
        ({"country": "XX"}, 422, "Please choose a country"),
        ({"signed_on": "soon"}, 422, "Please write the day like this"),
        ({"signed_on": "2999-01-01"}, 422, "yet to come"),
        ({"signed_on": "1999-01-01"}, 422, "was not open"),
        ({"email": "nonsense"}, 422, "complete email address"),
        ({"email": "taken@example.org"}, 409, "with this email address already"),
    ],
)
def test_what_cannot_be_entered_is_told_and_stays_typed(
    app: Flask, moderator: Staff, changed: dict[str, str], status: int, told: str
) -> None:
    make.signature("taken@example.org")
    shown = posted(moderator, f"{ALL}/paper", status, **{**PAPER, **changed, "source": "Fair in Rome"})
    assert told in shown and "Fair in Rome" in shown
    assert len(steps.signatures()) == 1


def test_somebody_of_the_same_name_with_another_address_may_be_another_person(
    app: Flask, client: FlaskClient, moderator: Staff, mails: Mailbag
) -> None:
    make.signature("ada@example.org", name="Ada Byron", country="GB")
    again = posted(moderator, f"{ALL}/paper", 409, **PAPER, email="byron@example.org")
    assert "with another email address" in again and 'name="knowingly"' in again and "byron@example.org" in again
    posted(moderator, f"{ALL}/paper", **PAPER, email="byron@example.org", knowingly="y")
    assert steps.counted(app, client) == 2
    assert "knowingly" not in posted(moderator, f"{ALL}/paper", 409, **PAPER, email="ada@example.org", knowingly="y")
    mails.take_one()


@pytest.mark.parametrize(
    ("role", "status"), [("organiser", 200), ("moderator", 200), ("editor", 403), ("exporter", 403)]
)
def test_only_who_has_the_duty_enters(app: Flask, role: str, status: int) -> None:
    assert signed_in(app, role).get(f"{ALL}/paper").status_code == status
