"""Who hears of an event: known for a second in each process, so that where nobody listens, telling costs nothing."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from petition.extensions import db
from petition.webhooks.models import ON, WebhookEndpoint

KEEP_SECONDS = 1.0


@dataclass(frozen=True)
class Listener:
    endpoint_id: int
    owner: str
    scope: int | None
    events: frozenset[str]

    def hears(self, event: str, scope: int, owners: Collection[str] | None) -> bool:
        concerned = owners is None or self.owner in owners
        return concerned and event in self.events and self.scope in (None, scope)


@dataclass(frozen=True)
class _Known:
    listeners: tuple[Listener, ...]
    until: float


def find(event: str, *, scope: int, owners: Collection[str] | None) -> list[int]:
    """The ids of the endpoints, of these owners or (None) of every one, that hear of this event in this scope."""
    return [each.endpoint_id for each in _listeners() if each.hears(event, scope, owners)]


def forget() -> None:
    """Ask the database anew at once: what this process has just changed must not be a second late for it."""
    current_app.extensions.pop("petition.listeners", None)


def _listeners() -> tuple[Listener, ...]:
    kept: _Known | None = current_app.extensions.get("petition.listeners")
    if kept is None or kept.until <= time.monotonic():
        kept = _Known(_ask(), time.monotonic() + KEEP_SECONDS)
        current_app.extensions["petition.listeners"] = kept
    return kept.listeners


def _ask() -> tuple[Listener, ...]:
    columns = (WebhookEndpoint.id, WebhookEndpoint.owner, WebhookEndpoint.scope, WebhookEndpoint.events)
    # Through the connection in hand: whoever holds SQLite's write lock must not wait for another one from the pool,
    # where others hold all of them and wait for the lock.
    rows = db.session.connection().execute(select(*columns).where(ON).order_by(WebhookEndpoint.id)).all()
    return tuple(Listener(row.id, row.owner, row.scope, frozenset(row.events)) for row in rows)
