"""Keep the tally true: note whatever a change does to the number, tell whoever listens, and count from the rows."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, cast, func, select, type_coerce
from sqlalchemy.sql import ColumnElement

from petition.columns import UtcDateTime
from petition.extensions import db
from petition.signatures import notices
from petition.signatures.models import Signature
from petition.tally import noting
from petition.tally.models import PERSON, Key
from petition.tally.noting import Place


@contextmanager
def noted(signature: Signature) -> Iterator[None]:
    """Note what the changes made inside do to the count, and tell it. The signature's row must be locked."""
    before = _place(signature)
    yield
    db.session.flush()
    after = _place(signature)
    if before == after:
        return
    if before:
        noting.note(before, -1)
    if after:
        noting.note(after, +1)
    if not before:
        notices.tell_counted(signature)
    elif not after:
        notices.tell_uncounted(signature)


def count_rows() -> Iterator[tuple[Key, int]]:
    """How many signatures count at each place: what a recount compares the tally with."""
    hour = hour_of(Signature.confirmed_at).label("hour")
    places = (Signature.declaration_id, hour, Signature.country, Signature.source, Signature.partner)
    query = select(*places, func.count()).where(Signature.counted)
    for declaration_id, at, country, source, partner, number in db.session.execute(query.group_by(*places)):
        yield (declaration_id, PERSON, at, country, source, partner), number


def hour_of(column: Any) -> ColumnElement[datetime]:
    """The full hour of a column's time, worked out by the database."""
    if db.engine.dialect.name == "sqlite":
        text = func.strftime("%Y-%m-%d %H:00:00.000000", cast(column, String))
        return type_coerce(text, UtcDateTime())
    return func.date_trunc("hour", cast(column, DateTime(timezone=True)), type_=UtcDateTime())


def count_texts(text_ids: Collection[int]) -> dict[int, int]:
    """How many signatures count under each of these texts; read from an index that holds nothing else."""
    query = select(Signature.text_id, func.count()).where(Signature.counted, Signature.text_id.in_(text_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Signature.text_id))}


def _place(signature: Signature) -> Place | None:
    if not signature.counted or signature.confirmed_at is None:
        return None
    at, country, source = signature.confirmed_at, signature.country, signature.source
    return Place(signature.declaration_id, at, country, source, signature.partner)
