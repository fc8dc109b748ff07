"""The count over time as charts, with their titles, descriptions and scales in the reader's language."""

from collections.abc import Sequence

from flask_babel import format_decimal, get_locale, gettext
from markupsafe import Markup

from petition import charts, scales
from petition.charts import Frame
from petition.tally.spans import Span, Unit


def by_span(spans: Sequence[Span]) -> Markup:
    """How many signed in each span."""
    titles = {
        Unit.DAY: gettext("Signatures by day"),
        Unit.WEEK: gettext("Signatures by week"),
        Unit.MONTH: gettext("Signatures by month"),
    }
    peak = max(spans, key=lambda each: each.count)
    description = peak_at(peak.label(get_locale()), peak.count)
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


def peak_at(label: str, number: int) -> str:
    """The sentence that describes a chart by its highest column."""
    said: str = gettext(
        "Most signatures came in one of these: %(span)s, %(number)s.", span=label, number=format_decimal(number)
    )
    return said


def _frame(name: str, title: str, description: str, spans: Sequence[Span], largest: int) -> Frame:
    return scales.frame(name, title, description, [each.label(get_locale()) for each in spans], largest)
