"""Run the rounds, each in a thread of its own, until told to stop."""

import signal
import threading
from datetime import timedelta
from types import FrameType

from flask import Flask

from petition import logs
from petition.extensions import db
from petition.worker import beating
from petition.worker.rounds import Round, Work, registered

LONGEST_PAUSE = timedelta(seconds=10)
"""A round that keeps failing is tried at least this often, so that it goes on soon after an outage."""


def run(app: Flask) -> None:
    """Run every registered round until SIGTERM or SIGINT; the work in hand is finished first."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    threads = [threading.Thread(target=_repeat, args=(app, each, stop), name=each.name) for each in registered(app)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _repeat(app: Flask, each: Round, stop: threading.Event) -> None:
    work = each.make_work(app)
    failures = 0
    while not stop.is_set():
        try:
            more = _once(app, work)
        except Exception as problem:
            failures += 1
            kind = type(problem).__name__
            logs.get().error("round failed", round=each.name, failures=failures, problem=kind, exc_info=problem)
            # Not 2**failures: after an hour without a database that is more than a timedelta holds.
            pause = min(each.every * 2 ** min(failures, 10), LONGEST_PAUSE)
        else:
            failures = 0
            beating.note(app, each)
            pause = timedelta(0) if more else each.every
        stop.wait(pause.total_seconds())


def _once(app: Flask, work: Work) -> bool:
    with app.app_context():
        try:
            return work()
        finally:
            db.session.rollback()
