"""Flask's ``session`` for staff pages: kept in the session's row; the browser holds nothing but its name."""

from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import update
from werkzeug.datastructures import CallbackDict

from petition.accounts.models import StaffSession
from petition.extensions import db, writing

COOKIE = "__Host-session"
"""By this prefix browsers keep it to this host alone, to encrypted connections and to the whole site (RFC 6265bis)."""
CONSOLE = "/console"


class ConsoleSession(CallbackDict[str, Any], SessionMixin):
    """What Flask calls ``session`` under /console. Without a row it holds nothing that stays."""

    modified = False

    def __init__(self, token: str | None = None) -> None:
        super().__init__(None, lambda session: setattr(session, "modified", True))
        self.token = token
        """What the browser sent."""
        self.row: StaffSession | None = None
        self.row_id: int | None = None
        self.new_token: str | None = None
        """For the cookie of the answer."""
        self.over = False
        """Whether the answer takes the cookie away."""

    def bind(self, row: StaffSession, *, new_token: str | None = None) -> None:
        """Be this row's session, from now on under a new token if there is one."""
        db.session.flush()
        self.row, self.row_id = row, row.id
        self.clear()
        self.update(row.data)
        self.modified = False
        self.new_token, self.over = new_token or self.new_token, False

    def drop(self) -> None:
        self.row = self.row_id = self.new_token = None
        self.clear()
        self.modified, self.over = False, True


class ServerSessions(SessionInterface):
    """The public has no session and gets no cookie; staff have one that lies in the database."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        if not is_console(request.path):
            return self.make_null_session(app)
        return ConsoleSession(request.cookies.get(COOKIE))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ConsoleSession)
        if session.modified and session.row_id is not None:
            with writing():
                kept = update(StaffSession).where(StaffSession.id == session.row_id)
                db.session.execute(kept.values(data=dict(session)))
        if session.new_token:
            response.set_cookie(COOKIE, session.new_token, secure=True, httponly=True, samesite="Lax", path="/")
        elif session.over:
            response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")


def is_console(path: str) -> bool:
    return path == CONSOLE or path.startswith(f"{CONSOLE}/")
