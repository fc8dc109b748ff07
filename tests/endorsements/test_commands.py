"""The commands: what waits is told with what an organiser needs to decide, and every decision is a dated fact."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from petition.endorsements.models import State
from petition.extensions import db
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def run(app: Flask, *words: str) -> tuple[int, str]:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["endorsements", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    db.session.expire_all()
    return result.exit_code, result.output


def test_the_list_tells_what_an_organiser_needs_to_decide(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        one = make.endorsement("ada@mail.example.org", organisation="First Society", approved=False)
        travel.shift(timedelta(minutes=1))
        two = make.endorsement("eve@gmail.com", organisation="Second Society", site="http://example.org/two")
        travel.shift(timedelta(minutes=1))
        make.endorsement(organisation="Third Society", site="https://other.example.org", approved=False)

    code, told = run(app, "list")

    assert code == 0
    lines = told.splitlines()
    assert lines[:6] == [
        f"{one.public_id}  held  {make.SLUG}  First Society, GB, https://www.example.org",
        "  confirmed 2026-03-04T12:00:00Z by Ada Lovelace, President, mail at mail.example.org",
        "  warning: another endorsement names the same site",
        f"{two.public_id}  approved  {make.SLUG}  Second Society, GB, http://example.org/two",
        "  confirmed 2026-03-04T12:01:00Z by Ada Lovelace, President, mail at gmail.com, not the site's domain",
        "  warning: another endorsement names the same site",
    ]
    assert "ada@" not in told
    waiting = run(app, "list", "--waiting", "--slug", make.SLUG)[1]
    assert "First Society" in waiting and "Third Society" in waiting and "Second Society" not in waiting


def test_an_empty_list_says_so(app: Flask) -> None:
    assert run(app, "list") == (0, "There are no endorsements.\n")
    make.endorsement()
    assert run(app, "list", "--waiting") == (0, "No endorsement waits for a decision.\n")


def test_approving_and_declining_back_and_forth_adds_a_fact_each_time(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        endorsed = make.endorsement(approved=False)
        shown = []
        for number, words in enumerate(
            (("approve",), ("decline", "--reason", "No."), ("approve",), ("decline", "--reason", "Again no."))
        ):
            travel.shift(timedelta(minutes=1))
            code, told = run(app, words[0], endorsed.public_id, *words[1:])
            assert code == 0, told
            assert told == f"{endorsed.public_id}: Analytical Society is {words[0].removesuffix('e')}ed.\n"
            shown.append("Analytical Society" in steps.listed(app, client))
            assert steps.counted(app) == (number + 1) % 2
    assert shown == [True, False, True, False]
    assert [(each.verdict, each.reason, each.decided_at) for each in steps.the_endorsement().decisions] == [
        ("approved", "", NOON + timedelta(minutes=1)),
        ("declined", "No.", NOON + timedelta(minutes=2)),
        ("approved", "", NOON + timedelta(minutes=3)),
        ("declined", "Again no.", NOON + timedelta(minutes=4)),
    ]
    assert "declined: Again no." in run(app, "list")[1]
    mail = mails.take_one().message
    assert mail["Subject"] == "Your organisation’s endorsement is not published", "only what stands is told"


def test_approving_twice_is_once_and_thanks_once(app: Flask, mails: Mailbag) -> None:
    endorsed = make.endorsement(approved=False)
    for _ in range(2):
        assert run(app, "approve", endorsed.public_id)[0] == 0
    assert "published" in mails.take_one().message["Subject"]
    assert len(steps.the_endorsement().decisions) == 1
    assert steps.counted(app) == 1


@pytest.mark.parametrize("public_id", ["-AAAAAAAAAAAAAAAAAAAAA", "--AAAAAAAAAAAAAAAAAAAA"])
def test_an_id_may_begin_with_hyphens(app: Flask, public_id: str, mails: Mailbag) -> None:
    make.endorsement(approved=False).public_id = public_id
    db.session.commit()
    assert run(app, "decline", public_id, "--reason", "No.")[0] == 0
    assert run(app, "approve", public_id)[0] == 0
    mails.take()


def test_what_was_withdrawn_is_not_decided_about(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_held(client, mails, make.email())
    client.post(f"{personal}/withdraw")
    for words in (("approve",), ("decline", "--reason", "No.")):
        code, told = run(app, words[0], steps.the_endorsement().public_id, *words[1:])
        assert (code, told) == (1, "Error: This endorsement was withdrawn; there is nothing to decide.\n")
    assert steps.the_endorsement().state is State.WITHDRAWN


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("list", "--slug", "nothing"), "There is no declaration “nothing”."),
        (("approve", "nothing"), "There is no endorsement with this id."),
        (("approve", "é😀"), "There is no endorsement with this id."),
        (("decline", "nothing", "--reason", "No."), "There is no endorsement with this id."),
        (("decline", "nothing", "--reason", " "), "Please give a reason."),
        (("decline", "nothing", "--reason", "a\x1bb"), "Please leave out invisible characters and line breaks."),
        (("decline", "nothing", "--reason", "x" * 400), "Please use at most 300 characters."),
        (("decline", "nothing"), "Missing option '--reason'"),
        (("approve",), "Missing argument 'PUBLIC_ID'"),
        # What a shell makes of bytes that are no UTF-8.
        (("approve", "a\udcffb"), "There is no endorsement with this id."),
        (("decline", "a\udcffb", "--reason", "No."), "There is no endorsement with this id."),
        (("decline", "nothing", "--reason", "a\udcffb"), "Please leave out invisible characters and line breaks."),
    ],
)
def test_bad_input_ends_with_one_clear_line(app: Flask, words: tuple[str, ...], sentence: str) -> None:
    code, told = run(app, *words)
    assert code != 0
    assert sentence in told
    assert told.splitlines()[-1].startswith("Error:") and "Traceback" not in told
