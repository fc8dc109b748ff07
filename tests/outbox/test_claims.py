"""Claims: several workers send each mail once, and none is lost with a worker that dies."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from petition import clock
from petition.extensions import db
from petition.outbox import claiming, handing_over, posting, sending
from petition.outbox.composing import Composed, Message
from petition.outbox.handing_over import Outcome, PostOffice
from petition.outbox.letters import Letter
from petition.outbox.models import Mail
from tests.outbox.mailing import a_server, age_claims, post, register, row, rows, send
from tests.services import MailServer
from tests.standing import AppMaker, Templates, settings_of, wait_until

MANY = 300
WORKERS = 4


def work_until_empty(app: Flask, start: threading.Barrier) -> None:
    office = PostOffice.from_settings(settings_of(app))
    start.wait()
    try:
        with app.app_context():
            while sending.send_due(office):
                db.session.remove()
    finally:
        office.close()


def test_several_workers_at_once_send_every_mail_exactly_once(make_app: AppMaker, tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        app = make_app("postgresql", mail_url=server.url)
        register(app)
        names = [f"name{number}" for number in range(MANY)]
        with app.app_context():
            post(*names)
        start = threading.Barrier(WORKERS)
        with ThreadPoolExecutor(WORKERS) as threads:
            for done in [threads.submit(work_until_empty, app, start) for _ in range(WORKERS)]:
                done.result(timeout=60)
        with app.app_context():
            send(app)
            assert all(mail.sent_at for mail in rows().values())
        arrived = Counter(mail.recipients[0] for mail in server.messages)
        assert arrived == Counter({f"{name}@example.org": 1 for name in names})


def claim_and_die(app: Flask) -> None:
    """What a worker has done that was killed before it handed anything over."""
    with app.app_context():
        letters, taken = sending._take()
        assert len(letters) == taken > 0
        db.session.remove()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_worker_that_dies_leaves_its_mails_to_others_after_its_claim(
    make_app: AppMaker, mail_server: MailServer, database: str
) -> None:
    mail_server.clear()
    app = make_app(database, mail_url=mail_server.url)
    register(app)
    with app.app_context(), time_machine.travel(clock.now(), tick=False) as time:
        post("ada", "grace")
        claim_and_die(app)
        assert send(app) == 0, "they are in hand"
        time.shift(claiming.CLAIM_FOR)
        assert send(app) == 0, "to the end of the claim"
        time.shift(timedelta(seconds=1))
        assert send(app) == 2
    assert len(mail_server.messages) == 2
    mail_server.clear()


@pytest.mark.parametrize(
    "slept", [claiming.CLAIM_FOR - handing_over.MARGIN + timedelta(seconds=1), claiming.CLAIM_FOR * 3]
)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_worker_that_was_paused_past_its_time_sends_nothing(
    make_app: AppMaker, mail_server: MailServer, database: str, slept: timedelta
) -> None:
    mail_server.clear()
    app = make_app(database, mail_url=mail_server.url)
    register(app)
    office = PostOffice.from_settings(settings_of(app))
    with app.app_context(), time_machine.travel(clock.now(), tick=False) as time:
        post("ada", "grace")
        letters, _ = sending._take()
        time.shift(slept)
        outcomes = office.hand_over(letters)
        assert not mail_server.messages
        sending._record(letters, outcomes)
        assert send(app) == 2, "and the mails are free again"
    office.close()
    assert Counter(mail.recipients[0] for mail in mail_server.messages) == Counter(
        ["ada@example.org", "grace@example.org"]
    )
    mail_server.clear()


def test_a_worker_whose_claim_passed_to_another_changes_nothing_of_the_row(
    make_app: AppMaker, mail_server: MailServer
) -> None:
    mail_server.clear()
    app = make_app("postgresql", mail_url=mail_server.url)
    register(app)
    with app.app_context():
        post("ada")
        letters, _ = sending._take()
        age_claims(timedelta(seconds=1))
        assert send(app) == 1
        sent_at = row("ada").sent_at
        sending._record(letters, [Outcome(1, due_at=clock.now(), dropped_at=clock.now(), reason="late")])
        assert (row("ada").sent_at, row("ada").dropped_at, row("ada").reason) == (sent_at, None, None)
    mail_server.clear()


def test_what_was_sent_is_written_down_once_the_database_is_back(
    make_app: AppMaker, app_templates: Templates, mail_server: MailServer
) -> None:
    mail_server.clear()
    app = make_app("postgresql", mail_url=mail_server.url)
    register(app)
    failures: list[object] = []
    office = PostOffice.from_settings(settings_of(app))
    with app.app_context():
        event.listen(db.engine, "handle_error", failures.append)
        post("ada")
        letters, _ = sending._take()
        outcomes = office.hand_over(letters)
        db.session.remove()
        with ThreadPoolExecutor(1) as threads:
            with app_templates.closed(settings_of(app).database):
                recording = threads.submit(record_in_context, app, letters, outcomes)
                wait_until(lambda: bool(failures))
            recording.result(timeout=30)
        assert row("ada").sent_at is not None
    office.close()
    assert len(mail_server.messages) == 1
    mail_server.clear()


def test_a_database_that_stays_away_past_the_claim_is_not_waited_for(
    make_app: AppMaker, app_templates: Templates
) -> None:
    app = make_app("postgresql")
    register(app)
    with app.app_context(), time_machine.travel(clock.now(), tick=False) as time:
        post("ada")
        letters, _ = sending._take()
        time.shift(claiming.CLAIM_FOR)
        db.session.remove()
        with app_templates.closed(settings_of(app).database), pytest.raises(OperationalError):
            sending._record(letters, [Outcome(1, due_at=clock.now(), sent_at=clock.now())])


def record_in_context(app: Flask, letters: list[Letter], outcomes: list[Outcome]) -> None:
    with app.app_context():
        sending._record(letters, outcomes)
        db.session.remove()


def test_two_workers_never_write_to_one_mailbox_at_the_same_time(make_app: AppMaker, tmp_path: Path) -> None:
    """Each counts the mails that went to the mailbox today, so side by side both could write the last one."""
    with a_server(tmp_path) as server:
        app = make_app("postgresql", mail_url=server.url)
        composing = threading.Event()
        looked = threading.Event()

        def slow(mail: Mail) -> Composed:
            composing.set()
            assert looked.wait(30)
            return Message(to="ada@example.org", subject="Hello", text="x", html="x")

        register(app, slow)
        with app.app_context():
            mailbox = b"m" * 32
            for number in range(2):
                posting.post("plain", f"mail{number}", scope=1, mailbox=mailbox, language="en")
                db.session.commit()
            # The first is claimed by one worker, so that the second is left for the other.
            later = row("mail1")
            later.due_at = clock.now() + timedelta(hours=1)
            db.session.commit()
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(send_in_context, app)
            assert composing.wait(30)
            with app.app_context():
                row("mail1").due_at = clock.now()
                db.session.commit()
                assert send(app) == 0, "the mailbox is in another worker's hands"
                assert (row("mail1").sent_at, row("mail1").claimed_until) == (None, None), "left for another time"
            looked.set()
            first.result(timeout=30)
        with app.app_context():
            send(app)
        assert len(server.messages) == 2


def send_in_context(app: Flask) -> None:
    with app.app_context():
        send(app)
        db.session.remove()
