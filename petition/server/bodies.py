"""Request bodies are read whole, and within a time, before anything holds a database connection for them."""

import io
import time
from collections.abc import Callable, Iterable
from typing import Any

import gevent
from gevent import Greenlet

from petition.defence.requests import TOO_SLOW, most_bytes

READ_WITHIN_SECONDS = 20.0
LOOK_EVERY_SECONDS = 1.0


class TooSlow(Exception):
    """The body did not arrive in time."""


class WholeBodies:
    """A WSGI layer for the gevent server: a body that trickles in waits here, and only for so long.

    Whose body did not come is told so by the application, in its own pages. One watching greenlet ends what takes
    too long; a timer for each request would cost each request.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.reading: dict[Greenlet, float] = {}
        self.watch: Greenlet | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        most = most_bytes(environ.get("PATH_INFO", ""))
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") or _length(environ) > most:
            return self.app(environ, start_response)
        try:
            body = self._read(environ["wsgi.input"], most)
        except TooSlow:
            body = b""
            environ[TOO_SLOW] = True
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        # What came in chunks has a length now; Flask would not look at it otherwise.
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self.app(environ, start_response)

    def _read(self, stream: Any, most: int) -> bytes:
        if self.watch is None:
            self.watch = gevent.spawn(self._end_slow_ones)
        reader = gevent.getcurrent()
        self.reading[reader] = time.monotonic()
        try:
            # One byte more than allowed, so that Flask sees what is too long.
            return bytes(stream.read(most + 1))
        finally:
            self.reading.pop(reader, None)

    def _end_slow_ones(self) -> None:
        while True:
            gevent.sleep(LOOK_EVERY_SECONDS)
            oldest = time.monotonic() - READ_WITHIN_SECONDS
            for reader in [reader for reader, since in self.reading.items() if since < oldest]:
                self.reading.pop(reader)
                gevent.kill(reader, TooSlow)


def _length(environ: dict[str, Any]) -> int:
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() else 0
