"""Sessions kept on the server: begun, found again by their cookie, renewed, ended."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from petition import clock, links
from petition.accounts.models import Account, StaffSession
from petition.extensions import db, writing

IDLE = timedelta(minutes=30)
"""Unused for so long, a session is over."""
LONGEST = timedelta(hours=12)
"""However much it is used, a session is over after this."""
FRESH_FOR = timedelta(minutes=5)
"""For so long after proving who one is, the graver acts ask no proof again."""
TOUCH_EVERY = timedelta(minutes=1)
"""How exact ``used_at`` is: not every page that is read writes a row."""
CSRF = "csrf_token"
"""Where Flask-WTF looks in ``session``. It is there from the beginning, so that no GET has to write it."""


def begin(account: Account, *, proved: bool, client: str = "") -> tuple[StaffSession, str]:
    """A new session and the token for its cookie. Until it is ``proved`` it opens only the second step."""
    token, now = links.new_token(), clock.now()
    row = StaffSession(
        digest=links.digest(token),
        account=account,
        data={CSRF: secrets.token_hex(20)},
        client=client[:60],
        created_at=now,
        used_at=now,
        proved_at=now if proved else None,
    )
    db.session.add(row)
    return row, token


def find(token: str) -> StaffSession | None:
    """The session of this cookie, unless it is over or its account is disabled."""
    now = clock.now()
    query = select(StaffSession).where(
        StaffSession.digest == links.digest(token),
        StaffSession.used_at > now - IDLE,
        StaffSession.created_at > now - LONGEST,
    )
    row = db.session.scalar(query)
    return row if row and row.account.active else None


def is_fresh(row: StaffSession) -> bool:
    return row.proved_at is not None and row.proved_at > clock.now() - FRESH_FOR


def prove(row: StaffSession) -> str:
    """Password and second factor were given now. Returns a new token: the old one opens nothing any more."""
    row.proved_at = clock.now()
    return rename(row)


def rename(row: StaffSession) -> str:
    """The same session under a new token."""
    token = links.new_token()
    row.digest = links.digest(token)
    return token


def touch(row: StaffSession) -> None:
    """Note that it is in use. Commits, because pages that are only read do so too."""
    now = clock.now()
    if row.used_at <= now - TOUCH_EVERY:
        with writing():
            db.session.execute(update(StaffSession).where(StaffSession.id == row.id).values(used_at=now))


def end(row: StaffSession) -> None:
    """End one session; ended twice is ended once."""
    db.session.execute(delete(StaffSession).where(StaffSession.id == row.id))


def end_all(account: Account, *, but: StaffSession | None = None) -> None:
    """End every session of this account, but for the one in hand."""
    query = delete(StaffSession).where(StaffSession.account_id == account.id)
    db.session.execute(query if but is None else query.where(StaffSession.id != but.id))


def of(account: Account) -> list[StaffSession]:
    """The open sessions of this account, the one used last first."""
    now = clock.now()
    query = (
        select(StaffSession)
        .where(StaffSession.account_id == account.id)
        .where(StaffSession.used_at > now - IDLE, StaffSession.created_at > now - LONGEST)
        .order_by(StaffSession.used_at.desc(), StaffSession.id.desc())
    )
    return list(db.session.scalars(query))


def purge(most: int) -> int:
    """Remove a batch of sessions that are over; returns how many went."""
    now = clock.now()
    over = select(StaffSession.id).where(
        (StaffSession.used_at <= now - IDLE) | (StaffSession.created_at <= now - LONGEST)
    )
    removed = db.session.execute(delete(StaffSession).where(StaffSession.id.in_(over.limit(most))))
    return int(removed.rowcount)  # type: ignore[attr-defined]
