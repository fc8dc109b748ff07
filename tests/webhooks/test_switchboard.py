"""The switchboard: a slow receiver holds up nobody, several workers tell a thing once, a killed one loses nothing."""

import signal
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from petition import clock
from petition.declarations.notices import ORGANISERS
from petition.extensions import db
from petition.webhooks import claiming, events, switchboard
from petition.webhooks.switchboard import Switchboard
from tests.services import MailServer
from tests.standing import AppMaker, command, environment, signature, submission, wait_until
from tests.webhooks.receiving import a_receiver, caller, endpoint, never, register, rows, send, status, tell

MANY = 120


def test_a_receiver_that_never_answers_holds_up_no_other(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    register(app)
    board = Switchboard(app, caller())
    with a_receiver(never) as slow, a_receiver() as quick:
        with app.app_context():
            endpoint(slow.url)
            endpoint(quick.url)
            tell(*[f"name{number}" for number in range(2 * claiming.BATCH)])

        def goes_round() -> bool:
            with app.app_context():
                assert board.work() is False, "a round waits for nobody"
                db.session.rollback()
            return len(quick.received) == 2 * claiming.BATCH

        wait_until(goes_round)
        assert 1 <= len(slow.received) <= switchboard.LANES, "and it has its lanes, no more"
        slow.let_go.set()
        board.close()


def test_more_slow_receivers_than_threads_leave_the_rest_in_the_table(
    make_app: AppMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchboard, "THREADS", 2)
    monkeypatch.setattr(switchboard, "LANES", 1)
    app = make_app("postgresql")
    register(app)
    board = Switchboard(app, caller())
    with a_receiver(never) as slow:
        with app.app_context():
            for number in range(3):
                endpoint(f"{slow.url}{number}")
            tell("ada")
            board.work()
            slow.wait_for(2)
            board.work()
            assert board.talking.total() == 2
        slow.let_go.set()
        board.close()


def _work_until_empty(app: Flask, start: threading.Barrier) -> None:
    start.wait()
    with app.app_context():
        send(caller())
        db.session.remove()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_several_workers_at_once_tell_each_thing_exactly_once(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    register(app)
    with a_receiver() as receiver:
        with app.app_context():
            endpoint(receiver.url)
            tell(*[f"name{number}" for number in range(MANY)])
        start = threading.Barrier(3)
        with ThreadPoolExecutor(3) as threads:
            for done in [threads.submit(_work_until_empty, app, start) for _ in range(3)]:
                done.result(timeout=60)
        with app.app_context():
            send(caller())
            assert {notice.public_id: 1 for notice in rows().values()} == Counter(receiver.ids)


def test_a_fault_of_one_endpoint_is_logged_and_frees_its_lane(
    make_app: AppMaker, capfd: pytest.CaptureFixture[str]
) -> None:
    app = make_app()
    register(app)
    board = Switchboard(app, caller())
    with app.app_context():
        made, _ = endpoint("http://127.0.0.1:9/")
        made.secret = b"not what any key encrypted"
        db.session.commit()
        tell("ada")
        board.work()
        db.session.rollback()
    wait_until(lambda: board.talking.total() == 0)
    board.close()
    assert "Undecipherable" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_worker_that_is_killed_while_it_talks_loses_nothing_and_mails_go_on_beside_it(
    make_app: AppMaker, mail_server: MailServer, database: str
) -> None:
    mail_server.clear()
    app = make_app(database, mail_url=mail_server.url, tally_every=timedelta(seconds=1))
    networks = {"PETITION_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    with a_receiver(never) as receiver:
        with app.app_context():
            scope = signature().declaration_id
            endpoint(receiver.url, hears=tuple(events.open_to(ORGANISERS)), scope=scope, owner=ORGANISERS)
            app.extensions.pop("petition.listeners", None)
            told = signature()
            submission()
            reference = told.public_id
        process = subprocess.Popen(command("worker"), env=environment(app, **networks), stderr=subprocess.DEVNULL)
        with process:
            try:
                receiver.wait_for(1, seconds=40)
                wait_until(lambda: bool(mail_server.messages), seconds=40)
            finally:
                process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        receiver.answer = status(204)
        with app.app_context():
            assert rows()[reference].sent_at is None
            later = clock.now() + claiming.CLAIM_FOR + timedelta(seconds=1)
            with time_machine.travel(later, tick=False):
                assert send(caller()) == 1
            assert rows()[reference].sent_at is not None
        assert set(receiver.ids) == {receiver.ids[0]}, "one id over both attempts"
    mail_server.clear()
