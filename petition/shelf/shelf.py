"""The shelf: a WSGI layer before Flask that holds finished answers for a moment."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from petition.shelf.answers import Answer, accepts_gzip
from petition.shelf.splicing import Cut, Splice

MOST_ANSWERS = 512
MOST_SPLICED = 32
"""Of one page, for as many different queries; a link that is passed on has the same one for all who follow it."""
RENEWAL_SECONDS = 2.0
"""How long others get the answer that is on the shelf while one request renders the next."""

Environ = dict[str, Any]
Place = tuple[str, str]
"""Host and path: a host that Flask refuses never gets onto the shelf."""
Reading = Callable[[str], str | None]
"""Of a query string, what an answer depends on, always in the same words; None for one that is not kept."""


def place(environ: Environ) -> Place:
    """Where its answer lies. Without the port, which changes no answer, and of which anyone can make up many."""
    return _without_port(environ.get("HTTP_HOST", "")), environ["PATH_INFO"]


@lru_cache(maxsize=256)
def _without_port(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()


@dataclass
class _Kept:
    answer: Answer
    renew_at: float
    drop_at: float
    cut: Cut | None = None
    splice: Splice | None = None
    spliced: OrderedDict[tuple[tuple[str, str], ...], Answer] = field(default_factory=OrderedDict)

    def for_query(self, query: str) -> Answer:
        """The page for everyone, or with what this query has it say."""
        values = self.splice(query) if query and self.splice else {}
        if not values or self.cut is None:
            return self.answer
        key = tuple(sorted(values.items()))
        if key not in self.spliced:
            self.spliced[key] = self.answer.with_body(self.cut.filled(values))
            while len(self.spliced) > MOST_SPLICED:
                self.spliced.popitem(last=False)
        return self.spliced[key]


class Shelf:
    """Answers GET and HEAD from what was kept; everything else goes to Flask.

    With a query string only what has splices, and paths whose first part has a reading.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.kept: OrderedDict[Place, _Kept] = OrderedDict()
        self.readings: dict[str, Reading] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        here, whole = self.place(environ)
        kept = self.kept.get(here)
        if kept is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not (whole or kept.splice):
            return self.app(environ, start_response)
        now = time.monotonic()
        if now >= kept.renew_at:
            # One renders the next while the others still get this one, but none gets what is too old.
            kept.renew_at = min(now + RENEWAL_SECONDS, kept.drop_at)
            return self.app(environ, start_response)
        try:
            answer = kept.for_query(environ["QUERY_STRING"])
        except SQLAlchemyError:
            # Flask has a page for that.
            return self.app(environ, start_response)
        return give(answer, environ, start_response)

    def place(self, environ: Environ) -> tuple[Place, bool]:
        """Where its answer lies, and whether that says all that the answer depends on."""
        (host, path), query = place(environ), environ["QUERY_STRING"]
        reading = self.readings.get(path[1:].partition("/")[0]) if query else None
        matters = reading(query) if reading else None
        if matters is None:
            return (host, path), not query
        # No path that is answered holds a NUL, so none can be taken for another.
        return (host, f"{path}\0{matters}"), True

    def put(
        self,
        here: Place,
        answer: Answer,
        *,
        keep_for: timedelta,
        cut: Cut | None = None,
        splice: Splice | None = None,
    ) -> _Kept:
        now, seconds = time.monotonic(), keep_for.total_seconds()
        kept = self.kept[here] = _Kept(answer, now + seconds, now + 2 * seconds, cut, splice)
        self.kept.move_to_end(here)
        while len(self.kept) > MOST_ANSWERS:
            self.kept.popitem(last=False)
        return kept

    def clear(self) -> None:
        self.kept.clear()


def give(answer: Answer, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the form of it that this client wants: nothing new, compressed, or plain."""
    if answer.is_known(environ.get("HTTP_IF_NONE_MATCH", "")):
        start_response("304 NOT MODIFIED", answer.unchanged_headers)
        return []
    if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        start_response("200 OK", answer.zipped_headers)
        body = answer.zipped
    else:
        start_response("200 OK", answer.plain_headers)
        body = answer.plain
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def init_app(app: Flask) -> Shelf:
    """Put the shelf before the application. Call it before any other ``after_request``, so that it sees last."""
    shelf = Shelf(app.wsgi_app)
    app.wsgi_app = shelf  # type: ignore[method-assign]

    @app.after_request
    def keep_answer(response: Response) -> Response:
        here, whole = shelf.place(request.environ)
        splice: Splice | None = getattr(response, "splice", None)
        if request.method not in ("GET", "HEAD") or not (whole or splice):
            return response
        keep_for: timedelta | None = getattr(response, "keep_for", None)
        if keep_for is None or response.status_code != 200:
            shelf.kept.pop(here, None)
            return response
        cut = Cut.at_marks(response.get_data(as_text=True)) if splice else None
        if cut:
            response.set_data(cut.plain)
        answer = Answer.from_response(response)
        # A static file is open until its response is closed, and this one is not given to anyone.
        response.close()
        kept = shelf.put(here, answer, keep_for=keep_for, cut=cut, splice=splice)
        return _as_response(kept.for_query(request.environ["QUERY_STRING"]))

    return shelf


def read_queries(app: Flask, first: str, reading: Reading) -> None:
    """Keep answers below ``/<first>/`` by what this reading makes of their query strings."""
    app.extensions["petition.shelf"].readings[first] = reading


def keep(response: Response, *, every: timedelta, splice: Splice | None = None) -> Response:
    """Let this answer be kept, here and by caches, so that none is older than two of these intervals.

    With ``splice`` its marks are cut out, and filled in where a query asks for it; nothing else in it may
    depend on the query.

    The tally is up to one interval old; the shelf adds a fifth of one, and another while the next is made;
    caches add three fifths.
    """
    response.keep_for = every / 5  # type: ignore[attr-defined]
    response.splice = splice  # type: ignore[attr-defined]
    seconds = int(every.total_seconds() * 3 / 5)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


def keep_for_good(response: Response) -> Response:
    """Let this answer be kept by everyone: its address changes whenever it does."""
    response.direct_passthrough = False
    response.keep_for = timedelta(days=1)  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _as_response(answer: Answer) -> Response:
    """The same answer for the request that rendered it."""
    headers: list[tuple[str, str]] = []

    def start_response(status: str, given: list[tuple[str, str]]) -> None:
        headers.extend([("status", status), *given])

    # For HEAD too: Flask leaves the body out by itself, and without one it would tell a length of 0.
    body = b"".join(give(answer, {**request.environ, "REQUEST_METHOD": "GET"}, start_response))
    return Response(body, status=headers[0][1], headers=headers[1:])
