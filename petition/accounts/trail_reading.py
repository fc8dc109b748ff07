"""The audit trail as its screen shows it: the newest first, narrowed by filters, paged by number."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.sql import ColumnElement

from petition.accounts.trail_models import TrailEntry
from petition.extensions import db

PAGE = 50
BATCH = 1_000
"""Entries that an export holds at once."""


@dataclass(frozen=True)
class Filters:
    """What the trail is narrowed to; what is left empty narrows nothing."""

    within: Set[int] | None
    """The scopes that its reader may see; None for everything, with what belongs to no scope."""
    account: str = ""
    act: str = ""
    scope: int | None = None
    since: date | None = None
    until: date | None = None
    """The last day, in UTC, that is still shown."""
    subject: str = ""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        # Each filter with the condition that it stands for.
        each: tuple[tuple[object, ColumnElement[bool]], ...] = (
            (self.within is not None, TrailEntry.scope.in_(self.within or ())),
            (self.account, TrailEntry.account == self.account),
            (self.act, TrailEntry.act == self.act),
            (self.scope is not None, TrailEntry.scope == self.scope),
            (self.subject, TrailEntry.subject.contains(self.subject, autoescape=True)),
            (self.since, TrailEntry.at >= _midnight(self.since)),
            (self.until, TrailEntry.at < _midnight(self.until, days=1)),
        )
        return [condition for asked, condition in each if asked]


@dataclass(frozen=True)
class Page:
    """One page; ``next`` is the number below which the following one begins, or None at the end."""

    entries: Sequence[TrailEntry]
    next: int | None


def page(filters: Filters, *, below: int | None = None) -> Page:
    query = _narrowed(filters).order_by(TrailEntry.number.desc()).limit(PAGE + 1)
    if below is not None:
        query = query.where(TrailEntry.number < below)
    rows = db.session.scalars(query).all()
    return Page(rows[:PAGE], rows[PAGE - 1].number if len(rows) > PAGE else None)


def occurring(within: Set[int] | None) -> tuple[list[str], list[str]]:
    """Whose acts, and which ones, there are in the part of the trail that somebody may see."""
    seen = Filters(within).conditions
    accounts = select(TrailEntry.account).where(*seen).distinct().order_by(TrailEntry.account)
    acts = select(TrailEntry.act).where(*seen).distinct().order_by(TrailEntry.act)
    return list(db.session.scalars(accounts)), list(db.session.scalars(acts))


def last_number() -> int:
    """The number of the newest entry; 0 where there is none."""
    return db.session.scalar(select(func.max(TrailEntry.number))) or 0


def batches(filters: Filters, *, up_to: int) -> Iterator[Sequence[TrailEntry]]:
    """All entries with at most this number, the oldest first; no transaction is open between two batches."""
    last = 0
    query = _narrowed(filters).where(TrailEntry.number <= up_to).order_by(TrailEntry.number).limit(BATCH)
    while rows := db.session.scalars(query.where(TrailEntry.number > last)).all():
        last = rows[-1].number
        for row in rows:
            db.session.expunge(row)
        db.session.rollback()
        yield rows


def _narrowed(filters: Filters) -> Select[TrailEntry]:
    return select(TrailEntry).where(*filters.conditions)


def _midnight(day: date | None, *, days: int = 0) -> datetime:
    """The beginning of the day, or of the one so many days later; time ends with the calendar."""
    try:
        return datetime.combine((day or date.min) + timedelta(days=days), time(), UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
