"""The audit trail: what staff did, when, why and from where, in one chain that only grows."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, current_app, has_request_context, session
from flask_babel import LazyString, gettext
from sqlalchemy import func, insert, select

from petition import clock
from petition.accounts import trail_keeping, trail_sealing
from petition.accounts.cookies import ConsoleSession
from petition.accounts.models import Account
from petition.accounts.trail_models import TrailEntry
from petition.accounts.trail_sealing import START, canonical, hashed, new_salt
from petition.defence import clients
from petition.extensions import db

COMMAND = "command"
"""Who acts where nobody is signed in: somebody at the machine."""
LOCK = 7_305_112_008
"""PostgreSQL's advisory lock under which the chain grows. Taken as late as can be: record last, then commit."""


def register(app: Flask, acts: Mapping[str, LazyString]) -> None:
    """The acts of a room, and what people call them."""
    known: dict[str, LazyString] = app.extensions.setdefault("petition.acts", {})
    known.update(acts)


def acts() -> Mapping[str, LazyString]:
    known: dict[str, LazyString] = current_app.extensions.get("petition.acts", {})
    return known


def record(
    act: str, *, scope: int | None = None, subject: str = "", why: str = "", by: Account | None = None, **detail: Any
) -> None:
    """Enter what was done. It stands if the caller commits, and the chain waits for that: record last.

    ``by`` is needed only where nobody is signed in yet. Personal data goes into ``why`` and ``detail`` alone,
    because only they can be emptied.
    """
    assert act in acts(), f"nobody registered the act {act}"
    number, previous = _grow()
    network = clients.address() if has_request_context() else None
    told = canonical({"why": why, **detail} if why else detail)
    salt, network_salt = new_salt(), new_salt()
    values: dict[str, Any] = {
        "number": number,
        "at": clock.now(),
        "account": by.public_id if by else _who(),
        "act": act,
        "scope": scope,
        "subject": subject or None,
        "detail": told,
        "salt": salt,
        "detail_digest": hashed(salt, told),
        "network": network,
        "network_salt": network_salt if network else None,
        "network_digest": hashed(network_salt, network) if network else None,
        "previous": previous,
    }
    db.session.execute(insert(TrailEntry).values(**values, digest=trail_sealing.digest_of(values)))


empty = trail_keeping.empty


def name_of(act: str) -> str:
    """What people call it; an act of a room that is no more keeps its own word."""
    return str(acts().get(act, act))


def detail_of(entry: TrailEntry) -> dict[str, Any]:
    """Its reason, as ``why``, and its values; nothing where it was emptied."""
    told: dict[str, Any] = json.loads(entry.detail) if entry.detail else {}
    return told


def names(accounts: Iterable[str]) -> dict[str, str]:
    """What those who acted are called now, by what the entries say; who is gone or has no name yet is left out."""
    named = select(Account.public_id, Account.name).where(Account.public_id.in_(set(accounts)), Account.name != "")
    return {COMMAND: gettext("At the machine"), **{row.public_id: row.name for row in db.session.execute(named)}}


def _grow() -> tuple[int, bytes]:
    """The next number and the digest it builds on; nobody else gets them before this transaction ends."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    last = db.session.execute(
        select(TrailEntry.number, TrailEntry.digest).order_by(TrailEntry.number.desc()).limit(1)
    ).first()
    return (last.number + 1, last.digest) if last else (1, START)


def _who() -> str:
    found = session._get_current_object() if has_request_context() else None  # type: ignore[attr-defined]
    row = found.row if isinstance(found, ConsoleSession) else None
    return row.account.public_id if row else COMMAND
