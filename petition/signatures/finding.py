"""Find, for staff: every signature and pending submission whatever its state, narrowed, paged by key both ways."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal_column, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from petition import keys
from petition.addresses import Address
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures import cursors, searching
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Channel, Signature, State, Submission
from petition.signatures.states import HELD, INVALIDATED, WITHDRAWN

PAGE = 50
Place = tuple[Any, str]
"""What a list goes by (a time or a name's key), and a public id."""


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; what is empty narrows nothing. They may be combined."""

    name: str = ""
    state: State | None = None
    country: str = ""
    source: str = ""
    channel: str = ""
    visibility: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""


@dataclass(frozen=True)
class Page:
    """One page; ``before`` and ``after`` are the cursors of those on either side, or None at an end."""

    rows: Sequence[Signature | Submission] = ()
    before: str | None = None
    after: str | None = None


def find(declaration: Declaration, wanted: Wanted, *, before: str | None = None, after: str | None = None) -> Page:
    """The newest first, or by name where one is searched. Raises NoSuchPlace.

    What is pending is found by its own times, and not by name: submissions have no search keys.
    """
    if wanted.state is State.PENDING:
        waiting = select(Submission).where(Submission.declaration_id == declaration.id, *_pending(wanted))
        return _by_time(waiting, Submission, Submission.created_at, before, after)
    if wanted.name:
        return _by_name(declaration, wanted, before, after)
    query = select(Signature).where(*_narrowed(declaration, wanted))
    return _by_time(query, Signature, Signature.confirmed_at, before, after)


def find_by_address(declaration: Declaration, address: Address) -> tuple[Signature | None, list[Submission]]:
    """What this very mailbox has here: the signature, and what was sent for it, newest first."""
    mailbox = Mailbox(declaration, keys.ring().lookup("mailbox", address.canonical))
    query = select(Submission).where(Submission.declaration_id == declaration.id, Submission.mailbox == mailbox.key)
    return mailbox.find_signature(), list(db.session.scalars(query.order_by(Submission.id.desc())))


def find_submission(declaration: Declaration, public_id: str) -> Submission | None:
    query = select(Submission).where(Submission.declaration_id == declaration.id, Submission.public_id == public_id)
    return db.session.scalar(query)


def find_signature(declaration: Declaration, public_id: str) -> Signature | None:
    query = select(Signature).where(Signature.declaration_id == declaration.id, Signature.public_id == public_id)
    return db.session.scalar(query)


_STANDS = and_(Signature.erased_at.is_(None), not_(WITHDRAWN))
_STATES: dict[State, tuple[ColumnElement[bool], ...]] = {
    # After the retention these name nobody any more, and count all the same.
    State.COUNTED: (and_(Signature.counted),),
    State.HELD: (HELD, _STANDS, not_(INVALIDATED)),
    State.WITHDRAWN: (WITHDRAWN, Signature.erased_at.is_(None)),
    State.INVALIDATED: (INVALIDATED, _STANDS),
    State.ERASED: (Signature.erased_at.is_not(None),),
}
"""The same rules as in ``Signature.state``; each begins with what its index is of."""


def _narrowed(declaration: Declaration, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Signature.declaration_id == declaration.id, *_alike(Signature, wanted)]
    if wanted.state is not None:
        conditions += _STATES[wanted.state]
    return [*conditions, *_within(Signature.confirmed_at, wanted)]


def _pending(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Submission.confirmed_at.is_(None), *_alike(Submission, wanted)]
    return [*conditions, *_within(Submission.created_at, wanted)]


def _alike(table: type[Signature] | type[Submission], wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    for name in ("country", "visibility", "channel", "source"):
        if value := getattr(wanted, name):
            yield getattr(table, name) == value
    # Said as the indexes say it, or they would not be found.
    if wanted.channel and wanted.channel != Channel.WEB:
        yield table.channel != literal_column("'web'")
    if wanted.source:
        yield table.source != literal_column("''")


def _within(column: InstrumentedAttribute[Any], wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.since is not None:
        yield column >= wanted.since
    if wanted.until is not None:
        yield column < wanted.until


def _by_time(
    query: Select[Any],
    table: type[Signature] | type[Submission],
    column: InstrumentedAttribute[Any],
    before: str | None,
    after: str | None,
) -> Page:
    order = tuple_(column, table.public_id)
    if before is not None:
        query = query.where(order > cursors.moment_of(before)).order_by(column, table.public_id)
    else:
        query = query.order_by(column.desc(), table.public_id.desc())
    if after is not None:
        query = query.where(order < cursors.moment_of(after))
    rows = db.session.scalars(query.limit(PAGE + 1)).all()
    return _page(rows, lambda row: cursors.at_moment(getattr(row, column.key), row.public_id), before, after)


def _by_name(declaration: Declaration, wanted: Wanted, before: str | None, after: str | None) -> Page:
    """Those whose name, or whose last word of it, begins so; who is found both ways stands where the name does."""
    cursor = before if before is not None else after
    place = None if cursor is None else cursors.key_of(cursor)
    prefix = searching.key(wanted.name)
    if prefix is None:
        return Page()
    found = db.session.execute(_found_by_name(declaration, wanted, prefix, place, backwards=before is not None)).all()
    keys_of = {row.Signature: row.key for row in found}
    return _page(list(keys_of), lambda row: cursors.at_key(keys_of[row], row.public_id), before, after)


def _found_by_name(
    declaration: Declaration, wanted: Wanted, prefix: str, place: Place | None, *, backwards: bool
) -> Select[Any]:
    narrowed = _narrowed(declaration, wanted)
    not_by_name = or_(Signature.search_name.is_(None), not_(_begins(Signature.search_name, prefix)))
    parts = []
    for column, more in ((Signature.search_name, ()), (Signature.search_turned, (not_by_name,))):
        query = select(Signature.id, Signature.public_id, column.label("key"))
        query = query.where(*narrowed, _begins(column, prefix), *more).limit(PAGE + 1)
        order = tuple_(column, Signature.public_id)
        if place:
            query = query.where(order < place if backwards else order > place)
        parts.append(query.order_by(*_turned((column, Signature.public_id), backwards)).subquery())
    found = union_all(*(select(*part.c) for part in parts)).subquery()
    joined = select(Signature, found.c.key).join(found, Signature.id == found.c.id)
    return joined.order_by(*_turned((found.c.key, found.c.public_id), backwards)).limit(PAGE + 1)


def _turned(columns: Iterable[Any], backwards: bool) -> list[Any]:
    return [column.desc() if backwards else column for column in columns]


def _begins(column: InstrumentedAttribute[str | None], prefix: str) -> ColumnElement[bool]:
    return and_(column >= prefix, column < searching.end_of(prefix))


def _page(rows: Sequence[Any], cursor: Callable[[Any], str], before: str | None, after: str | None) -> Page:
    """The page of these rows, one of which may be too many and tell that there are more."""
    more, shown = len(rows) > PAGE, list(rows[:PAGE])
    if before is not None:
        shown.reverse()
    if not shown:
        return Page()
    has_before, has_after = (more, True) if before is not None else (after is not None, more)
    return Page(
        shown,
        before=cursor(shown[0]) if has_before else None,
        after=cursor(shown[-1]) if has_after else None,
    )
