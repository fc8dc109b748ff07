"""Who may enter a staff page: signed in, with the duty it asks for, on the declaration it is about."""

from collections.abc import Callable, Container, Iterator
from functools import wraps
from typing import ParamSpec
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from werkzeug.datastructures import ImmutableMultiDict
from wtforms.validators import ValidationError

from petition.accounts import proving, sessions
from petition.accounts import scopes as known_scopes
from petition.accounts.cookies import CONSOLE, ConsoleSession, is_console
from petition.accounts.duties import Duty
from petition.accounts.present import (
    begin,
    bound,
    csrf_field,
    current,
    everywhere,
    is_bound,
    may,
    scope,
    scopes,
    signed_in,
    speak,
)
from petition.accounts.refusals import Refusal, TooManyTries
from petition.defence import clients, limits, origins
from petition.extensions import begin_writing, writing
from petition.headers import keep_private

__all__ = [
    "HOME",
    "answered",
    "ask_again",
    "begin",
    "bound",
    "brings_token",
    "csrf_field",
    "current",
    "everywhere",
    "init_app",
    "may",
    "prove_again",
    "safe_next",
    "scope",
    "scopes",
    "signed_in",
    "speak",
    "staff",
    "write_limit",
]
"""What other modules ask of the guard, and of who is ``present``."""

HOME = f"{CONSOLE}/"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
PROOF = ("again_password", "again_code")
"""The fields of the page that asks once more."""
SECRETS = frozenset({sessions.CSRF, *PROOF, "password", "new_password", "code", "passkey"})
"""Fields that no page brings along hidden; who sends them again types them again."""

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def init_app(app: Flask) -> None:
    app.before_request(_find_session)
    app.after_request(_keep_private)


def staff(duty: Duty | None, *, fresh: bool = False, writes: bool = True) -> Callable[[View[P]], View[P]]:
    """Let in who is signed in and has this duty; ``None`` asks for no duty at all.

    A ``fresh`` view opens only after password and second factor were given in the last five minutes; whoever
    did not is asked for them on a page that carries along what was posted. Every post has to bring the
    session's token. The view of a post runs in a transaction that writes, unless it says that it ``writes`` nothing:
    then nobody who signs waits for it.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            refused = _refusal(duty, fresh)
            if refused is not None:
                return refused
            if writes and request.method not in READING:
                # The month's key may have to be made, in a transaction that would wait for this one.
                clients.network_hash()
                begin_writing()
            return view(*args, **kwargs)

        guarded.duty, guarded.fresh = duty, fresh  # type: ignore[attr-defined]
        return guarded

    return guard


def write_limit(view: View[P]) -> View[P]:
    """Hold a staff view's posts to limits that a person at work does not reach; stands above ``staff``."""
    return limits.limit_posts_of(_who)(view)


def safe_next(target: str | None) -> str:
    """Where to go on after signing in: a page of the console, whatever a link may say."""
    parts = _split(target)
    if parts.scheme or parts.netloc or "\\" in parts.path or not is_console(parts.path):
        return HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def prove_again() -> Refusal | None:
    """Take the proof that was posted along, if it is right; the session gets a new token."""
    password, code = (request.form.get(name, "") for name in PROOF)
    try:
        proving.prove_again(current(), password, {**request.form, "code": code}, network=clients.network_hash())
    except Refusal as refusal:
        return refusal
    found = bound()
    assert found.row is not None
    with writing():
        found.bind(found.row, new_token=sessions.prove(found.row))
    # The view that runs now is to see its own fields only.
    request.form = ImmutableMultiDict(list(_fields(but=PROOF)))
    return None


def ask_again(refusal: Refusal | None = None, *, action: str, carried: list[tuple[str, str]]) -> Response:
    """The page that asks for password and second factor, and then goes on."""
    page = render_template("accounts/again.html", refusal=refusal, action=action, carried=carried)
    return answered(page, refusal, otherwise=403)


def answered(page: str, refusal: Refusal | None, *, otherwise: int = 200) -> Response:
    """The page, with the refusal's status and when to come again."""
    response = make_response(page, refusal.status if refusal else otherwise)
    if isinstance(refusal, TooManyTries):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def _find_session() -> None:
    """Find the session that the browser names, and speak its owner's language."""
    if not is_bound():
        return
    found = bound()
    row = sessions.find(found.token) if found.token else None
    if row is None:
        found.over = found.token is not None
        return
    found.bind(row)
    speak(row.account.language)


def _keep_private(response: Response) -> Response:
    return keep_private(response) if is_console(request.path) else response


def _refusal(duty: Duty | None, fresh: bool) -> ResponseReturnValue | None:
    """Why the view does not run, as an answer; None when it may. Aborts with 403 and 404."""
    found = bound()
    if found.row is None:
        return _sign_in(found)
    if found.row.proved_at is None:
        return redirect(url_for("accounts.second", next=_here()), code=303)
    sessions.touch(found.row)
    if request.method not in READING and not brings_token():
        return _send_again()
    if duty is not None:
        _check_duty(duty)
    return _prove_first() if fresh else None


def _sign_in(found: ConsoleSession) -> ResponseReturnValue:
    if found.token and request.method not in READING and _carried() and origins.is_ours():
        # The session ended while somebody was writing.
        return _send_again()
    return redirect(url_for("accounts.sign_in", next=_here()), code=303)


def _here() -> str:
    """The page to come back to: this one, or the one that a post was sent from."""
    if request.method in READING:
        return request.full_path.rstrip("?")
    return safe_next(_split(request.referrer).path) if origins.is_ours() else HOME


def _split(address: str | None) -> SplitResult:
    try:
        return urlsplit(address or "")
    except ValueError:
        return urlsplit("")


def brings_token() -> bool:
    try:
        validate_csrf(request.form.get(sessions.CSRF) or request.headers.get("X-CSRFToken"))
    except ValidationError:
        return False
    return True


def _send_again() -> ResponseReturnValue:
    """Nothing is done with a post that brings no token of this session; what our own page sent is not lost."""
    carried = _carried() if origins.is_ours() else []
    return make_response(render_template("accounts/send_again.html", carried=carried), 403)


def _carried() -> list[tuple[str, str]]:
    return list(_fields(but=SECRETS))


def _fields(*, but: Container[str]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in request.form.items(multi=True) if name not in but)


def _check_duty(duty: Duty) -> None:
    slug = (request.view_args or {}).get("slug")
    if slug is None:
        if not may(duty):
            abort(403)
        return
    g.scope = known_scopes.find(slug)
    if g.scope is None or g.scope < 0 or not any(grant.scope in (None, g.scope) for grant in current().grants):
        # Whether there is such a declaration is not for everybody to know.
        abort(404)
    if not may(duty, g.scope):
        abort(403)


def _prove_first() -> ResponseReturnValue | None:
    row = bound().row
    assert row is not None
    if sessions.is_fresh(row):
        return None
    if request.method in READING:
        return ask_again(action=url_for("accounts.again"), carried=[("next", _here())])
    refusal = None
    if PROOF[0] in request.form:
        refusal = prove_again()
        if refusal is None:
            return None
    return ask_again(refusal, action=request.full_path.rstrip("?"), carried=_carried())


def _who() -> str | None:
    """Whose posts are counted together: the account's, at each of its pages."""
    return f"staff {current().public_id} {request.endpoint}" if signed_in() else None
