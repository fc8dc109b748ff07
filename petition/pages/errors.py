"""What goes wrong, told plainly, in the person's language; nothing they typed is lost."""

from flask import Flask, Response, make_response, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from petition import headers, languages, logs, outages
from petition.accounts.cookies import is_console
from petition.accounts.guarding import SECRETS
from petition.api import refusals
from petition.declarations import reading
from petition.declarations.frames import SLUG
from petition.declarations.models import DeclarationText
from petition.defence import limits, origins
from petition.embed import frames

RETRY_AFTER_SECONDS = 5
"""How soon to come back when the database did not answer."""
MACHINES = ("/healthz", "/readyz")


def init_app(app: Flask) -> None:
    app.register_error_handler(RateLimitExceeded, over_the_limit)
    app.register_error_handler(HTTPException, told)
    app.register_error_handler(DBAPIError, database_trouble)
    app.register_error_handler(PoolTimeout, database_trouble)
    app.register_error_handler(Exception, unexpected)


def told(problem: HTTPException) -> ResponseReturnValue:
    if problem.response is not None:
        return problem.response
    response = _page(problem.code or 500)
    for name, value in problem.get_headers(request.environ):
        if name not in ("Content-Type",):
            response.headers[name] = value
    return response


def over_the_limit(_problem: RateLimitExceeded) -> ResponseReturnValue:
    wait = limits.seconds_to_wait()
    response = _page(429, wait=wait)
    response.headers["Retry-After"] = str(wait)
    return response


def database_trouble(problem: Exception) -> ResponseReturnValue:
    """Unreachable, busy, full: all pass, so the answer is to come again."""
    outages.forget_transaction()
    if not outages.passes(problem):
        return unexpected(problem)
    logs.get().warning("database trouble", problem=type(problem).__name__, cause=outages.cause(problem))
    response = _page(503, wait=RETRY_AFTER_SECONDS)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def unexpected(problem: Exception) -> ResponseReturnValue:
    outages.forget_transaction()
    logs.get().error("unexpected", exc_info=problem)
    return _page(500)


def _page(status: int, *, wait: int | None = None) -> Response:
    if request.path.startswith(refusals.BELOW):
        return refusals.answer(refusals.of_status(status), wait=wait)
    # A Host can be so broken that no address can be built for the page's links.
    if request_ctx.url_adapter is None or request.path.startswith(MACHINES):
        return headers.never_store(make_response({"status": status}, status))
    # What another site made a browser post was not typed here, and is not offered to be sent by its visitor.
    keeps = request.method == "POST" and status in (429, 503) and origins.is_ours()
    console = is_console(request.path)
    secret = SECRETS if console else frozenset()
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in secret] if keeps else None
    framed = frames.is_in_frame(request.path) and frames.around().ancestors != frames.NOBODY
    texts = _meant() if status == 404 and not console else []
    within = "staff.html" if console else "embed/base.html" if framed else "base.html"
    shown = {"wait": wait, "typed": typed, "texts": texts, "console": console, "bare": status >= 500, "within": within}
    page = render_template("errors/error.html", status=status, **shown)
    return headers.never_store(make_response(page, status))


def _meant() -> list[DeclarationText]:
    """The texts of the declaration that the address names, perhaps in another language; the reader's first."""
    slug = [*request.path.split("/"), "", ""][2]
    try:
        declaration = reading.find(slug) if SLUG.fullmatch(slug) else None
        texts = declaration.texts if declaration else []
        readable = [text for text in texts if text.current and text.language in languages.NAMES]
        return sorted(readable, key=lambda text: text.language != str(get_locale()))
    except outages.TROUBLE:
        outages.forget_transaction()
        return []
