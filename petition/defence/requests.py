"""Requests that no browser sends: unknown hosts, broken UTF-8, NUL bytes, bodies that are too large."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, abort, current_app, request
from werkzeug.sansio.utils import host_is_trusted

from petition.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
MAX_BODY_BYTES = 64 * 1024
ANY_HOST = frozenset({"/healthz", "/readyz"})
"""Asked by machines that know an address but no name."""
CUT = "petition.cut"
"""In the environment of a request whose body came without a length and was longer than MAX_BODY_BYTES."""
_LARGEST = "largest_body"
_PORT = re.compile(r":[0-9]{1,5}$")


def takes_up_to(size: int) -> Callable[[View], View]:
    """Let the view have bodies of so many bytes: what staff write may be longer than what the public posts."""

    def mark(view: View) -> View:
        setattr(view, _LARGEST, size)
        return view

    return mark


def init_app(app: Flask) -> None:
    # One byte more than allowed: a body without a length is cut there, and must not pass for a whole one.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1
    app.before_request(refuse_unusual)


def refuse_unusual() -> None:
    """Abort with 400 or 413 before anything else looks at the request."""
    settings: Settings = current_app.extensions["petition.settings"]
    if request.path not in ANY_HOST and not _is_known(request.host.lower(), settings.trusted_hosts):
        abort(400)
    most = getattr(current_app.view_functions.get(request.endpoint or ""), _LARGEST, MAX_BODY_BYTES)
    request.max_content_length = request.max_form_memory_size = most + 1
    if (request.content_length or 0) > most or request.environ.get(CUT):
        abort(413)
    if not _is_clean(request.environ["PATH_INFO"].encode("latin-1")):
        abort(400)
    if (query := request.environ.get("QUERY_STRING")) and not _is_clean(unquote_to_bytes(query)):
        abort(400)
    if request.method == "POST" and not _is_clean(_body(most)):
        abort(400)


@lru_cache(maxsize=64)
def _is_known(host: str, names: tuple[str, ...]) -> bool:
    # Werkzeug reads the names it is given up to their first colon, and so knows no IPv6 address.
    return host_is_trusted(host, names) or _PORT.sub("", host) in names


def _body(most: int) -> bytes:
    """The body with its percent escapes read; kept by the request, so that forms still find it. Aborts with 413."""
    body = request.get_data(cache=True)
    if len(body) > most:
        abort(413)
    return unquote_to_bytes(body) if request.mimetype == "application/x-www-form-urlencoded" else body


def _is_clean(text: bytes) -> bool:
    if b"\0" in text:
        return False
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
