"""Telling a program no: problem details (RFC 9457) for every error below ``/api/``, in the language it asks for."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response, jsonify, request
from flask_babel import LazyString, get_locale, ngettext

from petition import links
from petition.api.problems import ALL, MEDIA_TYPE, Problem
from petition.headers import never_store

BELOW = "/api/"
_BY_STATUS = {problem.status: problem for problem in reversed(ALL)}


class Error(NamedTuple):
    """What is wrong with one member of the body: where it is (RFC 6901, as a fragment), and in words."""

    pointer: str
    detail: LazyString | str


class Refused(Exception):
    """The base of this room's refusals, made into problem details by one handler."""

    def __init__(self, problem: Problem, *errors: Error, detail: LazyString | str = "") -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.errors = errors
        self.detail = detail


def of_status(status: int) -> Problem:
    """The usual problem of this status; one that nobody thought of is told by its number alone."""
    known: Problem = _BY_STATUS.get(status) or _BY_STATUS[500 if status >= 500 else 400]
    return Problem(known.name, status, known.title, known.detail)


def answer(
    problem: Problem, *, detail: LazyString | str = "", wait: int | None = None, errors: Sequence[Error] = ()
) -> Response:
    """Tell it. ``detail`` stands in for the problem's own; ``wait`` is in seconds."""
    told: dict[str, Any] = {
        "type": f"{links.external('api.page')}#{problem.name}",
        "title": str(problem.title),
        "status": problem.status,
        "detail": str(detail or problem.detail),
    }
    if wait is not None:
        again = ngettext("You can try again in %(num)s second.", "You can try again in %(num)s seconds.", wait)
        told["detail"] += f" {again}"
    if errors:
        told["errors"] = [{"pointer": error.pointer, "detail": str(error.detail)} for error in errors]
    response = jsonify(told)
    response.status_code = problem.status
    response.mimetype = MEDIA_TYPE
    response.headers["Content-Language"] = str(get_locale())
    response.headers["Vary"] = "Accept-Language"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if request.method in ("GET", "HEAD"):
        # A page of any site may read an answer, and so why there is none.
        response.headers["Access-Control-Allow-Origin"] = "*"
    return never_store(response)
