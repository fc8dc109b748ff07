"""Encrypt everything that is encrypted under the newest data key, so that older ones can be given up."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import LargeBinary, func, select, tuple_, update

from petition import keys
from petition.extensions import db, writing
from petition.keys import KEY_ID_BYTES
from petition.privacy.models import KeyCheck

BATCH = 500


def rekey() -> Iterator[tuple[str, int]]:
    """Each column that holds encrypted values, and how many of them were encrypted anew; commits by itself.

    What is under the newest key already is passed over, so that whoever was killed goes on. When all is done, the
    checks of the older keys go: without them the database starts without those keys.
    """
    for column in keys.encrypted_columns():
        number = _rekey(column)
        # What was written under an older key meanwhile, by a process that is about to end.
        while again := _rekey(column):
            number += again
        yield str(column), number
    with writing():
        _forget_older_checks()


def _rekey(column: Any) -> int:
    key = tuple(column.table.primary_key)
    last: Sequence[Any] | None = None
    number = 0
    while True:
        with writing():
            rows = _older(column, key, after=last)
            number += sum(_encrypt(column, key, row) for row in rows)
        if len(rows) < BATCH:
            return number
        last = rows[-1][:-1]


def _older(column: Any, key: tuple[Any, ...], *, after: Sequence[Any] | None) -> Sequence[Any]:
    """A batch of those under another key, in the order of their keys; each one's key, then the value."""
    query = select(*key, column).where(
        column.is_not(None), func.substr(column, 1, KEY_ID_BYTES, type_=LargeBinary) != keys.ring().current
    )
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return db.session.execute(query.order_by(*key).limit(BATCH)).all()


def _encrypt(column: Any, key: tuple[Any, ...], row: Any) -> int:
    """Under the newest key, unless the value has changed meanwhile: whoever changed it did so."""
    value, ring = row[-1], keys.ring()
    same = tuple_(*key) == tuple_(*row[:-1])
    changing = update(column.table).where(same, column == value)
    done = db.session.connection().execute(changing.values({column.name: ring.encrypt(ring.decrypt(value))}))
    return int(done.rowcount)


def _forget_older_checks() -> None:
    current = f"data {keys.ring().current.hex()}"
    for check in db.session.scalars(select(KeyCheck).where(KeyCheck.name.like("data %"), KeyCheck.name != current)):
        db.session.delete(check)
