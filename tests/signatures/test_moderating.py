"""Moderating: each decision is a dated fact with its reason, moves the count, and is undone by a later one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from petition.extensions import db
from petition.signatures import keeping, moderating
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature, State, Verdict
from petition.signatures.refusals import Erased, NoReason, ReasonRefused, SignatureUnknown, WithdrawnByOwner
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
WHY = "It looks like a machine."


def decide(signature: Signature, *verdicts: Verdict, reason: str = WHY) -> None:
    for verdict in verdicts:
        moderating.decide(moderating.lock(signature.public_id), verdict, reason=reason)
        db.session.commit()


def run(app: Flask, *words: str) -> tuple[int, str]:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["signatures", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    db.session.expire_all()
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("verdict", "undoing", "state"),
    [(Verdict.HELD, Verdict.APPROVED, State.HELD), (Verdict.INVALIDATED, Verdict.REINSTATED, State.INVALIDATED)],
)
def test_a_decision_and_its_undoing_move_the_count_and_clear_no_fact(
    app: Flask, client: FlaskClient, verdict: Verdict, undoing: Verdict, state: State
) -> None:
    signature = make.signature()
    other = make.signature()
    with time_machine.travel(NOON, tick=False) as travel:
        for day in range(2):
            decide(signature, verdict)
            assert (signature.state, steps.counted(app, client)) == (state, 1)
            travel.shift(timedelta(hours=1))
            decide(signature, undoing)
            assert (signature.state, steps.counted(app, client)) == (State.COUNTED, 2)
            travel.shift(timedelta(days=1, hours=-1))
            assert len(signature.decisions) == 2 * (day + 1)

    assert getattr(signature, f"{verdict}_at") == NOON + timedelta(days=1)
    assert getattr(signature, f"{undoing}_at") == NOON + timedelta(days=1, hours=1)
    assert [each.verdict for each in signature.decisions] == [verdict, undoing] * 2
    assert not other.decisions


def test_undoing_within_the_same_moment_holds_all_the_same(app: Flask, client: FlaskClient) -> None:
    signature = make.signature()
    with time_machine.travel(NOON, tick=False):
        decide(signature, Verdict.HELD, Verdict.APPROVED, Verdict.HELD, Verdict.APPROVED)
        assert signature.state is State.COUNTED
        decide(signature, Verdict.INVALIDATED, Verdict.REINSTATED, Verdict.INVALIDATED)
        assert signature.state is State.INVALIDATED
    assert steps.counted(app, client) == 0


@pytest.mark.parametrize("verdict", Verdict)
def test_deciding_twice_is_once(app: Flask, client: FlaskClient, verdict: Verdict) -> None:
    signature = make.signature()
    decide(signature, moderating.OPPOSITE[verdict], verdict)
    facts, number = repr(getattr(signature, f"{verdict}_at")), len(signature.decisions)
    decide(signature, verdict, reason="Once more.")
    assert (repr(getattr(signature, f"{verdict}_at")), len(signature.decisions)) == (facts, number)
    steps.counted(app, client)


def test_what_is_held_and_invalidated_counts_once_both_are_undone(app: Flask, client: FlaskClient) -> None:
    signature = make.signature()
    decide(signature, Verdict.HELD, Verdict.INVALIDATED, Verdict.APPROVED)
    assert (signature.state, steps.counted(app, client)) == (State.INVALIDATED, 0)
    decide(signature, Verdict.HELD, Verdict.REINSTATED)
    assert (signature.state, steps.counted(app, client)) == (State.HELD, 0)
    decide(signature, Verdict.APPROVED)
    assert (signature.state, steps.counted(app, client)) == (State.COUNTED, 1)


def test_an_invalidated_signature_stays_so_when_its_owner_signs_again(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    personal = steps.become_signatory(client, mails, address)
    decide(steps.the_signature(), Verdict.INVALIDATED)
    client.post(f"{personal}/withdraw")
    steps.become_signatory(client, mails, address)
    assert steps.the_signature().state is State.INVALIDATED
    assert steps.counted(app, client) == 0


@pytest.mark.parametrize("verdict", Verdict)
def test_nothing_is_decided_about_what_is_withdrawn_or_erased(
    app: Flask, client: FlaskClient, mails: Mailbag, verdict: Verdict
) -> None:
    personal = steps.become_signatory(client, mails, make.email())
    signature = steps.the_signature()
    client.post(f"{personal}/withdraw")
    with pytest.raises(WithdrawnByOwner):
        decide(signature, verdict)
    client.post(f"{personal}/erase")
    with pytest.raises(Erased):
        decide(signature, verdict)
    assert not moderating.is_open_to(signature, verdict)


def test_erasing_forgets_the_reasons_too(app: Flask, client: FlaskClient) -> None:
    signature = make.signature(name="Ada Lovelace")
    decide(signature, Verdict.HELD, reason="Ada Lovelace has died.")
    keeping.forget_signature(moderating.lock(signature.public_id))
    db.session.commit()
    assert b"has died" not in steps.stored_bytes()
    assert steps.counted(app, client) == 0


@pytest.mark.parametrize("typed", ["", "   ", "\n\t "])
def test_a_decision_needs_a_reason(app: Flask, typed: str) -> None:
    with pytest.raises(NoReason):
        decide(make.signature(), Verdict.HELD, reason=typed)


@pytest.mark.parametrize(
    "typed", ["a\u202eb", "x" * 301, "=SUM(A1)", "😀", "a\0b", "12345", "see https://example.org/x"]
)
def test_a_reason_that_could_not_be_shown_is_refused_with_a_sentence(app: Flask, typed: str) -> None:
    signature = make.signature()
    with pytest.raises(ReasonRefused) as refused:
        decide(signature, Verdict.HELD, reason=typed)
    assert str(refused.value.sentence)
    assert signature.state is State.COUNTED


def test_the_signatory_finds_the_decision_in_the_download(client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, make.email())
    with time_machine.travel(NOON, tick=False):
        moderating.hold(moderating.lock(steps.the_signature().public_id), reason=WHY, by="x" * 22)
        db.session.commit()
    kept = client.get(f"{personal}/download").get_json()["signatures"]["signature"]["decisions"]
    assert kept == [{"verdict": "held", "reason": WHY, "by": "staff", "decided_at": "2026-03-04T12:00:00Z"}]


def test_the_commands_decide_and_say_what_came_of_it(app: Flask, client: FlaskClient) -> None:
    id_ = make.signature().public_id
    for verb, number, told in (
        ("hold", 0, "held."),
        ("hold", 0, "nothing to change; it is held."),
        ("invalidate", 0, "invalidated."),
        ("approve", 0, "invalidated."),
        ("reinstate", 1, "counted."),
        ("approve", 1, "nothing to change; it is counted."),
    ):
        assert run(app, verb, id_, "--reason", WHY) == (0, f"{id_}: {told}\n")
        assert steps.counted(app, client) == number


@pytest.mark.parametrize("verb", ["hold", "approve", "invalidate", "reinstate"])
@pytest.mark.parametrize(
    ("id_", "reason", "told"),
    [
        ("nobody", WHY, "There is no signature with this id."),
        ("-x", WHY, "There is no signature with this id."),
        ("é", WHY, "There is no signature with this id."),
        ("\udcff", WHY, "There is no signature with this id."),
        (None, "", "Please give a reason."),
        (None, "=1", "Please begin with a letter, not with =, +, - or @."),
    ],
)
def test_the_commands_refuse_with_one_line(app: Flask, verb: str, id_: str | None, reason: str, told: str) -> None:
    id_ = id_ or make.signature().public_id
    assert run(app, verb, id_, "--reason", reason) == (1, f"Error: {told}\n")


def test_another_declarations_signature_is_unknown_here(app: Flask) -> None:
    signature = make.signature()
    elsewhere = type(steps.declaration())(id=signature.declaration_id + 1)
    with pytest.raises(SignatureUnknown):
        moderating.lock(signature.public_id, declaration=elsewhere)
    assert Mailbox(steps.declaration(), signature.mailbox or b"").find_signature() is signature
