"""The summary: the whole of what was counted, without anybody's name, for programs and as drawings."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import force_locale, format_decimal, get_locale, gettext
from markupsafe import Markup

from petition import charts, clock, countries, scales, whole
from petition.charts import Bar
from petition.packages import wordings
from petition.staging.orders import Order
from petition.staging.staging import Facts, Staging
from petition.tables import overviews
from petition.tally.reading import Day
from petition.tally.spans import Span, spans, unit_for

MOST_RANKS = 25
"""Countries that are drawn; summary.json has them all."""
WIDTH, MARGIN, HEAD = 760, 32, 84

_STYLE = Markup(
    "svg{font-family:system-ui,sans-serif;overflow:visible}"
    ".paper{fill:#fcfcfa}.title{font-size:20px;font-weight:600;fill:#1a2027}.moment{font-size:13px;fill:#4f5b66}"
    ".grid{stroke:#d3d9dd}.tick{fill:#4f5b66;font-size:13px}.mark,.area{fill:#1f4568}.area{opacity:.14}"
    ".line{fill:none;stroke:#1f4568;stroke-width:2px}.rail{fill:#d3d9dd}.row{fill:#1a2027;font-size:15px}"
)
_DRAWING = Markup(
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{language}" width="{width}" height="{height}"'
    ' viewBox="0 0 {width} {height}"{direction}><style>{style}</style>'
    '<rect class="paper" width="100%" height="100%"/>'
    '<text class="title" x="{start}" y="40">{title}</text><text class="moment" x="{start}" y="62">{moment}</text>'
    '<svg x="{x}" y="{head}" width="{inner}" height="{tall}">{chart}</svg></svg>\n'
)


def make(staging: Staging, order: Order, folder: Path) -> list[Path]:
    """``summary.json``, and ``numbers/*.svg`` in the order's first language unless nobody has signed."""
    stored = json.dumps(facts(staging), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    made = [whole.write(folder / "summary.json", stored.encode())]
    with force_locale(order.languages[0]):
        for name, drawing in _drawings(staging.facts).items():
            made.append(whole.write(folder / "numbers" / f"{name}.svg", drawing.encode()))
    return made


def facts(staging: Staging) -> dict[str, Any]:
    """Everything that the snapshot says as a whole; founding signatories stand in the book, not here."""
    found = staging.facts
    values = {
        name: getattr(found, name)
        for name in (
            "slug", "site", "software", "sample", "time_zone", "addressee", "organisers", "events", "goal",
            "organisations", "count", "shown", "by_country", "by_day", "by_visibility", "by_channel", "by_source",
            "by_language",
        )
    }  # fmt: skip
    times = {name: _iso(getattr(found, name)) for name in ("as_of", "opens_at", "closes_at")}
    titles = {text.language: text.title for text in found.texts if text.current}
    return {**values, **times, "titles": titles, "texts": wordings.facts(staging)}


def _iso(moment: Any) -> str | None:
    return clock.iso(moment) if moment else None


def _drawings(found: Facts) -> dict[str, str]:
    if not found.by_day:
        return {}
    days = _days(found)
    some = list(spans(days, unit_for(days)))
    return {
        "by-country": _alone(gettext("Signatures by country"), _by_country(found), found),
        "by-day": _alone(gettext("Signatures by day"), _by_span(some), found, gutter=56),
        "in-total": _alone(gettext("Signatures in total"), _in_total(some), found, gutter=56),
    }


def _days(found: Facts) -> list[Day]:
    days, total = [], 0
    for day, count in overviews.every_day(found).items():
        total += count
        days.append(Day(date.fromisoformat(day), count, total))
    return days


def _by_country(found: Facts) -> Markup:
    ranked = sorted(found.by_country.items(), key=lambda each: (-each[1], each[0]))[:MOST_RANKS]
    language = str(get_locale())
    bars = [Bar(countries.name(code, language), format_decimal(count), count) for code, count in ranked]
    words = gettext("One bar for each country, the longest for the one with the most signatures.")
    return charts.ranks("countries", gettext("Signatures by country"), words, bars, mirrored=scales.mirrored())


def _by_span(some: list[Span]) -> Markup:
    peak = max(some, key=lambda each: each.count)
    label, number = peak.label(get_locale()), format_decimal(peak.count)
    words = gettext("Most signatures came in one of these: %(span)s, %(number)s.", span=label, number=number)
    labels = [each.label(get_locale()) for each in some]
    frame = scales.frame("days", gettext("Signatures by day"), words, labels, peak.count)
    return charts.columns(frame, [each.count for each in some])


def _in_total(some: list[Span]) -> Markup:
    last = some[-1]
    label, number = last.label(get_locale()), format_decimal(last.total)
    words = gettext("The line rises to %(number)s signatures: %(span)s.", number=number, span=label)
    labels = [each.label(get_locale()) for each in some]
    frame = scales.frame("total", gettext("Signatures in total"), words, labels, last.total)
    return charts.steps(frame, [each.total for each in some])


def _alone(title: str, chart: Markup, found: Facts, *, gutter: int = 0) -> str:
    """The chart as a file that can be opened by itself: with a size, a style and a title of its own."""
    tall = int(str(chart).partition('height="')[2].partition('"')[0])
    mirrored = scales.mirrored()
    return str(
        _DRAWING.format(
            language=get_locale(),
            width=WIDTH,
            height=HEAD + tall + MARGIN,
            direction=Markup(' direction="rtl"') if mirrored else "",
            style=_STYLE,
            start=WIDTH - MARGIN if mirrored else MARGIN,
            title=title,
            moment=overviews.as_of(found),
            x=MARGIN if mirrored else MARGIN + gutter,
            head=HEAD,
            inner=WIDTH - 2 * MARGIN - gutter,
            tall=tall,
            chart=chart,
        )
    )
