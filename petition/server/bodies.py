"""Request bodies are read whole, and within a time, before anything holds a database connection for them."""

import io
from collections.abc import Callable, Iterable
from typing import Any

import gevent

from petition.defence.requests import MAX_BODY_BYTES
from petition.headers import EVERY_ANSWER

READ_WITHIN_SECONDS = 20


class WholeBodies:
    """A WSGI layer for the gevent server: a body that trickles in waits here, and only for so long."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") or _length(environ) > MAX_BODY_BYTES:
            return self.app(environ, start_response)
        try:
            with gevent.Timeout(READ_WITHIN_SECONDS):
                # One byte more than allowed, so that Flask sees what is too long.
                body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
        except gevent.Timeout:
            start_response("408 REQUEST TIMEOUT", [*EVERY_ANSWER.items(), ("Connection", "close")])
            return []
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return self.app(environ, start_response)


def _length(environ: dict[str, Any]) -> int:
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdigit() else 0
