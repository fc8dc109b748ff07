"""Repeating: what a program sends again under the same key is stored once, and answered alike."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from flask_babel import lazy_gettext
from sqlalchemy import delete, select

from petition import clock, keys, storing
from petition.api.models import IdempotencyKey
from petition.api.problems import KEY_REUSED, NOT_UNDERSTOOD
from petition.api.refusals import Refused
from petition.extensions import db
from petition.privacy.keepers import PURGE_BATCH, Keeper
from petition.storing import Row

KEEP = timedelta(hours=24)
_SHAPE = re.compile(r"[!-~]{1,255}")
_UNREADABLE = lazy_gettext("The header Idempotency-Key must have 1 to 255 printable characters of ASCII, and no space.")


@dataclass(frozen=True)
class Attempt:
    """One sending of a body under a key; both as keyed hashes."""

    digest: bytes
    body: bytes

    @classmethod
    def read(cls, key: str, body: bytes, *, partner: str, slug: str) -> Self:
        """A key is its partner's own, for one declaration. Raises Refused where it cannot be one."""
        if not _SHAPE.fullmatch(key):
            raise Refused(NOT_UNDERSTOOD, detail=_UNREADABLE)
        ring = keys.ring()
        return cls(
            digest=ring.lookup("idempotency key", f"{partner} {slug} {key}"),
            body=ring.lookup("idempotent body", body.decode()),
        )

    @property
    def row(self) -> Row:
        return Row(IdempotencyKey, {"digest": self.digest, "body": self.body, "created_at": clock.now()})


def store(attempt: Attempt, *rows: Row) -> None:
    """Store these rows and the key as one fact, unless the key was there; of many at once one stores.

    Raises Refused where the key came with another body.
    """
    with storing.one_transaction() as connection:
        # Again, if the key was purged between the two statements.
        while not storing.insert_unless_there(connection, attempt.row, unique=["digest"], with_it=rows):
            known = connection.scalar(select(IdempotencyKey.body).where(IdempotencyKey.digest == attempt.digest))
            if known is not None:
                _refuse_unless_same(attempt, known)
                return


def was_stored(attempt: Attempt) -> bool:
    """Whether this very sending was accepted before. Raises Refused where the key came with another body."""
    known = db.session.scalar(select(IdempotencyKey.body).where(IdempotencyKey.digest == attempt.digest))
    if known is None:
        return False
    _refuse_unless_same(attempt, known)
    return True


def purge() -> int:
    """Remove a batch of the keys that have been kept for their time. Ids go by time, so it needs no index for that."""
    first = (
        select(IdempotencyKey.id, IdempotencyKey.created_at).order_by(IdempotencyKey.id).limit(PURGE_BATCH).subquery()
    )
    old = select(first.c.id).where(first.c.created_at < clock.now() - KEEP)
    removed = db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(old)))
    return int(removed.rowcount)  # type: ignore[attr-defined]


# Nothing in a key's row leads to a person, so there is nothing to hand out or to forget.
KEEPER = Keeper("api", access=lambda person: {}, forget=lambda person: [], purge=purge)


def _refuse_unless_same(attempt: Attempt, known: bytes) -> None:
    if known != attempt.body:
        raise Refused(KEY_REUSED)
