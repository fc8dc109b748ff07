"""The first sheet of a workbook: what was counted, as small tables side by side, and a chart of the days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from itertools import zip_longest
from typing import Any

from babel import Locale
from babel.dates import format_datetime
from flask_babel import get_locale, gettext, pgettext

from petition import countries, languages
from petition.staging.orders import Order
from petition.staging.staging import Facts, Staging

TABLES_BEGIN = 6
"""The row of the tables' heads, counted from 0."""
GAP = 1


@dataclass(frozen=True)
class Table:
    head: str
    numbers: Mapping[str, int]


def add(book: Any, staging: Staging, order: Order) -> None:
    """Add the sheet to an XlsxWriter workbook, its words in the language that is in force."""
    facts = staging.facts
    sheet = book.add_worksheet(pgettext("sheet of a workbook", "Summary"))
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#E4E8EB", "bottom": 1})
    heads = (head, book.add_format({"bold": True, "bg_color": "#E4E8EB", "bottom": 1, "align": "right"}))
    number = book.add_format({"num_format": "#,##0"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if languages.direction(order.languages[0]) == "rtl":
        sheet.right_to_left()
    sheet.write_string(0, 0, _title(staging, order), title)
    sheet.write_string(1, 0, as_of(facts))
    for nth, (words, count) in enumerate(_totals(staging), 2):
        sheet.write_string(nth, 0, words)
        sheet.write_number(nth, 1, count, number)
    tables = _tables(staging, order)
    _write_tables(sheet, tables, heads=heads, number=number)
    _add_chart(book, sheet, len(tables), len(tables[-1].numbers))


def as_of(facts: Facts) -> str:
    """The moment of the snapshot, in UTC, in words of the language that is in force."""
    locale = get_locale()
    # How dates are written here in English.
    written = Locale("en", "GB") if locale.language == "en" else locale
    moment = format_datetime(facts.as_of, "long", tzinfo=UTC, locale=written)
    return str(gettext("As of %(moment)s", moment=moment))


def _title(staging: Staging, order: Order) -> str:
    titles = {text.language: text.title for text in staging.facts.texts if text.current}
    return titles.get(order.languages[0]) or staging.facts.slug


def _totals(staging: Staging) -> list[tuple[str, int]]:
    return [
        (gettext("Signatures"), staging.facts.count),
        (gettext("Signatures with a name"), staging.facts.shown),
        (gettext("Organisations"), len(staging.facts.organisations)),
    ]


def _tables(staging: Staging, order: Order) -> list[Table]:
    """The days last, for the chart stands beside them."""
    facts = staging.facts
    by_country = sorted(facts.by_country.items(), key=lambda each: (-each[1], each[0]))
    names = {countries.name(code, order.languages[0]): count for code, count in by_country}
    return [
        Table(gettext("Country"), names),
        Table(gettext("Visibility"), _sorted(facts.by_visibility)),
        Table(gettext("Channel"), _sorted(facts.by_channel)),
        Table(gettext("Day (UTC)"), every_day(facts)),
    ]


def every_day(facts: Facts) -> dict[str, int]:
    """From the first day with a signature to the last one, those without any among them."""
    if not facts.by_day:
        return {}
    first, last = (date.fromisoformat(pick(facts.by_day)) for pick in (min, max))
    days = [(first + timedelta(days=nth)).isoformat() for nth in range((last - first).days + 1)]
    return {day: facts.by_day.get(day, 0) for day in days}


def _sorted(numbers: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(numbers.items()))


def _write_tables(sheet: Any, tables: list[Table], *, heads: tuple[Any, Any], number: Any) -> None:
    """Row by row over all of them: in constant memory no row can be written once the next has begun."""
    width = 2 + GAP
    for nth, table in enumerate(tables):
        sheet.set_column(nth * width, nth * width, 28 if nth == 0 else 14)
        sheet.set_column(nth * width + 1, nth * width + 1, 12)
        sheet.set_column(nth * width + 2, nth * width + 2, 3)
        sheet.write_string(TABLES_BEGIN, nth * width, table.head, heads[0])
        sheet.write_string(TABLES_BEGIN, nth * width + 1, gettext("Signatures"), heads[1])
    for row, cells in enumerate(zip_longest(*(table.numbers.items() for table in tables)), TABLES_BEGIN + 1):
        for nth, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, nth * width, cell[0])
                sheet.write_number(row, nth * width + 1, cell[1], number)


def _add_chart(book: Any, sheet: Any, tables: int, days: int) -> None:
    if not days:
        return
    column = (tables - 1) * (2 + GAP)
    first, last = TABLES_BEGIN + 1, TABLES_BEGIN + days
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": gettext("Signatures by day"),
            "categories": [sheet.name, first, column, last, column],
            "values": [sheet.name, first, column + 1, last, column + 1],
            "fill": {"color": "#1F4568"},
            "gap": 40,
        }
    )
    chart.set_title({"name": gettext("Signatures by day"), "name_font": {**_chart_font(), "size": 12}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"num_font": _chart_font()})
    lines = {"visible": True, "line": {"color": "#D3D9DD"}}
    chart.set_y_axis({"min": 0, "num_font": _chart_font(), "major_gridlines": lines})
    chart.set_size({"width": 720, "height": 360})
    sheet.insert_chart(TABLES_BEGIN, column + 2 + GAP, chart)


def _chart_font() -> dict[str, Any]:
    return {"name": "Arial", "size": 9}
