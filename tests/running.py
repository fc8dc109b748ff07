"""The real ``petition serve`` as a process of its own: started, asked, watched, killed."""

import atexit
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from tests import make
from tests.services import LOOPBACK, free_port

PETITION = (sys.executable, "-m", "petition")
OPENS_WITHIN = timedelta(seconds=60)
STOPS_WITHIN = timedelta(seconds=40)
LOOK_EVERY = timedelta(milliseconds=20)
ORDEAL = "PETITION_ORDEAL"


class NotServing(Exception):
    """The server ended, or never said that it is open; the message carries its last words."""


@dataclass(frozen=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["Location"]


def rounds(full: int) -> int:
    """How many rounds a loop makes: all of them when asked for, else a tenth, but two at least."""
    return full if os.environ.get(ORDEAL) == "full" else max(2, full // 10)


def until(
    condition: Callable[[], object],
    *,
    within: timedelta = timedelta(seconds=20),
    every: timedelta = LOOK_EVERY,
    what: str = "",
) -> None:
    """Look again and again until it is so; AssertionError when it does not come to be."""
    deadline = time.monotonic() + within.total_seconds()
    while not condition():
        assert time.monotonic() < deadline, f"not so within {within}: {what or condition}"
        time.sleep(every.total_seconds())


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with no other settings than these."""
    left_out = "PYTHONDONTWRITEBYTECODE"
    others = {name: value for name, value in os.environ.items() if not name.startswith(("PETITION_", left_out))}
    given = {f"PETITION_{name.upper()}": value for name, value in settings.items()}
    return {**others, "PETITION_INSTANCE_DIR": str(folder), "PETITION_LOG_LEVEL": "warning", **given}


class _Prompt:
    """Where commands are typed: one Python that has imported everything and forks for each command."""

    PROGRAM = """if True:
        import json, os, sys, tempfile
        from petition import __main__, commands
        for line in sys.stdin:
            case = json.loads(line)
            with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
                if (pid := os.fork()) == 0:
                    os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
                    os.environ.clear(), os.environ.update(case["environment"])
                    sys.argv = ["petition", *case["arguments"]]
                    __main__.main()
                    sys.exit(0)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                texts = [file.seek(0) or file.read().decode(errors="replace") for file in (out, err)]
            print(json.dumps([code, *texts]), flush=True)
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM], cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self._close)

    def type(self, arguments: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        assert self._process.stdin and self._process.stdout
        print(json.dumps({"arguments": arguments, "environment": environment}), file=self._process.stdin, flush=True)
        code, out, err = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, out, err)

    def _close(self) -> None:
        self._process.communicate()


_prompt = cache(_Prompt)


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one ``petition`` command to its end, in a process of its own, far from the project's folder."""
    return typed(arguments, environment(folder, settings))


