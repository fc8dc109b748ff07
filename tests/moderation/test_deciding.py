"""The queue: many are decided about at once for one reason, undone as easily, and the count stays true."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.endorsements.models import State as EndorsementState
from petition.extensions import db
from petition.signatures import moderating
from petition.signatures.models import Signature, State, Verdict
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps as endorsing
from tests.signatures import steps
from tests.staff import Staff, signed_in, staff_post

HELD = f"/console/declarations/{make.SLUG}/held"
ORGANISATIONS = f"/console/declarations/{make.SLUG}/organisations"


@pytest.fixture
def moderator(app: Flask) -> Staff:
    return signed_in(app, "moderator")


def held(*names: str) -> list[Signature]:
    rows = [make.signature(name=name) for name in names]
    for row in rows:
        moderating.hold(moderating.lock(row.public_id), reason=f"Because of {row.name}.")
    db.session.commit()
    return rows


def posted(client: Staff, path: str, status: int = 303, **fields: Any) -> str:
    answer = staff_post(client, path, **fields)
    db.session.expire_all()
    assert answer.status_code == status, answer.status
    return answer.headers.get("Location") or answer.get_data(as_text=True)


def shown(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def test_those_that_are_ticked_are_decided_and_undone_together(
    app: Flask, client: FlaskClient, moderator: Staff
) -> None:
    rows = held("Ada Abbot", "Bea Byron", "Cleo Conti")
    make.signature(name="Dora Counted")
    queue = shown(moderator, HELD)
    assert "Because of Bea Byron." in queue and "Dora" not in queue

    chosen = [row.public_id for row in rows[:2]]
    after = posted(moderator, HELD, id=chosen, verdict="approved", reason="Known people.")
    assert [row.state for row in rows] == [State.COUNTED, State.COUNTED, State.HELD]
    assert steps.counted(app, client) == 3
    undoing = shown(moderator, after)
    assert 'value="held"' in undoing and all(f'value="{each}"' in undoing for each in chosen)

    posted(moderator, HELD, id=chosen, verdict="held", reason="Too soon.")
    assert {row.state for row in rows} == {State.HELD}
    assert steps.counted(app, client) == 1
    assert [each.reason for each in rows[0].decisions] == ["Because of Ada Abbot.", "Known people.", "Too soon."]


def test_invalidating_many_is_undone_by_reinstating_them(app: Flask, client: FlaskClient, moderator: Staff) -> None:
    rows = held("Ada Abbot", "Bea Byron")
    ids = [row.public_id for row in rows]
    after = posted(moderator, HELD, id=ids, verdict="invalidated", reason="Machines.")
    assert "No signature is held." in shown(moderator, HELD)
    assert 'value="reinstated"' in shown(moderator, after)
    posted(moderator, HELD, id=ids, verdict="reinstated", reason="No machines.")
    assert {row.state for row in rows} == {State.HELD}, "that they were held is not undone with it"
    assert steps.counted(app, client) == 0


def test_what_was_withdrawn_meanwhile_or_made_up_is_passed_over(
    app: Flask, client: FlaskClient, mails: Mailbag, moderator: Staff
) -> None:
    (row,) = held("Ada Abbot")
    personal = steps.become_signatory(client, mails, make.email(), name="Bea Byron")
    gone = next(each for each in steps.signatures() if each.name == "Bea Byron")
    moderating.hold(moderating.lock(gone.public_id), reason="To be looked at.")
    db.session.commit()
    client.post(f"{personal}/withdraw")
    after = posted(moderator, HELD, id=[gone.public_id, "x", "é", row.public_id], verdict="approved", reason="Good.")
    assert row.public_id in after and gone.public_id not in after
    assert (row.state, gone.state) == (State.COUNTED, State.WITHDRAWN)
    assert steps.counted(app, client) == 1


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({"verdict": "approved", "reason": "Good."}, 422, "Please tick what you decide about."),
        ({"verdict": "approved", "reason": ""}, 422, "Please give a reason."),
        ({"verdict": "approved", "reason": "=1"}, 422, "Please begin with a letter"),
        ({"verdict": "praised", "reason": "Good."}, 400, ""),
        ({"reason": "Good."}, 400, ""),
    ],
)
def test_a_decision_that_cannot_be_taken_is_told_and_keeps_what_was_typed_and_ticked(
    app: Flask, moderator: Staff, fields: dict[str, str], status: int, told: str
) -> None:
    (row,) = held("Ada Abbot")
    ids = [] if "tick" in told else [row.public_id]
    page = posted(moderator, HELD, status, id=ids, **fields)
    assert told in page
    assert not ids or status == 400 or f'value="{row.public_id}" id="id-1" aria-labelledby="name-1" checked' in page
    assert row.state is State.HELD


@pytest.mark.parametrize("query", ["", "?verdict=x", "?verdict=approved&id=é&id=x"])
def test_the_page_after_takes_what_somebody_made_up(moderator: Staff, query: str) -> None:
    assert moderator.get(f"{HELD}/decided{query}").status_code == (200 if "approved" in query else 303)
    assert moderator.get(f"{HELD}?after=x").status_code == 404
    assert moderator.get(f"{HELD}?after=x&before=x").status_code == 404


def test_organisations_are_approved_and_declined_and_told_by_mail(
    app: Flask, client: FlaskClient, mails: Mailbag, moderator: Staff
) -> None:
    one = make.endorsement("ada@elsewhere.example.org", organisation="First Society", approved=False,
                           site="https://first.example")  # fmt: skip
    two = make.endorsement(organisation="Second Society", approved=False)
    assert "2 organisations wait" in shown(moderator, HELD) or "organisations wait" not in shown(moderator, HELD)
    page = shown(moderator, ORGANISATIONS)
    assert "First Society" in page and "This is not the domain of the site." in page and "ada@" not in page

    posted(moderator, ORGANISATIONS, id=[one.public_id], verdict="declined", reason="We could not reach you.")
    mail = mails.take_one().message
    assert mail["Subject"] == "Your organisation’s endorsement is not published"
    plain, rich = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain and "We could not reach you." in plain.get_content()
    assert rich and "We could not reach you." in rich.get_content()
    after = posted(moderator, ORGANISATIONS, id=[one.public_id, two.public_id], verdict="approved", reason="Called.")
    assert (one.state, two.state) == (EndorsementState.APPROVED, EndorsementState.APPROVED)
    assert {each.message["Subject"] for each in mails.take()} == {"Your organisation’s endorsement is published"}
    assert "The persons responsible are told" in shown(moderator, after)
    assert [(each.verdict, each.reason) for each in one.decisions] == [
        ("declined", "We could not reach you."), ("approved", "Called."),
    ]  # fmt: skip
    steps.counted(app, client)


def test_a_decision_about_organisations_needs_one_and_a_reason(app: Flask, moderator: Staff) -> None:
    one = make.endorsement(approved=False)
    for fields, status in (
        ({"verdict": "approved", "reason": "Good."}, 422),
        ({"verdict": "approved", "id": one.public_id}, 422),
        ({"verdict": "held", "id": one.public_id, "reason": "Good."}, 400),
    ):
        posted(moderator, ORGANISATIONS, status, **fields)
    posted(moderator, ORGANISATIONS, id="nobody", verdict="approved", reason="Good.")
    assert one.state is EndorsementState.HELD


def test_a_decision_that_is_undone_before_its_mail_leaves_is_not_told(
    app: Flask, moderator: Staff, mails: Mailbag
) -> None:
    one = make.endorsement(approved=False)
    posted(moderator, ORGANISATIONS, id=one.public_id, verdict="declined", reason="By mistake.")
    posted(moderator, ORGANISATIONS, id=one.public_id, verdict="approved", reason="Mended.")
    assert mails.take_one().message["Subject"] == "Your organisation’s endorsement is published"
    assert endorsing.the_endorsement().counted


@pytest.mark.parametrize(
    ("role", "status"), [("organiser", 200), ("moderator", 200), ("editor", 403), ("exporter", 403)]
)
def test_only_who_has_the_duty_decides(app: Flask, role: str, status: int) -> None:
    client = signed_in(app, role)
    (row,) = held("Ada Abbot")
    for path in (HELD, ORGANISATIONS, f"{HELD}/decided?verdict=held"):
        assert client.get(path).status_code == status
    answer = staff_post(client, HELD, id=row.public_id, verdict=Verdict.APPROVED, reason="Good.")
    assert answer.status_code == (303 if status == 200 else 403)
