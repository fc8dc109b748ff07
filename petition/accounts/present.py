"""Who is at work in this request: the session that its browser holds, and what its account was given."""

from typing import Any, cast

from flask import g, session
from flask_babel import refresh
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from petition.accounts import factors, sessions
from petition.accounts import scopes as known_scopes
from petition.accounts.cookies import ConsoleSession
from petition.accounts.duties import Duty, roles_with
from petition.accounts.factors import Factor
from petition.accounts.models import Account, StaffSession


def current() -> Account:
    """Who is signed in; only inside a guarded view."""
    row = bound().row
    assert row is not None, "this view is not guarded"
    return row.account


def signed_in() -> bool:
    """Whether somebody has given both password and second factor; for templates and for pages for everyone."""
    row = bound().row if is_bound() else None
    return row is not None and row.proved_at is not None


def may(duty: Duty, scope: int | None = None) -> bool:
    """Whether the account in hand has this duty on this scope; without one, on any."""
    theirs = scopes(duty)
    if theirs is None:
        return True
    return bool(theirs) if scope is None else scope in theirs


def scopes(duty: Duty) -> set[int] | None:
    """The scopes on which the account in hand has this duty; None means all."""
    roles = roles_with(duty)
    theirs = {grant.scope for grant in current().grants if grant.role in roles}
    return None if None in theirs else {scope for scope in theirs if scope is not None}


def everywhere(duty: Duty) -> bool:
    """Whether the account in hand has this duty on every declaration, those to come among them."""
    return scopes(duty) is None


def scope() -> int | None:
    """The scope of the declaration that this page is about, if it is about one."""
    return cast(int | None, g.get("scope"))


def bound() -> ConsoleSession:
    """Flask's ``session`` of a staff page."""
    return cast(ConsoleSession, session)


def begin(row: StaffSession, token: str) -> None:
    """Have the browser that asks hold this session from now on."""
    bound().bind(row, new_token=token)


def scope_name() -> str:
    """What people call the declaration that this page is about."""
    found = scope()
    return "" if found is None else known_scopes.name(found)


def again_factors() -> list[Factor]:
    """The second factors with which the account in hand may prove once more that it is them."""
    return factors.of(current())


def csrf_field() -> Markup:
    """The hidden field that every form of a staff page carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(sessions.CSRF, generate_csrf())


def page_values() -> dict[str, Any]:
    """What every staff template may ask for."""
    return {"signed_in": signed_in(), "me": current() if signed_in() else None}


def speak(language: str) -> None:
    """Have the page be in this language."""
    g.language = language
    refresh()


def is_bound() -> bool:
    """Whether this request is for a staff page."""
    return isinstance(session._get_current_object(), ConsoleSession)  # type: ignore[attr-defined]
