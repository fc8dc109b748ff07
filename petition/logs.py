"""Structured logs: one JSON object a line, without anything that tells who a person is."""

import logging
import sys
import time
import traceback
from contextlib import suppress
from typing import TextIO, cast

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

QUIET = frozenset({"static"})


class _Tolerant:
    """A stream whose disk may be full: a line that cannot be written must not become somebody's error 500."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self.stream.flush()


def configure(level: str) -> None:
    """Send every log line of this process to standard error as JSON."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Tolerant(sys.stderr))),
        cache_logger_on_first_use=True,
    )


def _without_values(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Tell an exception by its classes and its lines of code. Never by its message: that may quote a person."""
    problem = event.pop("exc_info", None)
    told: list[str] = []
    while isinstance(problem, BaseException):
        told[:0] = [
            *traceback.format_tb(problem.__traceback__),
            f"{type(problem).__module__}.{type(problem).__qualname__}\n",
        ]
        problem = problem.__cause__ or problem.__context__
    if told:
        event["exception"] = "".join(told)
    return event


def get() -> structlog.typing.FilteringBoundLogger:
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger())


def init_app(app: Flask, level: str) -> None:
    if level.upper() not in ("DEBUG", "INFO"):
        return
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    """Log the request by its rule, never by its address: addresses hold tokens."""
    if request.endpoint not in QUIET:
        milliseconds = round((time.perf_counter() - g.started) * 1000, 1)
        rule = request.url_rule.rule if request.url_rule else None
        get().info("request", method=request.method, rule=rule, status=response.status_code, ms=milliseconds)
    return response
