"""The numbers page's charts of countries and kinds, with their words in the reader's language."""

from flask_babel import format_decimal, get_locale, gettext
from markupsafe import Markup

from petition import charts, countries, scales
from petition.charts import Bar
from petition.tally.reading import Numbers

MOST_RANKS = 12
"""Countries that are drawn; the table has them all."""


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
