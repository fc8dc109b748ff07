"""Read the tally's parts: by day, by country, by kind; what is so small that it could point at somebody is folded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from petition import clock
from petition.extensions import db
from petition.tally.models import ORGANISATION, PERSON, Bucket, Tally

FEWEST = 5
"""Signatures that a country needs to be named; those with fewer are told together, without their names."""


@dataclass(frozen=True)
class Day:
    """How many people's signatures count that were confirmed on this day, and on all days up to it."""

    day: date
    count: int
    total: int


@dataclass(frozen=True)
class Numbers:
    """What everyone may know of a scope. Organisations are counted apart, and never added to people.

    No two parts are ever crossed: how many signed from one country on one day is told nowhere.
    """

    as_of: datetime
    people: int
    organisations: int
    days: tuple[Day, ...]
    """People's, every day from the first to the last, none left out."""
    countries: tuple[tuple[str, int], ...]
    """Codes with people's signatures, the largest first, and none below ``FEWEST``."""
    elsewhere: int
    """Signatures from all the other countries together."""
    other_countries: int
    """How many those are."""


def find_numbers(scope: int, *, zone: str, until: datetime | None = None) -> Numbers | None:
    """The numbers of a scope, its days as they are in this time zone, the last one no later than ``until``.

    Buckets are by the hour, so where a zone's midnight lies within an hour, that hour belongs to the day on
    which it began. Each process adds the buckets up when they have changed and when a day begins: that the
    tally has moved on, every few seconds, is not enough.
    """
    tallies = db.session.scalars(select(Tally).where(Tally.scope == scope).order_by(Tally.kind)).all()
    if not tallies:
        return None
    as_of = max(tally.as_of for tally in tallies)
    last = clock.in_zone(min(as_of, until or as_of), zone).date()
    state = ([(each.kind, each.count, each.changes) for each in tallies], zone, last)
    known: dict[int, tuple[object, Numbers]] = current_app.extensions.setdefault("petition.numbers", {})
    kept = known.get(scope)
    if kept is None or kept[0] != state:
        kept = known[scope] = (state, _add_up({each.kind: each for each in tallies}, as_of, zone, last))
    return replace(kept[1], as_of=as_of)


def _add_up(tallies: dict[str, Tally], as_of: datetime, zone: str, last: date) -> Numbers:
    scope = next(iter(tallies.values())).scope
    days = tuple(_days(_by_day(scope, zone), last))
    countries = sorted(_by_country(scope), key=lambda each: (-each[1], each[0]))
    named = tuple(each for each in countries if each[1] >= FEWEST)
    folded = [count for _code, count in countries if 0 < count < FEWEST]
    return Numbers(
        as_of=as_of,
        people=days[-1].total if days else 0,
        organisations=tallies[ORGANISATION].count if ORGANISATION in tallies else 0,
        days=days,
        countries=named,
        elsewhere=sum(folded),
        other_countries=len(folded),
    )


def _by_day(scope: int, zone: str) -> Counter[date]:
    query = select(Bucket.hour, func.sum(Bucket.count)).where(Bucket.scope == scope, Bucket.kind == PERSON)
    days: Counter[date] = Counter()
    for hour, count in db.session.execute(query.group_by(Bucket.hour)):
        days[clock.in_zone(hour, zone).date()] += int(count)
    return +days


def _by_country(scope: int) -> list[tuple[str, int]]:
    query = select(Bucket.country, func.sum(Bucket.count)).where(Bucket.scope == scope, Bucket.kind == PERSON)
    return [(code, int(count)) for code, count in db.session.execute(query.group_by(Bucket.country))]


def _days(counts: Counter[date], last: date) -> Iterator[Day]:
    if not counts:
        return
    day, total = min(counts), 0
    while day <= max(last, max(counts)):
        total += counts[day]
        yield Day(day, counts[day], total)
        day += timedelta(days=1)
