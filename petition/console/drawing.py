"""The home's charts with their words, in the reader's language; what is by day alone is drawn as everyone sees it."""

from collections.abc import Sequence
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date
from flask_babel import format_datetime, format_decimal, format_percent, get_locale, gettext
from markupsafe import Markup

from petition import charts, clock, countries, scales
from petition.charts import Bar
from petition.console.figures import Figures
from petition.tally.drawing import peak_at

MOST_RANKS = 10
"""What is drawn of a ranking; the table has all of it."""

_BRITISH = Locale("en", "GB")

Asked = tuple[date, int, int]
"""A day, its submissions, and how many of these are confirmed."""


def by_hour(hours: Sequence[tuple[datetime, int]], zone: str) -> Markup:
    """How many signed in each hour, as clocks in this zone show it."""
    at, most = max(hours, key=lambda each: each[1])
    labels = [hour_label(hour, zone) for hour, _number in hours]
    title = gettext("Signatures by hour")
    frame = scales.frame("chart-hours", title, peak_at(hour_label(at, zone), most), labels, most)
    return charts.columns(frame, [number for _hour, number in hours])


def confirmed(days: Sequence[Asked]) -> Markup:
    """Which share of each day's submissions is confirmed."""
    shares = [percent(came, done) for _day, came, done in days]
    description = gettext("One column for each day, full where every submission was confirmed.")
    labels = [day_label(day) for day, _came, _done in days]
    title = gettext("Confirmed submissions")
    frame = scales.frame("chart-confirmed", title, description, labels, 100, said=share)
    return charts.columns(frame, shares)


def by_country(figures: Figures) -> Markup:
    language = str(get_locale())
    bars = [_bar(countries.name(code, language), number) for code, number in figures.countries.items()]
    description = gettext("One bar for each country, the longest for the one with the most signatures.")
    return _ranks("chart-countries", gettext("Signatures by country"), description, bars)


def by_source(figures: Figures) -> Markup:
    bars = [_bar(source_name(source), number) for source, number in figures.sources.items()]
    description = gettext("One bar for each source, the longest for the one with the most signatures.")
    return _ranks("chart-sources", gettext("Signatures by source"), description, bars)


def source_name(source: str) -> str:
    """What a source is called; without one the signature came by the page itself."""
    return source or gettext("The page itself")


def hour_label(hour: datetime, zone: str) -> str:
    # Translators: how an hour of a day is written, as a CLDR pattern.
    return str(format_datetime(clock.in_zone(hour, zone), gettext("d MMM, HH:mm"), rebase=False))


def day_label(day: date) -> str:
    return str(format_date(day, "medium", locale=_locale()))


def percent(came: int, done: int) -> int:
    """Whole per cent, never 100 while one is missing."""
    return 100 * done // came if came else 0


def share(hundredth: int) -> str:
    return str(format_percent(hundredth / 100))


def _ranks(name: str, title: str, description: str, bars: Sequence[Bar]) -> Markup:
    return charts.ranks(name, title, description, bars[:MOST_RANKS], mirrored=scales.mirrored())


def _bar(label: str, number: int) -> Bar:
    return Bar(label, format_decimal(number), number)


def _locale() -> Locale:
    locale = get_locale()
    return _BRITISH if locale is None or locale.language == "en" else locale
