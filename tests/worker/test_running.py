"""The worker: its rounds run, a failing one is tried again and stops no other, and it ends when told to."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask

from petition.application import create_app
from petition.worker import rounds, running
from petition.worker.rounds import Round, Work
from tests import make
from tests.services import MailServer
from tests.standing import AppMaker, command, environment, signature, submission, wait_until

TENTH = timedelta(milliseconds=1)


class Pauses(threading.Event):
    """A stop that lets no time pass and remembers the pauses that it was asked for; set after ``most``."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.asked: list[timedelta] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.asked.append(timedelta(seconds=timeout))
        if len(self.asked) == self.most:
            self.set()
        return self.is_set()


def repeat(app: Flask, work: Work, *, every: timedelta, most: int) -> list[timedelta]:
    stop = Pauses(most)
    running._repeat(app, Round("test", every, lambda _app: work), stop)
    return stop.asked


def test_a_failing_round_is_tried_again_after_growing_pauses(make_app: AppMaker) -> None:
    def fail() -> bool:
        raise LookupError

    pauses = repeat(make_app(), fail, every=timedelta(seconds=1), most=10)
    assert all(later > earlier or later == running.LONGEST_PAUSE for earlier, later in pairwise(pauses))
    assert pauses[0] == timedelta(seconds=2)
    assert pauses[-1] == running.LONGEST_PAUSE


def test_a_failing_round_logs_where_and_not_what(make_app: AppMaker, capfd: pytest.CaptureFixture[str]) -> None:
    address = make.email()

    def fail() -> bool:
        raise LookupError(address)

    repeat(make_app(), fail, every=TENTH, most=1)
    logged = capfd.readouterr().err
    assert "LookupError" in logged and "test_running.py" in logged
    assert address not in logged


def test_a_round_that_failed_for_hours_is_still_tried(make_app: AppMaker) -> None:
    tries = []

    def fail() -> bool:
        tries.append(1)
        raise ConnectionError

    pauses = repeat(make_app(), fail, every=timedelta(seconds=5), most=2_000)
    assert len(tries) == 2_000
    assert pauses[-1] == running.LONGEST_PAUSE


def test_a_round_that_works_again_goes_on_as_before(make_app: AppMaker) -> None:
    results = iter([LookupError(), LookupError(), False, True, False])

    def work() -> bool:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    pauses = repeat(make_app(), work, every=timedelta(seconds=1), most=5)
    assert [pause.total_seconds() for pause in pauses] == [2, 4, 1, 0, 1], "and at once while more is waiting"


@contextmanager
def running_rounds(app: Flask) -> Iterator[None]:
    """The rounds in their threads, as ``run`` starts them, without its signals."""
    stop = threading.Event()
    threads = [threading.Thread(target=running._repeat, args=(app, each, stop)) for each in rounds.registered(app)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
            assert not thread.is_alive()


def test_a_failing_round_does_not_stop_the_others(make_app: AppMaker) -> None:
    app = make_app()
    rounds.registered(app).clear()
    done: list[str] = []

    def fail() -> bool:
        raise LookupError

    def work() -> bool:
        done.append("work")
        return False

    rounds.register(app, "failing", every=TENTH, make_work=lambda _app: fail)
    rounds.register(app, "working", every=TENTH, make_work=lambda _app: work)
    with running_rounds(app):
        wait_until(lambda: len(done) > 20)


def test_whatever_goes_on_behind_the_pages_is_a_round(make_app: AppMaker) -> None:
    app = make_app(tally_every=timedelta(seconds=7))
    assert {each.name: each.every.total_seconds() for each in rounds.registered(app)} == {
        "outbox": 1,
        "webhooks": 1,
        "closings": 5,
        "tally": 7,
        "purge": 3600,
        "cards": 60,
        "figures": 15,
        "pulse": 10,
        "deliveries": 2,
        "previews": 1,
        "old deliveries": 600,
        "partners": 60,
    }
    assert {each.name for each in rounds.registered(create_app(make.settings(make_app.folder)))} == {
        "outbox",
        "webhooks",
        "closings",
        "tally",
        "purge",
        "cards",
        "figures",
        "pulse",
        "deliveries",
        "previews",
        "old deliveries",
        "partners",
    }


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_real_worker_sends_counts_and_ends_cleanly_when_told_to(
    make_app: AppMaker, mail_server: MailServer, database: str, ending: signal.Signals
) -> None:
    mail_server.clear()
    app = make_app(database, mail_url=mail_server.url, tally_every=timedelta(seconds=1))
    client = app.test_client()
    with app.app_context():
        signature()
        submission()

    def is_counted() -> bool:
        answer = client.get(f"/api/v1/declarations/{make.SLUG}/count?now", headers={"Host": "localhost"})
        return bool(answer.get_json()["count"] == 1)

    process = subprocess.Popen(
        command("worker"), env=environment(app), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            wait_until(lambda: bool(mail_server.messages) and is_counted(), seconds=40)
            process.send_signal(ending)
            assert process.wait(timeout=10) == 0
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    assert len(mail_server.messages) == 1
    mail_server.clear()


@pytest.mark.slow
def test_the_real_worker_survives_a_database_that_is_away_for_a_while(make_app: AppMaker) -> None:
    app = make_app("postgresql", tally_every=timedelta(seconds=1))
    templates = make_app.templates
    with app.app_context():
        signature()
    client = app.test_client()
    process = subprocess.Popen(command("worker"), env=environment(app), stderr=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stderr is not None
            with templates.closed(make_app.urls[-1]):
                # It says so in its log, and goes on.
                line = process.stderr.readline()
                while "round failed" not in line:
                    assert line, "it ended"
                    line = process.stderr.readline()
            # A pipe that nobody empties fills up, and the worker would wait to write its log.
            threading.Thread(target=process.stderr.read, daemon=True).start()

            def is_counted() -> bool:
                answer = client.get(f"/api/v1/declarations/{make.SLUG}/count?now", headers={"Host": "localhost"})
                return answer.status_code == 200 and bool(answer.get_json()["count"] == 1)

            wait_until(is_counted, seconds=40)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()
