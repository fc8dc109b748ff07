"""Add endpoints, switch them on and off, change their secrets, and find them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Select, func, select

from petition import clock, keys
from petition.extensions import db
from petition.webhooks import events, outcomes, standard
from petition.webhooks.failures import Disabled
from petition.webhooks.models import ON, WebhookEndpoint
from petition.webhooks.refusals import AlreadyThere, NoEvents, TooMany
from petition.webhooks.targets import Target

MOST = 20
"""Endpoints of one owner that are on and hear of one scope: each costs whoever confirms a signature a row."""
LOCK = 730_511
"""PostgreSQL's advisory lock, with each owner's hash beside it."""
BOTH_FOR = timedelta(hours=24)
"""How long two secrets sign after a rotation."""


def add(target: Target, *, owner: str, scope: int | None, hears: Iterable[str]) -> tuple[WebhookEndpoint, str]:
    """Have a target, which was looked up and checked, hear of these events; returns it and its secret.

    The secret is told this once; afterwards it is kept encrypted. Raises NoEvents, AlreadyThere and TooMany.
    """
    chosen = sorted(set(hears))
    if not chosen or not set(chosen) <= events.open_to(owner).keys():
        raise NoEvents
    _lock_all_of(owner)
    if any(each.on and each.url == target.url for each in all_of(owner=owner, scope=scope)):
        raise AlreadyThere
    _refuse_too_many(owner, scope)
    secret = standard.new_secret()
    endpoint = WebhookEndpoint(
        owner=owner,
        scope=scope,
        url=target.url,
        events=chosen,
        secret=keys.ring().encrypt(secret),
        created_at=clock.now(),
    )
    db.session.add(endpoint)
    db.session.flush()
    return endpoint, secret


def rotate(endpoint: WebhookEndpoint) -> str:
    """A new secret, told this once; the one before goes on signing beside it for 24 hours."""
    secret = standard.new_secret()
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, clock.now() + BOTH_FOR
    endpoint.secret = keys.ring().encrypt(secret)
    return secret


def disable(endpoint: WebhookEndpoint) -> bool:
    """Have it hear of nothing more; False if it was disabled already."""
    if not endpoint.on:
        return False
    outcomes.disable(endpoint, Disabled.STAFF)
    return True


def enable(endpoint: WebhookEndpoint) -> bool:
    """Have it hear of events again, and of what still waits for it; False if it was enabled. Raises TooMany."""
    if endpoint.on:
        return False
    _lock_all_of(endpoint.owner)
    _refuse_too_many(endpoint.owner, endpoint.scope)
    assert endpoint.disabled_at is not None, "what is not on was disabled"
    endpoint.enabled_at = max(clock.now(), endpoint.disabled_at)
    endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
    return True


def find(public_id: str) -> WebhookEndpoint | None:
    return db.session.scalar(_of(public_id))


def lock(public_id: str) -> WebhookEndpoint | None:
    """The same for a change; whoever stores a notice only points at this row, and does not wait."""
    return db.session.scalar(_of(public_id).with_for_update(key_share=True))


def all_of(*, owner: str, scope: int | None) -> Sequence[WebhookEndpoint]:
    """Those of this owner that hear of this scope alone, or (None) of every one; oldest first."""
    theirs = WebhookEndpoint.owner == owner, WebhookEndpoint.scope.is_not_distinct_from(scope)
    return db.session.scalars(select(WebhookEndpoint).where(*theirs).order_by(WebhookEndpoint.id)).all()


def owned_by(owner: str) -> Sequence[WebhookEndpoint]:
    """All of this owner's, whatever they hear of; oldest first."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.owner == owner)
    return db.session.scalars(query.order_by(WebhookEndpoint.id)).all()


def every() -> Sequence[WebhookEndpoint]:
    return db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)).all()


def _of(public_id: str) -> Select[WebhookEndpoint]:
    # A shell may hand over bytes that no database takes.
    known = public_id if public_id.isascii() and "\0" not in public_id else ""
    return select(WebhookEndpoint).where(WebhookEndpoint.public_id == known)


def _lock_all_of(owner: str) -> None:
    """Let nobody else add to this owner's, or enable one, until the transaction ends; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK, func.hashtext(owner))))


def _refuse_too_many(owner: str, scope: int | None) -> None:
    """What hears of every scope counts for each; one more of those must find room beside the fullest."""
    query = select(WebhookEndpoint.scope, func.count()).where(ON, WebhookEndpoint.owner == owner)
    numbers = {row[0]: row[1] for row in db.session.execute(query.group_by(WebhookEndpoint.scope))}
    of_every = numbers.pop(None, 0)
    of_it = max(numbers.values(), default=0) if scope is None else numbers.get(scope, 0)
    if of_every + of_it >= MOST:
        raise TooMany
