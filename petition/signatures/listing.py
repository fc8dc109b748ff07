"""Signatories who chose to be seen: the newest first, or by name where one is searched; paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, Subquery, and_, func, not_, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures import cursors, searching
from petition.signatures.filtering import FOUNDING, Filters
from petition.signatures.models import SHOWN, Signature
from petition.signatures.refusals import NoSuchPlace

PAGE = 50
EVERYONE = Filters()


@dataclass(frozen=True)
class Page:
    """One page of the list; ``next`` is the cursor of the page after it, or None at the end."""

    signatories: Sequence[Signature] = ()
    next: str | None = None


def page(declaration: Declaration, filters: Filters = EVERYONE, *, after: str | None = None) -> Page:
    """The page that follows the cursor, or the first. Raises NoSuchPlace."""
    if filters.kind == FOUNDING:
        return _none(after)
    if filters.name:
        return _by_name(declaration, filters, after)
    rows = db.session.scalars(newest_first(declaration, filters, after)).all()
    if not rows:
        return Page()
    shown = rows[:PAGE]
    last = shown[-1]
    assert last.confirmed_at is not None, "what is shown is confirmed"
    return Page(shown, cursors.at_moment(last.confirmed_at, last.public_id) if len(rows) > PAGE else None)


def newest_first(declaration: Declaration, filters: Filters, after: str | None) -> Select[Signature]:
    query = (
        select(Signature)
        .where(*_narrowed(declaration, filters))
        .order_by(Signature.confirmed_at.desc(), Signature.public_id.desc())
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(tuple_(Signature.confirmed_at, Signature.public_id) < cursors.moment_of(after))
    return query


def countries_shown(declaration: Declaration) -> list[str]:
    """The countries of those who are on the list. It leaps from one to the next in the index and counts nobody."""
    here = select(func.min(Signature.country).label("code")).where(Signature.declaration_id == declaration.id, SHOWN)
    found = here.cte("found", recursive=True)
    following = here.where(Signature.country > found.c.code).scalar_subquery()
    found = found.union_all(select(following).where(found.c.code.is_not(None)))
    return list(db.session.scalars(select(found.c.code).where(found.c.code.is_not(None))))


def _by_name(declaration: Declaration, filters: Filters, after: str | None) -> Page:
    """Those whose name, or whose last word of it, begins so; who is found both ways stands where the name does."""
    place = None if after is None else cursors.key_of(after)
    prefix = searching.key(filters.name)
    if prefix is None:
        return Page()
    rows = db.session.execute(found_by_name(declaration, filters, prefix, place)).all()
    shown = [row.Signature for row in rows[:PAGE]]
    return Page(shown, cursors.at_key(rows[PAGE - 1].key, rows[PAGE - 1].public_id) if len(rows) > PAGE else None)


def found_by_name(
    declaration: Declaration, filters: Filters, prefix: str, place: tuple[str, str] | None
) -> Select[Signature, str, str]:
    """Signatures with the key by which each was found, whose order is the list's."""
    narrowed = _narrowed(declaration, filters)
    by_name = _found_in(Signature.search_name, narrowed, prefix, place)
    by_last_word = _found_in(
        Signature.search_turned, [*narrowed, not_(_begins(Signature.search_name, prefix))], prefix, place
    )
    found = union_all(select(*by_name.c), select(*by_last_word.c)).subquery()
    return (
        select(Signature, found.c.key, found.c.public_id)
        .join(found, Signature.id == found.c.id)
        .order_by(found.c.key, found.c.public_id)
        .limit(PAGE + 1)
    )


def _found_in(
    column: InstrumentedAttribute[str | None],
    narrowed: Sequence[ColumnElement[bool]],
    prefix: str,
    place: tuple[str, str] | None,
) -> Subquery:
    query = (
        select(Signature.id, Signature.public_id, column.label("key"))
        .where(*narrowed, _begins(column, prefix))
        .order_by(column, Signature.public_id)
        .limit(PAGE + 1)
    )
    if place:
        query = query.where(tuple_(column, Signature.public_id) > place)
    return query.subquery()


def _narrowed(declaration: Declaration, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Signature.declaration_id == declaration.id, SHOWN]
    if filters.country:
        conditions.append(Signature.country == filters.country)
    if filters.sector:
        conditions.append(Signature.sector == filters.sector)
    return conditions


def _none(after: str | None) -> Page:
    """Nobody who signed here is asked for; those whom the declaration names stand on the first page alone."""
    if after is not None:
        raise NoSuchPlace
    return Page()


def _begins(column: InstrumentedAttribute[str | None], prefix: str) -> ColumnElement[bool]:
    # A range, because LIKE would need its wildcards escaped and would miss the index on some databases.
    return and_(column >= prefix, column < searching.end_of(prefix))
