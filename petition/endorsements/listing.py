"""Organisations whose endorsement was approved, newest first, paged by key; and how many there are."""

from dataclasses import dataclass

from sqlalchemy import select, tuple_

from petition.declarations.models import Declaration
from petition.endorsements import sites
from petition.endorsements.models import Endorsement
from petition.extensions import db
from petition.tally import noting
from petition.tally.models import ORGANISATION

PAGE = 50
NEWEST = 6
"""As many as a declaration's own page shows."""


class CursorRefused(ValueError):
    """This names no place in the list."""


@dataclass(frozen=True)
class Organisation:
    """What the public sees of an endorsement."""

    name: str
    country: str
    site: str

    @property
    def host(self) -> str:
        return sites.host(self.site)


@dataclass(frozen=True)
class Page:
    """One page of the list; ``next`` is the cursor of the page after it, or None at the end."""

    organisations: list[Organisation]
    next: str | None


@dataclass(frozen=True)
class Declared:
    """What a declaration's own page shows of its endorsements."""

    count: int
    newest: list[Organisation]


def declared(declaration: Declaration) -> Declared:
    return Declared(count(declaration), first(declaration, NEWEST))


def first(declaration: Declaration, n: int) -> list[Organisation]:
    """The newest few."""
    return [_seen(row) for row in _rows(declaration, n)]


def count(declaration: Declaration) -> int:
    """As many as the tally holds, which follows within seconds."""
    tally = noting.find(declaration.id, kind=ORGANISATION)
    return tally.count if tally else 0


def page(declaration: Declaration, *, after: str | None = None) -> Page:
    """The page that follows the endorsement with this public id, or the first. Raises CursorRefused."""
    rows = _rows(declaration, PAGE + 1, after=after)
    shown = rows[:PAGE]
    return Page([_seen(row) for row in shown], shown[-1].public_id if len(rows) > PAGE else None)


def _rows(declaration: Declaration, n: int, *, after: str | None = None) -> list[Endorsement]:
    query = (
        select(Endorsement)
        .where(Endorsement.declaration_id == declaration.id, Endorsement.counted)
        .order_by(Endorsement.approved_at.desc(), Endorsement.public_id.desc())
        .limit(n)
    )
    if after is not None:
        query = query.where(tuple_(Endorsement.approved_at, Endorsement.public_id) < _place(declaration, after))
    return list(db.session.scalars(query))


def _place(declaration: Declaration, after: str) -> tuple[object, str]:
    """Where the list goes on; also after one that has been taken off it since."""
    known = Endorsement.public_id == after, Endorsement.declaration_id == declaration.id
    approved_at = db.session.scalar(select(Endorsement.approved_at).where(*known))
    if approved_at is None:
        raise CursorRefused
    return approved_at, after


def _seen(row: Endorsement) -> Organisation:
    return Organisation(row.organisation, row.country, row.site)
