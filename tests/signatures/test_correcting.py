"""Corrections: kept as such, shown to their owner, under the rules of names, and gone with the person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from petition.extensions import db
from petition.signatures import confirming, keeping
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Correction, Submission
from petition.signatures.statements import Statement
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _kept() -> list[tuple[str, str | None, datetime]]:
    db.session.commit()
    rows = db.session.scalars(select(Correction).order_by(Correction.id))
    return [(row.field, row.value, row.corrected_at) for row in rows]


def test_what_stood_before_is_kept_with_the_time_of_the_correction(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), name="Ada Bvron", affiliation="Analysts")
        travel.shift(timedelta(days=1))
        steps.correct(client, personal, name="Ada Byron", role="Countess")
        travel.shift(timedelta(days=1))
        steps.correct(client, personal, name="Ada Lovelace", affiliation="")

        first, second = NOON + timedelta(days=1), NOON + timedelta(days=2)
        assert _kept() == [
            ("name", "Ada Bvron", first),
            ("role", None, first),
            ("name", "Ada Byron", second),
            ("affiliation", "Analysts", second),
        ]


def test_the_personal_page_tells_what_stood_there_until_when(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), name="Ada Bvron", affiliation="Analysts")
        travel.shift(timedelta(days=1))
        steps.correct(client, personal, name="Ada Byron", affiliation="", role="Countess")

        page = " ".join(steps.look(client, personal).html.split())

    for before in ("<bdi>Ada Bvron</bdi>", "<bdi>Analysts</bdi>"):
        assert f'until <time datetime="2026-03-05T12:00:00Z">5 March 2026, 13:00 GMT+01:00</time>: {before}' in page
    assert "</time>: not stated" in page, "the role was empty"
    assert "<dd>not stated" in page, "the affiliation is empty now"


def test_saving_without_a_change_and_changing_other_things_keeps_no_correction(
    client: FlaskClient, mails: Mailbag
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada", updates="y")

    for changed in ({}, {"name": "  Ada "}, {"visibility": "counted"}, {"country": "IT"}, {"updates": None}):
        assert steps.correct(client, personal, **changed).status_code == 303

    assert _kept() == []


@pytest.mark.parametrize("field", ["name", "affiliation", "role"])
@pytest.mark.parametrize(
    "typed",
    ["=SUM(A1)", "＠name", "https://example.org", "Ada \u202e", "Ada 🙂", "a" * 101, "x\u0300\u0301\u0302\u0303", "…"],
)
def test_a_correction_obeys_the_rules_of_names(client: FlaskClient, mails: Mailbag, field: str, typed: str) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada")

    answer = steps.correct(client, personal, **{field: typed})

    assert answer.status_code == 422
    page = steps.Page(answer)
    assert page.form(personal).values[field] == typed, "what was typed stays"
    assert f'id="{field}-error"' in page.html
    assert (steps.the_signature().name, _kept()) == ("Ada", [])


def test_a_correction_cannot_leave_the_name_empty(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada")

    assert steps.correct(client, personal, name="  ").status_code == 422

    assert steps.the_signature().name == "Ada"


def test_the_download_holds_the_corrections(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False):
        personal = steps.become_signatory(client, mails, make.email(), name="Ada Bvron")
        steps.correct(client, personal, name="Ada Byron")
        kept = client.get(f"{personal}/download").get_json()["signatures"]["signature"]

    assert kept["corrections"] == [{"field": "name", "value": "Ada Bvron", "corrected_at": "2026-03-04T12:00:00Z"}]


def test_erasing_takes_the_corrections_along(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada Bvron")
    steps.correct(client, personal, name="Ada Byron")

    client.post(f"{personal}/erase")

    assert _kept() == []
    assert b"Bvron" not in steps.stored_bytes()


def test_corrections_are_purged_after_a_year_and_with_their_signature(client: FlaskClient, mails: Mailbag) -> None:
    def count() -> Any:
        return db.session.scalar(select(func.count()).select_from(Correction))

    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), name="Ada Bvron")
        steps.correct(client, personal, name="Ada Byron")
        travel.move_to(NOON + keeping.KEEP_CORRECTIONS)
        steps.purge()
        assert count() == 1
        travel.shift(steps.MOMENT)
        steps.purge()
        assert count() == 0

        steps.correct(client, personal, name="Ada Lovelace")
        declaration = steps.declaration()
        declaration.closes_at = NOON
        db.session.commit()
        steps.purge()
        assert (count(), steps.the_signature().name) == (0, "")


def test_withdrawing_takes_one_button_on_the_personal_page(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email())

    page = steps.look(client, personal)

    form = page.form("/withdraw")
    before = page.html[: page.html.index(form.action)]
    assert before.count("<details") == before.count("</details"), "it does not hide"
    assert client.post(form.action).status_code == 303
    assert "You withdrew this signature" in steps.look(client, personal).html


def test_the_personal_page_shows_submissions_consents_and_mails_with_their_times(
    client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        personal = steps.become_signatory(client, mails, make.email(), name="Ada Byron", updates="y")
        travel.shift(timedelta(hours=1))
        steps.correct(client, personal, updates=None)
        page = " ".join(steps.look(client, personal).html.split())

    def at(hour: int) -> str:
        return f'<time datetime="2026-03-04T{hour:02}:00:00Z">4 March 2026, {hour + 1}:00 GMT+01:00</time>'

    assert f"sent on {at(12)}; confirmed on {at(12)}" in page
    for kind in ("Request to confirm", "Thanks, with your personal link"):
        assert f'{kind} <span class="small">{at(12)}' in page
    wordings = make.text().declaration.plan.consents
    assert f'{wordings["agree"]["en"]}</span> <span class="small">given on {at(12)}</span>' in page
    assert f"given on {at(12)}; withdrawn on {at(13)}" in page


def test_changing_the_language_keeps_what_was_typed_and_saves_nothing(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email(), name="Ada")
    italian = personal.replace("/en/", "/it/", 1)
    values = steps.look(client, personal).form(personal).values

    answer = client.post(italian, data={**values, "name": "=Ada", "switch": "it"})

    page = steps.Page(answer)
    assert (answer.status_code, page.language, page.form(italian).values["name"]) == (200, "it", "=Ada")
    assert (steps.the_signature().name, _kept()) == ("Ada", [])


def test_signing_again_under_another_name_keeps_the_former_one(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.become_signatory(client, mails, address, name="Ada Byron")
    make.submission(address, name="Ada Lovelace")
    submission = db.session.scalars(select(Submission).where(Submission.name == "Ada Lovelace")).one()
    confirming.confirm(
        Mailbox(submission.text.declaration, submission.mailbox), submission, Statement.of(submission), consents=()
    )
    mails.take()
    [correction] = steps.the_signature().corrections
    assert (correction.field, correction.value) == ("name", "Ada Byron")
