"""The figures of a declaration as they are kept: one row that a page reads, so that no request counts anything."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import select

from petition import clock
from petition.console.models import StoredFigures
from petition.extensions import db
from petition.tally.reading import Day

MOST_SOURCES = 50
"""Anybody may make up a source in a link; what is beyond the largest ones is told together."""


@dataclass(frozen=True)
class Figures:
    """Times are those of the declaration's time zone, where they are days; the rest is UTC."""

    signatures: int = 0
    organisations: int = 0
    organisations_waiting: int = 0
    held: int = 0
    withdrawn: int = 0
    invalidated: int = 0
    mails_waiting: int = 0
    mails_retrying: int = 0
    mails_refused: int = 0
    hours: Mapping[str, int] = field(default_factory=dict)
    """By ISO 8601 hour in UTC, the last eight days; hours without a signature are left out, so are days below."""
    days: Mapping[str, int] = field(default_factory=dict)
    pending: int = 0
    """Submissions of the last 7 days that nobody has confirmed."""
    countries: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    """The largest ones; an empty name is the declaration's own page."""
    other_sources: int = 0
    asked: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By day: submissions that came, and how many of them are confirmed. Kept longer than the submissions are."""
    worked_out_at: str = ""
    """When everything from ``pending`` on was counted; that takes longer, and is done less often."""
    took: float = 0.0
    """Seconds."""
    fingerprint: str = ""
    """What says whether counting those again could find anything new."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What an earlier version stored lacks the newer keys, and what a later one stored has more."""
        return cls(**{name: value for name, value in stored.items() if name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Kept:
    """The figures, and the moment they were counted at."""

    figures: Figures
    as_of: datetime

    def today(self, zone: str) -> int:
        """Signatures of the day, in this zone, that was begun when they were counted."""
        return self.figures.days.get(self._day(zone).isoformat(), 0)

    def days(self, zone: str) -> tuple[Day, ...]:
        """Every day from the first signature to the day of the count, none left out."""
        return tuple(_days(self.figures.days, self._day(zone)))

    def hours(self, number: int) -> list[tuple[datetime, int]]:
        """So many hours up to the one of the count."""
        last = clock.hour_of(self.as_of)
        hours = (last - timedelta(hours=ago) for ago in reversed(range(number)))
        return [(hour, self.figures.hours.get(clock.iso(hour), 0)) for hour in hours]

    def asked(self, zone: str, number: int) -> list[tuple[date, int, int]]:
        """So many days up to the one of the count: the day, its submissions, the confirmed ones of these.

        None before the first submission, so none at all where there never was one.
        """
        last = self._day(zone)
        first = min((date.fromisoformat(day) for day in self.figures.asked), default=date.max)
        days = (last - timedelta(days=ago) for ago in reversed(range(number)))
        kept = self.figures.asked
        return [(day, *kept.get(day.isoformat(), (0, 0))) for day in days if day >= first]

    def _day(self, zone: str) -> date:
        return clock.in_zone(self.as_of, zone).date()


def find(declaration_id: int) -> Kept | None:
    """None where no worker has counted yet."""
    return find_all([declaration_id]).get(declaration_id)


def find_all(declaration_ids: Collection[int]) -> dict[int, Kept]:
    query = select(StoredFigures.declaration_id, StoredFigures.as_of, StoredFigures.stored)
    rows = db.session.execute(query.where(StoredFigures.declaration_id.in_(declaration_ids)))
    return {which: Kept(Figures.from_json(stored), as_of) for which, as_of, stored in rows if as_of and stored}


def _days(counts: Mapping[str, int], last: date) -> Iterator[Day]:
    if not counts:
        return
    day, total = date.fromisoformat(min(counts)), 0
    while day <= last:
        number = counts.get(day.isoformat(), 0)
        total += number
        yield Day(day, number, total)
        day += timedelta(days=1)
