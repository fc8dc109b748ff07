"""Sending: what comes of a notice that is taken, refused, not composed; what comes of its endpoint; nothing is lost."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from flask import Flask
from standardwebhooks import Webhook

from petition import clock, keys
from petition.extensions import db
from petition.webhooks import claiming, endpoints, outcomes, owners, reading, replaying, sending, sweeping
from petition.webhooks.events import NotDue
from petition.webhooks.failures import Disabled, Failure, Unsent
from petition.webhooks.models import Notice, WebhookEndpoint
from petition.webhooks.refusals import AlreadyThere, IsDisabled, NoEvents, TooMany
from tests.standing import DATABASES, AppMaker
from tests.webhooks.receiving import (
    EVENT,
    OWNER,
    SCOPE,
    a_receiver,
    caller,
    endpoint,
    raw,
    register,
    row,
    rows,
    send,
    status,
    tell,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOTH = pytest.mark.parametrize("database", DATABASES)


def _known(public_id: str) -> WebhookEndpoint:
    db.session.rollback()
    found = endpoints.find(public_id)
    assert found is not None
    return found


@BOTH
def test_a_notice_reaches_its_receiver_who_can_verify_it(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), a_receiver() as receiver:
        _, secret = endpoint(receiver.url)
        tell("ada")
        assert send(caller()) == 1
        [received] = receiver.received
        assert Webhook(secret).verify(received.body, dict(received.headers)) == {
            "type": EVENT,
            "timestamp": clock.iso(row("ada").occurred_at),
            "data": {"thing": "ada"},
        }
        assert receiver.ids == [row("ada").public_id]
        assert (row("ada").status, row("ada").attempts, row("ada").reason) == (204, 1, None)
        assert row("ada").sent_at is not None and row("ada").claimed_until is None
        assert send(caller()) == 0, "once"


@BOTH
def test_what_is_told_hears_who_listens_and_nobody_else(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context():
        theirs, _ = endpoint("http://127.0.0.1:9/theirs")
        everywhere, _ = endpoint("http://127.0.0.1:9/everywhere", scope=None)
        for number, other in enumerate(({"scope": SCOPE + 1}, {"owner": "test:grace"})):
            endpoint(f"http://127.0.0.1:9/{number}", **other)  # type: ignore[arg-type]
        off, _ = endpoint("http://127.0.0.1:9/off")
        endpoints.disable(off)
        db.session.commit()
        app.extensions.pop("petition.listeners", None)
        tell("ada")
        heard = db.session.query(Notice.endpoint_id).all()
        assert sorted(each.endpoint_id for each in heard) == sorted([theirs.id, everywhere.id])


def test_where_nobody_listens_nothing_is_stored(make_app: AppMaker) -> None:
    app = make_app()
    register(app)
    with app.app_context():
        tell("ada")
        assert rows() == {}


@BOTH
def test_a_notice_that_is_not_taken_is_tried_ever_later_for_three_days_under_one_id(
    make_app: AppMaker, database: str
) -> None:
    app = make_app(database)
    register(app)
    pauses = []
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver(500) as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada")
        using = caller()
        while row("ada").dropped_at is None:
            assert send(using) == 1
            pauses.append(row("ada").due_at - clock.now())
            time.move_to(max(row("ada").due_at, _known(made.public_id).rests_until or NOON))
        tried = row("ada")
        assert tried.tried_at is not None
        assert tried.tried_at - NOON == outcomes.GIVE_UP_AFTER, "to the end of the third day"
        assert (tried.status, tried.reason) == (500, Failure.STATUS)
        assert set(receiver.ids) == {tried.public_id}
        assert len(receiver.ids) == tried.attempts == len(pauses)
        for pause, planned in zip(pauses[:-2], outcomes.PAUSES, strict=False):
            assert 1 - outcomes.JITTER <= pause / planned <= 1 + outcomes.JITTER
        assert all(later > earlier for earlier, later in pairwise(outcomes.PAUSES))
        stamps = [received.headers["webhook-timestamp"] for received in receiver.received]
        assert len(set(stamps)) == len(stamps), "each attempt is signed for its own moment"


@BOTH
def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_and_its_owner_told(
    make_app: AppMaker, database: str
) -> None:
    app = make_app(database)
    register(app)
    told: list[str] = []
    owners.register(app, "test", lambda endpoint: told.append(endpoint.owner))
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver(500) as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada")
        while _known(made.public_id).on:
            assert not told
            send(caller())
            time.shift(timedelta(hours=1))
        assert timedelta(days=3) <= clock.now() - NOON <= timedelta(days=3, hours=1)
        assert _known(made.public_id).disabled_because == Disabled.FAILING
        assert told == [OWNER], "once"
        calls = len(receiver.ids)
        tell("grace")
        assert send(caller()) == 0
        assert len(receiver.ids) == calls
        assert "grace" not in rows(), "it hears of nothing more"


@BOTH
def test_whoever_answers_gone_is_disabled_at_once(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    told: list[str] = []
    owners.register(app, "test", lambda endpoint: told.append(endpoint.disabled_because or ""))
    with app.app_context(), a_receiver(410) as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada", "grace")
        assert send(caller()) == 2
        assert not _known(made.public_id).on
        assert told == [Disabled.GONE]
        assert len(receiver.ids) == 1, "the second is not even tried"
        receiver.answer = status(204)
        endpoints.enable(_known(made.public_id))
        db.session.commit()
        with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
            send(caller())
        assert rows()["grace"].sent_at is not None, "what waited leaves when it is enabled"


@BOTH
def test_an_endpoint_that_fails_is_spared_and_then_tried_with_one_notice(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver(503) as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada", "grace", "joan")
        assert send(caller()) == 3
        assert len(receiver.ids) == 1, "after a failure the rest of the batch is left alone"
        assert send(caller()) == 0
        time.move_to(_known(made.public_id).rests_until)
        assert send(caller()) == 1
        assert len(receiver.ids) == 2
        receiver.answer = status(204)
        time.shift(timedelta(hours=1))
        send(caller())
        assert all(notice.sent_at for notice in rows().values())
        found = _known(made.public_id)
        assert (found.failures, found.failing_since, found.rests_until) == (0, None, None)


def test_a_receiver_that_asks_for_time_is_given_it(make_app: AppMaker) -> None:
    app = make_app()
    register(app)
    busy = status(429, Retry_After="600")
    with app.app_context(), time_machine.travel(NOON, tick=False), a_receiver(busy) as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada")
        send(caller())
        assert row("ada").due_at >= NOON + timedelta(minutes=10)
        assert (_known(made.public_id).rests_until or NOON) >= NOON + timedelta(minutes=10)


def test_one_notice_that_is_never_taken_keeps_no_other_back(make_app: AppMaker) -> None:
    app = make_app()
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:

        def but_ada(handler: object) -> None:
            poisoned = b"ada" in receiver.received[-1].body
            status(400 if poisoned else 204)(handler)  # type: ignore[arg-type]

        receiver.answer = but_ada
        made, _ = endpoint(receiver.url)
        tell("ada", "grace", "joan")
        for _ in range(10):
            send(caller())
            time.shift(timedelta(minutes=1))
        assert rows()["grace"].sent_at and rows()["joan"].sent_at
        assert row("ada").sent_at is None
        hours = 0
        while row("ada").dropped_at is None:
            hours += 1
            tell(f"hour {hours}")
            send(caller())
            time.shift(timedelta(hours=1))
        assert clock.now() - NOON > outcomes.GIVE_UP_AFTER
        assert _known(made.public_id).on, "whoever takes everything else is well"
        send(caller())
        assert all(rows()[f"hour {hour}"].sent_at for hour in range(1, hours + 1))


@BOTH
def test_what_is_left_for_another_batch_keeps_what_its_last_attempt_told(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver(503) as receiver:
        endpoint(receiver.url)
        tell("grace")
        send(caller())
        told = (row("grace").status, row("grace").reason, row("grace").tried_at, row("grace").due_at)
        assert told[:2] == (503, Failure.STATUS)
        for reference in ("joan", "ada"):
            time.shift(timedelta(seconds=1))
            tell(reference)

        def but_joan(handler: object) -> None:
            status(204 if b"joan" in receiver.received[-1].body else 500)(handler)  # type: ignore[arg-type]

        receiver.answer = but_joan
        time.shift(timedelta(seconds=10))
        send(caller())
        assert row("joan").sent_at and row("ada").status == 500
        kept = row("grace")
        assert (kept.status, kept.reason, kept.tried_at, kept.due_at) == told, "it was claimed, and not tried"
        assert kept.claimed_until is None and kept.attempts == 1


@BOTH
def test_what_cannot_be_composed_or_is_not_due_keeps_no_other_back(make_app: AppMaker, database: str) -> None:
    app = make_app(database)

    def compose(notices: object) -> list[object]:
        data: list[object] = []
        for notice in notices:  # type: ignore[attr-defined]
            if notice.reference == "broken":
                raise LookupError("a person's name")
            data.append(NotDue(Unsent.TAKEN_BACK) if notice.reference == "gone" else {"thing": notice.reference})
        return data

    register(app, compose)  # type: ignore[arg-type]
    with app.app_context(), a_receiver() as receiver:
        endpoint(receiver.url)
        tell("ada", "broken", "gone", "grace")
        send(caller())
        assert sorted(json.loads(each.body)["data"]["thing"] for each in receiver.received) == ["ada", "grace"]
        gone = row("gone")
        assert (gone.reason, gone.attempts, gone.dropped_at is None) == (Unsent.TAKEN_BACK, 0, False)
        assert (row("broken").reason, row("broken").attempts) == (Failure.FAULT, 1)
        assert row("broken").due_at > clock.now(), "and is tried again"


@BOTH
def test_a_worker_that_dies_leaves_its_notices_to_others_after_its_claim(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada", "grace")
        batch, taken = sending._take(made.id)
        assert batch is not None and taken == 2
        db.session.remove()
        assert send(caller()) == 0, "they are in hand"
        time.shift(claiming.CLAIM_FOR + timedelta(seconds=1))
        assert send(caller()) == 2
        results = [outcomes.failed(0, Failure.TIMEOUT, first_tried_at=None)] * 2
        sending._record(batch, results)
        assert all(notice.sent_at for notice in rows().values()), "whose claim passed to another changes no row"
    assert len(receiver.ids) == 2


def test_a_worker_that_was_paused_past_its_time_calls_nobody(make_app: AppMaker) -> None:
    app = make_app()
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada")
        batch, _ = sending._take(made.id)
        assert batch is not None
        time.shift(claiming.CLAIM_FOR)
        sending._record(batch, sending._call_each(caller(), batch))
        assert not receiver.ids
        assert send(caller()) == 1, "and it is free again"


@BOTH
def test_while_the_secret_changes_a_receiver_may_have_either(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), a_receiver() as receiver:
        made, old = endpoint(receiver.url)
        new = endpoints.rotate(made)
        db.session.commit()
        tell("ada")
        send(caller())
        for secret in (old, new):
            assert Webhook(secret).verify(receiver.received[0].body, dict(receiver.received[0].headers))
        with time_machine.travel(clock.now() + endpoints.BOTH_FOR, tick=False):
            tell("grace")
            send(caller())
        assert receiver.received[0].headers["webhook-signature"].count("v1,") == 2
        assert receiver.received[1].headers["webhook-signature"].count("v1,") == 1, "a day later, the new one alone"


def test_secrets_lie_encrypted(make_app: AppMaker) -> None:
    app = make_app()
    register(app)
    with app.app_context():
        made, secret = endpoint("http://127.0.0.1:9/")
        assert secret.encode() not in made.secret and secret.removeprefix("whsec_").encode() not in made.secret
        assert keys.ring().decrypt(made.secret) == secret


@BOTH
def test_notices_are_sent_again_under_their_ids(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada")
        time.shift(timedelta(hours=1))
        tell("grace", "joan")
        send(caller())
        first = row("ada").public_id
        assert replaying.replay(row("ada"))
        db.session.commit()
        assert not replaying.replay(row("ada")), "it is waiting"
        send(caller())
        assert receiver.ids.count(first) == 2
        assert replaying.replay_since(_known(made.public_id), NOON + timedelta(minutes=30)) == 2
        db.session.commit()
        send(caller())
        assert len(receiver.ids) == 6
        endpoints.disable(_known(made.public_id))
        with pytest.raises(IsDisabled):
            replaying.replay_since(made, NOON)


@BOTH
def test_notices_are_kept_for_thirty_days(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        endpoint(receiver.url)
        tell("ada")
        send(caller())
        time.shift(sweeping.KEEP)
        tell("grace")
        assert sweeping.sweep() == 0
        time.shift(timedelta(seconds=1))
        assert sweeping.sweep() == 1
        db.session.commit()
        assert list(rows()) == ["grace"]


def test_how_an_endpoint_fares_is_counted(make_app: AppMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    register(app)
    with app.app_context(), a_receiver(raw(b"nonsense\r\n\r\n")) as receiver:
        made, _ = endpoint(receiver.url)
        tell("ada", "grace", "joan")
        send(caller())
        assert reading.standing(_known(made.public_id)) == reading.Standing(waiting=3, failing=1)
        assert row("ada").reason == Failure.GARBAGE
        monkeypatch.setattr(reading, "MOST_COUNTED", 1)
        assert reading.standing(_known(made.public_id)).waiting == 2, "no further than to tell that there are more"


def test_an_endpoint_needs_events_and_there_are_only_so_many_of_each_owner(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(app)
    for hears in ((), ("no.such.event",), (EVENT, "no.such.event")):
        with pytest.raises(NoEvents):
            endpoint("http://127.0.0.1:9/", hears=hears)
    monkeypatch.setattr(endpoints, "MOST", 2)
    made, _ = endpoint("http://127.0.0.1:9/1")
    with pytest.raises(AlreadyThere):
        endpoint("http://127.0.0.1:9/1")
    endpoint("http://127.0.0.1:9/2")
    with pytest.raises(TooMany):
        endpoint("http://127.0.0.1:9/3")
    endpoint("http://127.0.0.1:9/3", owner="test:bea")
    assert endpoints.disable(made) and not endpoints.disable(made)
    endpoint("http://127.0.0.1:9/3")
    with pytest.raises(TooMany):
        endpoints.enable(made)


def test_what_hears_of_every_scope_counts_for_each(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    register(app)
    monkeypatch.setattr(endpoints, "MOST", 2)
    endpoint("http://127.0.0.1:9/1", scope=None)
    endpoint("http://127.0.0.1:9/2")
    for scope in (SCOPE, None):
        with pytest.raises(TooMany):
            endpoint("http://127.0.0.1:9/3", scope=scope)
    endpoint("http://127.0.0.1:9/3", scope=SCOPE + 1)
    endpoint("http://127.0.0.1:9/3", scope=None, owner="test:bea")
