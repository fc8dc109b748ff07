"""The load generator: the same request over eight connections, for a time or a number; a process of its own.

Plain sockets and epoll, because on a machine of two cores whatever the client costs, the server lacks.
It reads a plan and writes what came of it, both as JSON.
"""

import base64
import json
import select
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import count

from benchmarks.requests import NUMBER
from benchmarks.wire import Connection

CONNECTIONS = 8


@dataclass(frozen=True)
class Plan:
    port: int
    request: str
    """Base64 of the bytes to send; where NUMBER stands, each gets its own."""
    status: str
    """What every answer must have."""
    first_number: int = 0
    seconds: float = 0
    requests: int = 0
    """How many to send; 0 for as many as go into the seconds."""


def run(plan: Plan) -> dict[str, object]:
    """Send as planned, one request at a time on each connection; an answer of another status is counted as wrong."""
    request, good = base64.b64decode(plan.request), plan.status.encode()
    numbers = count(plan.first_number)
    last_number = plan.first_number + plan.requests if plan.requests else sys.maxsize
    wrong: Counter[str] = Counter()
    done = 0
    poll = select.epoll()
    connections: dict[int, Connection] = {}
    started, cpu_before = time.monotonic(), time.process_time()
    until = started + plan.seconds if plan.seconds else float("inf")
    numbered = NUMBER in request

    def send(connection: Connection) -> bool:
        number = next(numbers)
        if number >= last_number or time.monotonic() >= until:
            return False
        connection.send(request.replace(NUMBER, b"%08d" % number) if numbered else request)
        return True

    for _ in range(CONNECTIONS):
        connection = Connection("127.0.0.1", plan.port)
        if send(connection):
            connections[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)
    while connections:
        for descriptor, _event in poll.poll():
            connection = connections[descriptor]
            answer = connection.receive()
            if answer is None:
                continue
            if answer[0] == good:
                done += 1
            else:
                wrong[answer[0].decode("latin-1")] += 1
            if not send(connection):
                poll.unregister(descriptor)
                del connections[descriptor]
    return {
        "done": done,
        "wrong": dict(wrong),
        "seconds": time.monotonic() - started,
        "cpu": time.process_time() - cpu_before,
    }


def as_json(plan: Plan) -> str:
    return json.dumps(asdict(plan))


if __name__ == "__main__":
    json.dump(run(Plan(**json.load(sys.stdin))), sys.stdout)
