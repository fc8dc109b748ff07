"""The plots of a partner's page, with their words in the reader's language."""

from collections.abc import Callable, Mapping

from flask_babel import format_decimal, format_percent, gettext
from markupsafe import Markup

from petition import charts, languages, scales
from petition.charts import Bar
from petition.console.drawing import MOST_RANKS, percent


def by_source(sources: Mapping[str, int]) -> Markup:
    described = gettext("One bar for each source, the longest for the one with the most signatures.")
    return _ranks("chart-sources", gettext("Signatures by source"), described, sources, source_name)


def by_language(spoken: Mapping[str, int]) -> Markup:
    described = gettext("One bar for each language, the longest for the one with the most signatures.")
    return _ranks("chart-languages", gettext("Signatures by language"), described, spoken, language_name)


def source_name(source: str) -> str:
    return source or gettext("Without a source")


def language_name(language: str) -> str:
    return languages.NAMES.get(language, language)


def rate(came: int, confirmed: int) -> str:
    """Which share of the submissions is confirmed; never all while one is missing."""
    return str(format_percent(percent(came, confirmed) / 100))


def _ranks(name: str, title: str, description: str, numbers: Mapping[str, int], called: Callable[[str], str]) -> Markup:
    bars = [Bar(called(each), format_decimal(number), number) for each, number in numbers.items()]
    return charts.ranks(name, title, description, bars[:MOST_RANKS], mirrored=scales.mirrored())
