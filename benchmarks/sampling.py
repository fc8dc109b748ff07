"""A sampling profiler inside the process: every two milliseconds of its CPU time it notes where it is.

``BENCH_SAMPLES`` names the folder to write into. ``benchmarks/sampled`` on PYTHONPATH switches it on in
every Python process started from there, and a forked child starts afresh. Of several threads it sees best the places
where one lets go of the interpreter.
"""

import atexit
import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from threading import get_ident
from types import FrameType

EVERY_SECONDS = 0.002
WRITE_EVERY = 200
"""Samples; a process that is killed has written most of what it saw."""
FOLDER = "BENCH_SAMPLES"
_WAITING = set("wait _wait_for_tstate_lock join get acquire acquire_with_timeout select poll readinto _worker".split())
"""Where a thread is when it does nothing; of a process with several, only the others are noted."""

Place = tuple[str, str]
"""File and function."""
IMPORTS: Place = ("imports", "at the start")

_MAIN = get_ident()


class Samples:
    def __init__(self) -> None:
        self.total = 0
        self.busy = False
        self.process = os.getpid()
        self.own: Counter[Place] = Counter()
        """Where it was."""
        self.within: Counter[Place] = Counter()
        """On the way to where it was."""

    def take(self, _number: int, frame: FrameType | None) -> None:
        if self.busy:
            return
        self.busy = True
        # This thread is in here now; where it was is what the signal interrupted. (get_ident is imported
        # by name, before gevent replaces it by one that tells greenlets apart.)
        here = get_ident()
        others = [each for thread, each in sys._current_frames().items() if thread != here]
        for each in [frame, *others]:
            if each and (not others or each.f_code.co_name not in _WAITING):
                self._note(each)
        if self.total and self.total % WRITE_EVERY == 0:
            self.write()
        self.busy = False

    def write(self) -> None:
        # A forked child inherits its parent's samples, with the order to write them at the end.
        if not self.total or os.getpid() != self.process:
            return
        rows = [[*place, self.within[place], self.own[place]] for place in self.within]
        path = Path(os.environ[FOLDER]) / f"{os.getpid()}.json"
        path.write_text(json.dumps({"command": " ".join(sys.argv), "total": self.total, "rows": rows}))

    def _note(self, frame: FrameType | None) -> None:
        stack: list[Place] = []
        while frame:
            stack.append((frame.f_code.co_filename, frame.f_code.co_name))
            if frame.f_code.co_name == "_find_and_load":
                # What is imported, and by whom, would drown the rest.
                stack = [IMPORTS]
                break
            frame = frame.f_back
        if stack:
            self.total += 1
            self.own[stack[0]] += 1
            self.within.update(set(stack))


def start() -> None:
    """Begin in this process and in every one forked from it."""
    fork = os.fork

    def sampled_fork() -> int:
        # Not os.register_at_fork: a child about to run another program would hand it the timer, which kills it.
        pid = fork()
        if pid == 0:
            _begin()
        return pid

    os.fork = sampled_fork
    threading.setprofile(_leave_to_main)
    _begin()


def _leave_to_main(*_event: object) -> None:
    """At the start of a thread: the signal shall wake the main thread, which alone can take a sample."""
    if get_ident() != _MAIN:  # gevent's threads are all in the main one
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    sys.setprofile(None)


def _begin() -> None:
    samples = Samples()
    atexit.register(_end, samples)
    # It interrupts system calls, and must: a main thread that waits for others would hear nothing else of it.
    signal.signal(signal.SIGPROF, samples.take)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)


def _end(samples: Samples) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    samples.write()
