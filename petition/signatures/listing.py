"""Signatories who chose to be seen, newest first, paged by key."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, tuple_

from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures.models import SHOWN, Signature

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_CURSOR = 80


class CursorRefused(ValueError):
    """This names no place in the list."""


@dataclass(frozen=True)
class Page:
    """One page of the list; ``next`` is the cursor of the page after it, or None at the end."""

    signatories: list[Signature]
    next: str | None


def page(declaration: Declaration, *, after: str | None = None) -> Page:
    """The page that follows the cursor, or the first. Raises CursorRefused."""
    query = (
        select(Signature)
        .where(Signature.declaration_id == declaration.id, SHOWN)
        .order_by(Signature.confirmed_at.desc(), Signature.public_id.desc())
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(tuple_(Signature.confirmed_at, Signature.public_id) < _place(after))
    rows = list(db.session.scalars(query))
    shown = rows[:PAGE]
    return Page(shown, _cursor(shown[-1]) if len(rows) > PAGE else None)


def _cursor(signature: Signature) -> str:
    assert signature.confirmed_at is not None
    micros = (signature.confirmed_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{micros}.{signature.public_id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, str]:
    if len(cursor) > _LONGEST_CURSOR or not cursor.isascii():
        raise CursorRefused
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        micros, _, public_id = text.partition(".")
        if "\0" in public_id:
            raise CursorRefused
        return _EPOCH + timedelta(microseconds=int(micros)), public_id
    except (binascii.Error, UnicodeDecodeError, ValueError, OverflowError) as problem:
        raise CursorRefused from problem
