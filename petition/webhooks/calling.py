"""Hand one notice to one address: a single post, within its time, to the very address that was checked."""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from petition.settings import Settings
from petition.version import VERSION
from petition.webhooks import targets
from petition.webhooks.failures import Failure
from petition.webhooks.refusals import NoAddress, UnknownHost, WebhookRefused
from petition.webhooks.targets import Door, Networks, Target

WITHIN = timedelta(seconds=15)
"""For everything: looking up, connecting, sending, and the answer's head. The specification asks for 15 to 30."""
CONNECT_WITHIN = timedelta(seconds=5)
"""For each of a name's addresses."""
MOST_READ = 16 * 1024
"""Bytes of an answer that are read, its headers among them; then the connection is closed."""


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: timedelta | None = None

    @property
    def failure(self) -> Failure | None:
        if 200 <= self.status < 300:
            return None
        if self.status == 410:
            return Failure.GONE
        return Failure.REDIRECT if 300 <= self.status < 400 else Failure.STATUS


class CallFailed(Exception):
    """No answer came; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class _TooMuch(OSError):
    """The answer goes on and on."""


@dataclass(frozen=True)
class Caller:
    """Calls any number of addresses, from any number of threads."""

    allowed: Networks
    context: ssl.SSLContext
    within: timedelta = WITHIN

    @classmethod
    def from_settings(cls, settings: Settings) -> "Caller":
        return cls(settings.webhook_networks, ssl.create_default_context())

    def call(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post, and follow no redirect. Raises CallFailed."""
        until = time.monotonic() + self.within.total_seconds()
        try:
            target = targets.parse(url)
            # Looked up once: another look could find another address than the one that was checked.
            within = min(timedelta(seconds=_left(until)), targets.LOOK_UP_WITHIN)
            doors = targets.find(target, allowed=self.allowed, within=within)
            with closing(self._connect(target, doors, until)) as connection:
                return _exchange(connection, target, headers, body, until)
        except WebhookRefused as refusal:
            raise CallFailed(_failure_of(refusal)) from refusal
        except TimeoutError as problem:
            raise CallFailed(Failure.TIMEOUT) from problem
        except ssl.SSLError as problem:
            raise CallFailed(Failure.TLS) from problem
        except (_TooMuch, http.client.HTTPException, ValueError) as problem:
            raise CallFailed(Failure.GARBAGE) from problem
        except OSError as problem:
            raise CallFailed(Failure.UNREACHABLE) from problem

    def _connect(self, target: Target, doors: list[Door], until: float) -> http.client.HTTPConnection:
        """A connection that keeps the name in its Host header and in TLS, whatever address it goes to."""
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.default_port = targets.PORTS[target.scheme]
        connection.sock = _dial(doors, until)
        if target.scheme == "https":
            connection.sock.settimeout(_left(until))
            try:
                connection.sock = self.context.wrap_socket(connection.sock, server_hostname=target.host)
            except BaseException:
                connection.close()
                raise
        # typeshed knows a class there; any maker of answers will do.
        connection.response_class = partial(_answer, until)  # type: ignore[assignment]
        return connection


class _Reader(io.RawIOBase):
    """Reads from a socket up to one moment, however slowly it trickles, and no more than so much."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.sock, self.until, self.read_so_far = sock, until, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(_left(self.until))
        number = self.sock.recv_into(buffer)
        if number == 0:
            # The head would pass for whole, as far as it came.
            raise ConnectionResetError
        self.read_so_far += number
        if self.read_so_far > MOST_READ:
            raise _TooMuch
        return number


@dataclass(frozen=True)
class _Timed:
    """What an answer takes for its socket."""

    sock: socket.socket
    until: float

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self.sock, self.until), 2048)


def _exchange(
    connection: http.client.HTTPConnection, target: Target, headers: Mapping[str, str], body: bytes, until: float
) -> Answer:
    connection.sock.settimeout(_left(until))
    more = {"Content-Type": "application/json", "User-Agent": f"petition/{VERSION}", "Connection": "close"}
    connection.request("POST", target.path, body=body, headers={**more, **headers})
    response = connection.getresponse()
    # Its head decides; the rest is read, a little of it, so that the other side is not cut off while it writes.
    with suppress(OSError, http.client.HTTPException, ValueError):
        response.read(MOST_READ)
    return Answer(response.status, _seconds(response.headers.get("Retry-After", "")))


def _answer(until: float, sock: socket.socket, **given: Any) -> http.client.HTTPResponse:
    return http.client.HTTPResponse(_Timed(sock, until), **given)  # type: ignore[arg-type]


def _dial(doors: list[Door], until: float) -> socket.socket:
    """Connect to the first address that answers; many names have one that this machine cannot reach."""
    problem: OSError = TimeoutError()
    for door in doors:
        sock = socket.socket(door.family, socket.SOCK_STREAM)
        sock.settimeout(min(_left(until), CONNECT_WITHIN.total_seconds()))
        try:
            sock.connect(door.address)
        except OSError as found:
            sock.close()
            problem = found
        else:
            return sock
    raise problem


def _left(until: float) -> float:
    """Seconds; a socket would take 0 for never waiting at all. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _seconds(text: str) -> timedelta | None:
    """What Retry-After asks for (RFC 9110, section 10.2.3), but a day at most; dates are not heeded."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return min(timedelta(seconds=int(text)), timedelta(days=1))


def _failure_of(refusal: WebhookRefused) -> Failure:
    if isinstance(refusal, UnknownHost):
        return Failure.UNKNOWN_HOST
    return Failure.GARBAGE if isinstance(refusal, NoAddress) else Failure.PRIVATE
