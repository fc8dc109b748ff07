"""Who is on a sheet and there already: by address, or by name and country, in every combination, also within a file."""

import threading
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition.extensions import AUTOCOMMIT, begin_writing, db, writing
from petition.paper import importing, inserting, rows
from petition.paper.importing import Fate, Told
from petition.paper.tables import Table
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps
from tests.standing import AppMaker, app_templates, make_app, wait_until

__all__ = ["app_templates", "make_app"]

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HEADER = ("name", "country", "email")
SHEETS = rows.Sheets("en", signed_on=NOON.date())


def prepared(*lines: tuple[str, str, str]) -> list[rows.Draft]:
    table = Table(HEADER, tuple(enumerate(lines, 2)))
    return rows.prepare(steps.declaration(), table, {name: name for name in HEADER}, SHEETS)


def load(*lines: tuple[str, str, str]) -> list[Told]:
    with time_machine.travel(NOON, tick=False), writing():
        return importing.enter(steps.declaration(), prepared(*lines))


def fates(told: list[Told]) -> list[tuple[Fate, str]]:
    return [(each.fate, each.reason) for each in told]


PERHAPS = "There is a signature with this name and country already. It may be the same person."
ELSEWHERE = (
    "There is a signature with this name and country already, with another email address. It may be the same person."
)


@pytest.mark.parametrize(
    ("there", "row", "reason"),
    [
        ("", "", PERHAPS),
        ("", "ada@example.org", PERHAPS),
        ("ada@example.org", "", PERHAPS),
        ("ada@example.org", "byron@example.org", ELSEWHERE),
    ],
)
def test_the_same_name_and_country_are_told_whoever_gave_an_address(
    app: Flask, mails: Mailbag, there: str, row: str, reason: str
) -> None:
    (known,) = load(("Ada Byron", "GB", there))
    assert known.fate is Fate.ENTERED
    for name in ("Ada Byron", "Byron, Ada", "ADA BYRÓN"):
        (told,) = load((name, "GB", row))
        assert (told.fate, told.about, told.reason) == (Fate.SAME_NAME, known.about, reason)
    (other,) = load(("Ada Byron", "IT", row and "bea@example.org"))
    assert other.fate is Fate.ENTERED
    mails.take()


@pytest.mark.parametrize("turned", [False, True])
def test_a_name_of_three_words_is_known_either_way_round(app: Flask, turned: bool) -> None:
    there, row = sorted(("Bianchi, Maria Rossi", "Maria Rossi Bianchi"), reverse=turned)
    assert [each.fate for each in load((there, "IT", ""), (row, "IT", ""))] == [Fate.ENTERED, Fate.SAME_NAME]
    (told,) = load((row, "IT", ""))
    assert (told.fate, told.reason) == (Fate.SAME_NAME, PERHAPS)


def test_the_same_address_is_the_same_whatever_the_name(app: Flask, mails: Mailbag) -> None:
    there = make.signature("ada.byron@gmail.com", name="Ada Byron")
    (told,) = load(("Somebody Else", "IT", "adabyron@googlemail.com"))
    assert (told.fate, told.about) == (Fate.SAME_ADDRESS, (there.public_id,))


def test_a_row_like_an_earlier_one_is_told_with_its_number(app: Flask, mails: Mailbag) -> None:
    told = load(
        ("Ada Byron", "GB", "ada@example.org"),
        ("Bea Byron", "GB", "ADA@example.org"),
        ("Ada Byron", "GB", ""),
        ("Ada Byron", "GB", "other@example.org"),
    )
    assert fates(told) == [
        (Fate.ENTERED, ""),
        (Fate.SAME_ADDRESS, "The same email address stands in row 2."),
        (Fate.SAME_NAME, "The same name and country stand in row 2."),
        (Fate.SAME_NAME, "The same name and country stand in row 2."),
    ]
    mails.take()


def test_who_withdrew_raises_no_suspicion_by_name_and_is_refused_by_address(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    personal = steps.become_signatory(client, mails, "ada@example.org", name="Ada Byron", country="GB")
    client.post(f"{personal}/withdraw")
    by_address, by_name = load(("Bea Byron", "GB", "ada@example.org"), ("Ada Byron", "GB", ""))
    assert (by_address.fate, by_name.fate) == (Fate.REFUSED, Fate.ENTERED)
    assert "withdrew their signature" in by_address.reason


def test_more_rows_than_one_statement_takes_are_compared_and_entered(app: Flask, client: FlaskClient) -> None:
    lines = [(f"Person {number} Number", "IT", "") for number in range(1_200)]
    with steps.statements() as sent:
        assert importing.counts(load(*lines))["entered"] == 1_200
    assert len(sent) < 60, "so few that nobody waits for long"
    assert steps.counted(app, client) == 1_200
    assert importing.counts(load(*lines))["same name and country"] == 1_200
    assert steps.counted(app, client) == 1_200


def test_who_confirms_while_rows_are_entered_is_there_once_and_the_rest_is_entered(make_app: AppMaker) -> None:
    """On PostgreSQL signing goes on meanwhile: the row's insert waits for the other transaction, and gives way."""
    app = make_app("postgresql")
    told: list[Told] = []

    def enter() -> None:
        with app.app_context(), writing():
            drafts = prepared(("Somebody Else", "GB", "ada@example.org"), ("Bea Byron", "GB", ""))
            told.extend(importing.enter(steps.declaration(), drafts))

    with app.app_context():
        (draft,) = prepared(("Ada Byron", "GB", "ada@example.org"))
        assert draft.ready
        begin_writing()
        # As confirming does it, but for the commit, which is to come while the other waits.
        inserting.insert([draft.ready])
        thread = threading.Thread(target=enter)
        thread.start()
        wait_until(_somebody_waits)
        db.session.commit()
        thread.join(20)
        assert [each.fate for each in told] == [Fate.SAME_ADDRESS, Fate.ENTERED]
        assert [row.name for row in steps.signatures()] == ["Ada Byron", "Bea Byron"]


def _somebody_waits() -> bool:
    with db.engines[AUTOCOMMIT].connect() as connection:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~* 'INTO signatures'"
        )
        return bool(connection.scalar(waiting))
