"""Days put together into what one chart and one table can show: days, weeks or months."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton

from petition.tally.reading import Day

MOST_SPANS = 92
"""Three months of days, nearly two years of weeks; what is longer goes by months."""

_BRITISH = Locale("en", "GB")
"""How dates are written here in English."""


class Unit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """The days from the first to the last: how many signed in them, and in all up to their end."""

    unit: Unit
    first: date
    last: date
    count: int
    total: int

    def label(self, locale: Locale) -> str:
        locale = _BRITISH if locale.language == "en" else locale
        if self.unit is Unit.DAY:
            return str(format_date(self.first, "medium", locale=locale))
        if self.unit is Unit.WEEK:
            return str(format_interval(self.first, self.last, "yMMMd", locale=locale))
        return str(format_skeleton("yMMMM", self.first, locale=locale))


def unit_for(days: Sequence[Day]) -> Unit:
    if len(days) <= MOST_SPANS:
        return Unit.DAY
    return Unit.WEEK if len(days) <= 7 * MOST_SPANS else Unit.MONTH


def spans(days: Sequence[Day], unit: Unit) -> Iterator[Span]:
    """The first and the last may be shorter than a whole week or month: they begin and end with the days."""
    for _key, grouped in groupby(days, key=_KEYS[unit]):
        together = list(grouped)
        first, last = together[0], together[-1]
        yield Span(unit, first.day, last.day, sum(each.count for each in together), last.total)


_KEYS: dict[Unit, Callable[[Day], object]] = {
    Unit.DAY: lambda each: each.day,
    # Weeks begin on Monday, as ISO 8601 has it, so that every reader sees the same ones.
    Unit.WEEK: lambda each: each.day - timedelta(days=each.day.weekday()),
    Unit.MONTH: lambda each: (each.day.year, each.day.month),
}
