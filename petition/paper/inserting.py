"""Insert: many signatures on paper in few statements, because on SQLite nobody can sign meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import insert as insert_rows

from petition.extensions import Base, db, insert_into
from petition.outbox import posting
from petition.outbox.models import Mail
from petition.paper.entries import Ready
from petition.signatures.models import Consent, Signature
from petition.tally import noting
from petition.tally.models import Change
from petition.tally.noting import Place

BATCH = 1_000

Progress = Callable[[int, int], None]


def insert(ready: Sequence[Ready], *, progress: Progress | None = None) -> set[str]:
    """Make the signatures with their consents, mails and changes of the count; returns their public ids.

    One whose mailbox has signed since it was looked for is left out.
    """
    made: set[str] = set()
    for start in range(0, len(ready), BATCH):
        made |= _insert(ready[start : start + BATCH])
        if progress:
            progress(min(start + BATCH, len(ready)), len(ready))
    return made


def _insert(ready: Sequence[Ready]) -> set[str]:
    unless_there = insert_into(Signature).on_conflict_do_nothing(index_elements=("declaration_id", "mailbox"))
    returning = unless_there.returning(Signature.__table__.c.public_id, Signature.__table__.c.id)
    rows = db.session.connection().execute(returning, [each.values for each in ready])
    ids: dict[str, int] = {row.public_id: row.id for row in rows}
    made = [each for each in ready if each.public_id in ids]
    _add(Consent, [consent for each in made for consent in _consents(each, ids[each.public_id])])
    _add(Mail, [mail for each in made for mail in _mails(each)])
    _add(Change, _changes(made))
    return set(ids)


def _add(table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(insert_rows(table), rows)


def _consents(ready: Ready, its_id: int) -> Iterator[dict[str, Any]]:
    for worded in ready.consents:
        yield {"signature_id": its_id, "given_at": ready.values["confirmed_at"], **worded}


def _mails(ready: Ready) -> Iterator[dict[str, Any]]:
    """Who gave an address gets the personal link."""
    signature = ready.values
    if signature["mailbox"]:
        scope, mailbox, language = (signature[name] for name in ("declaration_id", "mailbox", "language"))
        yield posting.waiting("signed", ready.public_id, scope=scope, mailbox=mailbox, language=language).values


def _changes(made: Sequence[Ready]) -> list[dict[str, Any]]:
    """One for each place, however many signed there."""
    places = ("declaration_id", "confirmed_at", "country", "source")
    found = Counter(Place(*(each.values[name] for name in places)) for each in made)
    return [noting.change(place, number).values for place, number in found.items()]
