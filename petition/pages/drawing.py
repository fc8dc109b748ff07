"""The numbers page's charts with their words: titles, descriptions and scales in the reader's language."""

from collections.abc import Sequence

from flask_babel import format_decimal, get_locale, gettext
from markupsafe import Markup

from petition import charts, countries, scales
from petition.charts import Bar, Frame
from petition.tally.reading import Numbers
from petition.tally.spans import Span, Unit

MOST_RANKS = 12
"""Countries that are drawn; the table has them all."""


def by_span(spans: Sequence[Span]) -> Markup:
    """How many signed in each span."""
    titles = {
        Unit.DAY: gettext("Signatures by day"),
        Unit.WEEK: gettext("Signatures by week"),
        Unit.MONTH: gettext("Signatures by month"),
    }
    peak = max(spans, key=lambda each: each.count)
    description = gettext(
        "Most signatures came in one of these: %(span)s, %(number)s.",
        span=peak.label(get_locale()),
        number=format_decimal(peak.count),
    )
    frame = _frame("chart-days", titles[spans[0].unit], description, spans, peak.count)
    return charts.columns(frame, [each.count for each in spans])


def in_total(spans: Sequence[Span]) -> Markup:
    """How many had signed by the end of each span."""
    last = spans[-1]
    description = gettext(
        "The line rises to %(number)s signatures: %(span)s.",
        span=last.label(get_locale()),
        number=format_decimal(last.total),
    )
    frame = _frame("chart-total", gettext("Signatures in total"), description, spans, last.total)
    return charts.steps(frame, [each.total for each in spans])


def by_country(numbers: Numbers) -> Markup:
    """The countries with the most signatures."""
    language = str(get_locale())
    shown = numbers.countries[:MOST_RANKS]
    bars = [Bar(countries.name(code, language), format_decimal(count), count) for code, count in shown]
    description = gettext("One bar for each country, the longest for the one with the most signatures.")
    title = gettext("Signatures by country")
    return charts.ranks("chart-countries", title, description, bars, mirrored=scales.mirrored())


def by_kind(numbers: Numbers) -> Markup:
    bars = [
        Bar(gettext("People"), format_decimal(numbers.people), numbers.people),
        Bar(gettext("Organisations"), format_decimal(numbers.organisations), numbers.organisations),
    ]
    description = gettext("One bar for people, one for organisations.")
    return charts.ranks("chart-kinds", gettext("Signatures by kind"), description, bars, mirrored=scales.mirrored())


def _frame(name: str, title: str, description: str, spans: Sequence[Span], largest: int) -> Frame:
    return scales.frame(name, title, description, [each.label(get_locale()) for each in spans], largest)
