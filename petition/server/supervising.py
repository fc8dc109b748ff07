"""Web server and worker as one: started together, restarted when one dies, stopped together."""

import ctypes
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import FrameType

BACKLOG = 2048
LOOK_EVERY = 0.1
ANSWERS_WITHIN = 2.0
STOP_WITHIN = 25.0
"""Seconds; longer than the web server takes for what is in flight, and a worker, mostly, for its batch of mails."""
MOST_RESTARTS = 5
"""Of one process within a minute; after that something is wrong that restarting does not mend."""
WEB = (sys.executable, "-m", "gevent.monkey", "--module", "gunicorn", "-c", "python:petition.server.web")
WORKER = (sys.executable, "-m", "petition", "worker")
PREPARES = "PETITION_PREPARES"
"""Has a web server prepare what is missing, and names the pipe into which it says so, in words to announce it with."""
_PR_SET_PDEATHSIG = 1


class PortTaken(Exception):
    """Something else listens on the port."""


class Refused(Exception):
    """The web server found something that it cannot start with, and has said what."""


class GaveUp(Exception):
    """A process keeps dying, or died while all waited for it."""


def listen(host: str, port: int) -> socket.socket:
    """The socket that the web server will inherit. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    # Not every name that cannot be one is refused by the resolver: Python refuses to encode some.
    except (OSError, OverflowError, TypeError, UnicodeError) as problem:
        listener.close()
        reason = getattr(problem, "strerror", None) or str(problem)
        raise PortTaken(f"Port {port} on {host} cannot be used: {reason}.") from problem
    return listener


def answers(listener: socket.socket) -> bool:
    """Whether the web server answers now."""
    host, port = listener.getsockname()[:2]
    # Never for long: a connection waits in the backlog even while no server lives to take it.
    connection = http.client.HTTPConnection(host, port, timeout=ANSWERS_WITHIN)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass
class _Child:
    command: tuple[str, ...]
    environ: Mapping[str, str]
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self, *fds: int, **environ: str) -> None:
        # A group of its own, so that Ctrl-C reaches it through the supervisor alone, as an orderly stop.
        self.process = subprocess.Popen(
            self.command,
            env={**self.environ, **environ},
            pass_fds=(*self.fds, *fds),
            process_group=0,
            preexec_fn=partial(_stop_with_parent, os.getpid()),
        )

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def _stop_with_parent(supervisor: int) -> None:
    """Have the kernel stop this process when its supervisor is killed, or it would keep the port."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:
        # It was killed just before.
        os._exit(1)


class Supervisor:
    """Keeps both processes alive until it is told to stop."""

    def __init__(self, listener: socket.socket, *, web_workers: int) -> None:
        # Where nobody configured one, this machine's name for itself.
        environ = {"PETITION_BASE_URL": f"http://localhost:{listener.getsockname()[1]}", **os.environ}
        web = {**environ, "PETITION_BIND": f"fd://{listener.fileno()}", "PETITION_WEB_WORKERS": str(web_workers)}
        self.listener = listener
        self.web = _Child(WEB, web, (listener.fileno(),))
        self.worker = _Child(WORKER, environ)
        self.stopping = False

    def run(self, *, announce: Callable[[str], None]) -> None:
        """Have all prepared, announce the first answer, restart what dies, until told to stop.

        Raises Refused and GaveUp.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            announcement = self._prepare()
            if not self.stopping:
                # Only now is there what it works on; and the web server had the machine for itself.
                self.worker.start()
                self._watch(lambda: announce(announcement))
        finally:
            self.stop()

    def _prepare(self) -> str:
        """Start the web server and wait until it has prepared what is missing; the words to announce it with."""
        hear, say = os.pipe()
        self.web.start(say, **{PREPARES: str(say)})
        os.close(say)
        with open(hear) as pipe:
            while not self.stopping and not select.select([pipe], [], [], LOOK_EVERY)[0]:
                pass
            words = "" if self.stopping else pipe.read()
        if not words and not self.stopping:
            raise self._why_nothing_was_said()
        return words

    def _why_nothing_was_said(self) -> Refused | GaveUp:
        assert self.web.process
        status = self.web.process.wait()
        return Refused() if status == 1 else GaveUp(f"The web server ended with {status} before it was ready.")

    def _watch(self, announce: Callable[[], None]) -> None:
        announced = False
        while not self.stopping:
            if not announced and answers(self.listener):
                announced = True
                announce()
            for child in (self.web, self.worker):
                if child.died():
                    self._restart(child)
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Let both finish what they have in hand, and have nobody new wait for an answer."""
        self.listener.close()
        processes = [child.process for child in (self.web, self.worker) if child.process]
        for process in processes:
            process.terminate()
        until = time.monotonic() + STOP_WITHIN
        for process in processes:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _restart(self, child: _Child) -> None:
        now = time.monotonic()
        child.deaths = [*(at for at in child.deaths if at > now - 60), now]
        if len(child.deaths) > MOST_RESTARTS:
            raise GaveUp(f"{' '.join(child.command[2:])} keeps stopping; the log says why.")
        assert child.process
        status = child.process.returncode
        _log("process died, starting it again", command=child.command[-1], status=status)
        child.start()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


def _log(event: str, **facts: str | int) -> None:
    """One line as ``petition.logs`` writes it, which would load what a supervisor does without."""
    line = {**facts, "event": event, "level": "error", "timestamp": datetime.now(UTC).isoformat()}
    # The disk under it may be full.
    with suppress(OSError):
        print(json.dumps(line), file=sys.stderr, flush=True)
