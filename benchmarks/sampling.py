"""A sampling profiler inside the process: every two milliseconds of its CPU time it notes where it is.

``BENCH_SAMPLES`` names the folder to write into. ``benchmarks/sampled`` on PYTHONPATH switches it on in
every Python process started from there, and a forked child starts afresh.
"""

import atexit
import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.002
WRITE_EVERY = 500
"""Samples; a process that is killed has written most of what it saw."""
FOLDER = "BENCH_SAMPLES"
_WAITING = {"wait", "_wait_for_tstate_lock", "join", "get", "acquire", "select", "poll", "readinto", "_worker"}
"""Where a thread is when it does nothing; of a process with several, only the others are noted."""

Place = tuple[str, str]


class Samples:
    def __init__(self) -> None:
        self.total = 0
        self.own: Counter[Place] = Counter()
        """Where it was."""
        self.within: Counter[Place] = Counter()
        """On the way to where it was."""

    def take(self, _number: int, frame: FrameType | None) -> None:
        # This thread is in here now; where it was is what the signal interrupted.
        here = threading.get_ident()
        others = [each for thread, each in sys._current_frames().items() if thread != here]
        for each in [frame, *others]:
            if each and (not others or each.f_code.co_name not in _WAITING):
                self._note(each)
        if self.total and self.total % WRITE_EVERY == 0:
            self.write()

    def write(self) -> None:
        if not self.total:
            return
        rows = [[*place, self.within[place], self.own[place]] for place in self.within]
        path = Path(os.environ[FOLDER]) / f"{os.getpid()}.json"
        path.write_text(json.dumps({"command": " ".join(sys.argv), "total": self.total, "rows": rows}))

    def _note(self, frame: FrameType | None) -> None:
        self.total += 1
        seen: set[Place] = set()
        while frame:
            place = (frame.f_code.co_filename, frame.f_code.co_name)
            if not seen:
                self.own[place] += 1
            if place not in seen:
                seen.add(place)
                self.within[place] += 1
            frame = frame.f_back


def start() -> None:
    """Begin in this process and in every one forked from it."""
    os.register_at_fork(after_in_child=_begin)
    _begin()


def _begin() -> None:
    samples = Samples()
    atexit.register(samples.write)
    signal.signal(signal.SIGPROF, samples.take)
    # A system call that the timer interrupts goes on, as if nothing had been.
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
