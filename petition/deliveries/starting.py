"""Deliveries and previews are made in processes of their own, which the worker starts when one is due."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from flask import Flask

from petition import logs
from petition.deliveries import leasing, making, previewing, previews
from petition.deliveries.packing import ended_by_sigterm
from petition.deliveries.refusals import Lost, Stopped
from petition.extensions import db
from petition.worker.rounds import Work

COMMAND = (sys.executable, "-m", "petition", "deliveries", "work")
PARENT = "PETITION_WORKER_PID"
NICER = 5
"""Pages and mails go before."""
_PR_SET_PDEATHSIG = 1


def make_round(_app: Flask) -> Work:
    """The round that starts the process when a delivery is due, one at a time in each worker."""
    return _starting(COMMAND, leasing.is_any_due)


def make_round_of_previews(_app: Flask) -> Work:
    """The same for previews, which wait for no delivery."""
    return _starting((*COMMAND, "--previews"), previews.is_any_due)


def _starting(command: Sequence[str], is_any_due: Callable[[], bool]) -> Work:
    running: list[subprocess.Popen[bytes]] = []

    def start_if_due() -> bool:
        running[:] = [process for process in running if process.poll() is None]
        if not running and is_any_due():
            # A group of its own: Ctrl-C reaches the worker, which has it stopped in order.
            running.append(subprocess.Popen(command, env={**os.environ, PARENT: str(os.getpid())}, process_group=0))
        return False

    return start_if_due


def work_on_previews() -> None:
    """Make every preview that is due. Told to stop it does so at once: whoever misses theirs asks again."""
    _stop_with_worker()
    os.nice(NICER)
    with ended_by_sigterm():
        while previewing.make_next():
            db.session.remove()


def work() -> None:
    """Make every delivery that is due, until none is, or this process is told to stop."""
    _stop_with_worker()
    stopping = threading.Event()
    lease: leasing.Lease | None = None

    def end(_number: int, _frame: object) -> None:
        stopping.set()
        if lease is not None:
            lease.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    os.nice(NICER)
    while not stopping.is_set() and (lease := leasing.claim_next()) is not None:
        if stopping.is_set():
            # Told so while this one was being claimed, when there was no lease yet to be ended.
            lease.end()
        if not _ended(lease):
            return


def _ended(lease: leasing.Lease) -> bool:
    """Make one; False when this process is to make no other."""
    try:
        made = making.make(lease)
    except (Stopped, Lost) as reason:
        logs.get().info("delivery interrupted", reason=type(reason).__name__)
        return False
    logs.get().info("delivery ended", made=made)
    db.session.remove()
    return True


def _stop_with_worker() -> None:
    """Have the kernel stop this process with the worker's thread that started it, even if that is killed."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        raise SystemExit(0)