def typed(arguments: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The same with a whole environment; a process that has to import everything anew takes ten times as long."""
    return _prompt().type(arguments, environment)


def secrets() -> dict[str, str]:
    """What production must be given: a secret of each kind."""
    return {name: make.key() for name in ("secret_key", "data_keys", "lookup_key", "signing_key")}


class Served:
    """One ``petition serve`` in a terminal session of its own; it ends with its ``with`` block, or with us."""

    def __init__(
        self, folder: Path, *, port: int, host: str, arguments: Sequence[str], settings: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.host = host
        self.port = port
        self._log = folder.parent / f"serve-{port}-{time.monotonic_ns()}.log"
        self._process = self._spawn(arguments, settings)
        self._ticket = ""

    @classmethod
    def start(
        cls, folder: Path, *arguments: str, port: int | None = None, host: str = LOOPBACK, **settings: str
    ) -> Self:
        """Start on a free port and return when it says that it is open. Raises NotServing."""
        served = cls.begin(folder, *arguments, port=port, host=host, **settings)
        try:
            served._wait_until_open()
        except BaseException:
            served.kill_tree()
            raise
        return served

    @classmethod
    def begin(
        cls, folder: Path, *arguments: str, port: int | None = None, host: str = LOOPBACK, **settings: str
    ) -> Self:
        """The same without waiting until it is open."""
        given = {"sign_limits": "1000000/minute", **settings}
        return cls(folder, port=port or free_port(), host=host, arguments=arguments, settings=given)

    def _spawn(self, arguments: Sequence[str], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
        # setpriv has the kernel stop it when the test run is killed.
        setpriv = shutil.which("setpriv")
        assert setpriv, "setpriv is missing; on Debian: apt-get install util-linux"
        command = [setpriv, "--pdeathsig", "TERM", *PETITION, "serve"]
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [*command, "--host", self.host, "--port", str(self.port), *arguments],
                env=environment(self.folder, settings),
                cwd=self.folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_open(self) -> None:
        deadline = time.monotonic() + OPENS_WITHIN.total_seconds()
        while not re.search(r"^Open http", self.log, re.MULTILINE):
            if self._process.poll() is not None:
                raise NotServing(f"it ended with {self._process.returncode}: {self.log[-2000:]}")
            if time.monotonic() > deadline:
                raise NotServing(f"not open after {OPENS_WITHIN}: {self.log[-2000:]}")
            time.sleep(LOOK_EVERY.total_seconds())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_tree()

    @property
    def log(self) -> str:
        """Everything that it printed and logged so far."""
        return self._log.read_text(errors="replace")

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    # Its processes

    @property
    def supervisor(self) -> int:
        return self._process.pid

    @property
    def master(self) -> int | None:
        """The web server's first process, if it lives."""
        return next((pid for pid in children(self.supervisor) if "gunicorn" in command(pid)), None)

    @property
    def web_workers(self) -> list[int]:
        """The web server's working processes."""
        return children(self.master) if self.master else []

    @property
    def mail_worker(self) -> int | None:
        """``petition worker``, if it lives."""
        return next((pid for pid in children(self.supervisor) if command(pid).endswith("petition worker")), None)

    @property
    def all_processes(self) -> list[int]:
        return [self.supervisor, *descendants(self.supervisor)]

    # Stopping it

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and return its exit code; SIGINT goes to the whole group, as from a terminal."""
        self.ask_to_stop(how)
        return self.wait()

    def ask_to_stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if how is signal.SIGINT:
            os.killpg(self.supervisor, how)
        else:
            os.kill(self.supervisor, how)

    def wait(self) -> int:
        return self._process.wait(STOPS_WITHIN.total_seconds())

    def kill_tree(self) -> None:
        """End every process at once; twice is once."""
        processes = self.all_processes if self._process.poll() is None else []
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(STOPS_WITHIN.total_seconds())

    # Asking it

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return self.ask("POST", path, headers=headers, body=urlencode(fields).encode())

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None, within: float = 30
    ) -> Answer:
        """One request on a connection of its own."""
        host = LOOPBACK if self.host == "0.0.0.0" else self.host
        connection = http.client.HTTPConnection(host, self.port, timeout=within)
        try:
            connection.request(method, path, body=body, headers={"Host": f"localhost:{self.port}", **headers})
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    @property
    def answers(self) -> bool:
        """Whether a page that needs the database comes."""
        with suppress(OSError, http.client.HTTPException):
            return self.get("/readyz").status == 200
        return False

    # What people do

    def ticket(self) -> str:
        """The form's ticket; good for a day, so asked for once."""
        if not self._ticket:
            self._ticket = field(self.get(make.SIGN), "ticket")
        return self._ticket

    def form(self, email: str, **given: str) -> dict[str, str]:
        return make.form(email=email, ticket=self.ticket(), **given)

    def sign(self, email: str, **given: str) -> Answer:
        return self.post(make.SIGN, self.form(email, **given))

    def confirm(self, path: str) -> Answer:
        """Look at what the mailed link shows, and confirm that."""
        shown = self.get(path)
        if shown.status != 200 or 'name="submission"' not in shown.text:
            return shown
        fields = {"name": field(shown, "name"), "country": "GB", "visibility": "public"}
        return self.post(path, {**fields, "submission": field(shown, "submission")})

    def count(self) -> int:
        answer = self.get(f"/api/v1/declarations/{make.SLUG}/count").text
        found = re.search(r'"count":\s*(\d+)', answer)
        assert found, answer
        return int(found[1])

    def mails(self) -> list[EmailMessage]:
        """The mails in the instance folder, in no order."""
        files = (self.folder / "mail").glob("*.eml")
        return [BytesParser(EmailMessage, policy=default).parsebytes(file.read_bytes()) for file in files]

    def mail_to(self, address: str, subject: str) -> EmailMessage:
        """The mail to this address whose subject holds these words, as soon as it is there."""
        found: list[EmailMessage] = []

        def look() -> bool:
            found[:] = [mail for mail in self.mails() if mail["To"] == address and subject in mail["Subject"]]
            return bool(found)

        until(look, what=f"a mail to {address} about {subject!r}")
        return found[0]


def field(answer: Answer, name: str) -> str:
    """The value of the input of that name."""
    found = re.search(rf'<input[^>]* name="{name}" value="([^"]*)"', answer.text)
    assert found, f"no field {name} in the answer {answer.status}: {answer.text[:500]}"
    return found[1]


# Processes, as the kernel knows them


def lives(pid: int) -> bool:
    """Whether the process still does something; one that only waits to be collected does not."""
    return _state(pid) not in ("", "Z", "X")


def children(pid: int) -> list[int]:
    """Its direct children that live, by their parents' entries in /proc."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [each for each in sorted(numbers) if parent(each) == pid and lives(each)]


def descendants(pid: int) -> list[int]:
    direct = children(pid)
    return [*direct, *(each for child in direct for each in descendants(child))]


def command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def _state(pid: int) -> str:
    return (_stat(pid) or [""])[0]


def parent(pid: int) -> int:
    return int((_stat(pid) or ["", "0"])[1])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold spaces and brackets."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []
