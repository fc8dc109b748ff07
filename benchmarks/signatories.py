"""People who sign and confirm, over eight connections: the load on the whole product; a process of its own.

It signs, waits for the links that the mail server writes to its standard input, opens each and confirms.
Who waits for a mail does not block a connection; but no more than so many wait at once.
"""

import json
import os
import re
import select
import sys
import time
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from benchmarks import requests
from benchmarks.load import CONNECTIONS
from benchmarks.requests import NUMBER
from benchmarks.wire import Connection

MOST_WAITING = 600
GIVE_UP_AFTER = 120.0
"""Seconds after the last signature in which every link must have come."""
STDIN = 0
_SUBMISSION = re.compile(rb'name="submission" value="([^"]+)"')

Step = Literal["sign", "look", "confirm"]
STATUSES: dict[Step, bytes] = {"sign": b"303", "look": b"200", "confirm": b"303"}


@dataclass
class Task:
    step: Step
    request: bytes
    link: str = ""


class Signatories:
    """All of them, and how far they are."""

    def __init__(self, port: int, sign: bytes, *, warm: float, seconds: float) -> None:
        self.port, self.host = port, f"localhost:{port}"
        self.sign = sign
        self.numbers = count(1)
        self.waiting: deque[Task] = deque()
        self.signed = self.confirmed = 0
        self.wrong: list[str] = []
        self.seconds: dict[int, int] = {}
        """How many were confirmed in each second since the load began to count."""
        self.began = time.monotonic() + warm
        self.ends = self.began + seconds
        self.links = b""

    def run(self) -> dict[str, Any]:
        poll = select.epoll()
        poll.register(STDIN, select.EPOLLIN)
        idle = [Connection("localhost", self.port) for _ in range(CONNECTIONS)]
        busy: dict[int, tuple[Connection, Task]] = {}
        while not self._over():
            while idle and (task := self._next()):
                connection = idle.pop()
                _send(connection, task)
                busy[connection.socket.fileno()] = (connection, task)
                poll.register(connection.socket, select.EPOLLIN)
            for descriptor, _event in poll.poll(0.2):
                if descriptor == STDIN:
                    self._read_links()
                    continue
                connection, task = busy[descriptor]
                if self._answered(connection, task):
                    idle.append(connection)
                    poll.unregister(descriptor)
                    del busy[descriptor]
        return self._result()

    def _over(self) -> bool:
        if self.wrong:
            return True
        now = time.monotonic()
        return now > self.ends and (self.confirmed >= self.signed or now > self.ends + GIVE_UP_AFTER)

    def _next(self) -> Task | None:
        if self.waiting:
            return self.waiting.popleft()
        if time.monotonic() >= self.ends or self.signed - self.confirmed >= MOST_WAITING:
            return None
        # Counted when it is sent, or eight connections would overshoot.
        self.signed += 1
        return Task("sign", self.sign.replace(NUMBER, b"%08d" % next(self.numbers)))

    def _read_links(self) -> None:
        *lines, self.links = (self.links + os.read(STDIN, 1 << 16)).split(b"\n")
        for line in lines:
            path = line.decode()
            self.waiting.append(Task("look", requests.get(self.host, path), path))

    def _answered(self, connection: Connection, task: Task) -> bool:
        """Whether the answer is whole; what follows from it waits for a connection."""
        answer = connection.receive()
        if answer is None:
            return False
        status, page = answer
        if status != STATUSES[task.step]:
            self.wrong.append(f"{task.step}: {status.decode('latin-1')}")
        elif task.step == "look":
            self._confirm(task, page)
        elif task.step == "confirm":
            self.confirmed += 1
            second = int(time.monotonic() - self.began)
            self.seconds[second] = self.seconds.get(second, 0) + 1
        return True

    def _confirm(self, task: Task, page: bytes) -> None:
        submission = _SUBMISSION.search(page)
        if submission is None:
            self.wrong.append("look: no submission on the page")
            return
        self.waiting.append(Task("confirm", requests.confirm(self.host, task.link, submission[1].decode()), task.link))

    def _result(self) -> dict[str, Any]:
        length = round(self.ends - self.began)
        return {
            "signed": self.signed,
            "confirmed": self.confirmed,
            "wrong": self.wrong[:20],
            "each_second": [self.seconds.get(second, 0) for second in range(length)],
            "seconds_until_the_last": time.monotonic() - self.ends,
            "cpu": time.process_time(),
        }


def _send(connection: Connection, task: Task) -> None:
    try:
        if connection.has_hung_up():
            connection.call_again()
        connection.send(task.request)
    except (BrokenPipeError, ConnectionResetError):
        connection.call_again()
        connection.send(task.request)


if __name__ == "__main__":
    port, sealed, path, warm, seconds = sys.argv[1:]
    request = requests.sign(f"localhost:{port}", path, sealed)
    json.dump(Signatories(int(port), request, warm=float(warm), seconds=float(seconds)).run(), sys.stdout)
