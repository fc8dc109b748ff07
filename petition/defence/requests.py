"""Requests that no browser sends: unknown hosts, broken UTF-8, NUL bytes, bodies too large or too slow."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from flask import Flask, abort, current_app, request
from werkzeug.sansio.utils import host_is_trusted

from petition.settings import Settings

MAX_BODY_BYTES = 64 * 1024
MAX_TEXT_BYTES = 4 * 1024 * 1024
"""What staff write may be longer than what the public posts: a declaration, percent escaped."""
MAX_UPLOAD_BYTES = 5 * 1024 * 1024 + MAX_BODY_BYTES
"""For the one address at which staff hands in a file."""
_TEXTS = re.compile(r"/console/declarations/[^/]+/(?:texts|frame)(?:/.*)?")
_UPLOAD = re.compile(r"/console/declarations/[^/]+/signatures/import")
ANY_HOST = frozenset({"/healthz", "/readyz"})
"""Asked by machines that know an address but no name."""
TOO_SLOW = "petition.too_slow"
"""Stands in the environment of a request whose body did not come in time, and was not waited for."""
_PORT = re.compile(r":[0-9]{1,5}$")


def init_app(app: Flask) -> None:
    app.before_request(refuse_unusual)


def most_bytes(path: str) -> int:
    """How large the body of a request to this path may be; asked before anything knows which view it is for."""
    if _UPLOAD.fullmatch(path):
        return MAX_UPLOAD_BYTES
    return MAX_TEXT_BYTES if _TEXTS.fullmatch(path) else MAX_BODY_BYTES


def refuse_unusual() -> None:
    """Abort with 400, 408 or 413 before anything else looks at the request."""
    settings: Settings = current_app.extensions["petition.settings"]
    if request.path not in ANY_HOST and not _is_known(request.host.lower(), settings.trusted_hosts):
        abort(400)
    if TOO_SLOW in request.environ:
        abort(408)
    most = most_bytes(request.path)
    # One byte more than allowed: a body without a length is cut there, and must not pass for a whole one.
    request.max_content_length = request.max_form_memory_size = most + 1
    if (request.content_length or 0) > most:
        abort(413)
    if not _is_clean(request.environ["PATH_INFO"].encode("latin-1")):
        abort(400)
    if (query := request.environ.get("QUERY_STRING")) and not _is_clean(unquote_to_bytes(query)):
        abort(400)
    # A file may hold any bytes; whoever takes it looks at them.
    if request.method == "POST" and most != MAX_UPLOAD_BYTES and not _is_clean(_body(most)):
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
