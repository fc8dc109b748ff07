"""The languages that people read here: their codes, their own names, and which way they run."""

import unicodedata
from functools import cache

from flask_babel import get_locale, get_translations
from werkzeug.datastructures import LanguageAccept

NAMES = {
    "en": "English",
    "it": "Italiano",
    "fr": "Français",
    "es": "Español",
    "de": "Deutsch",
    "pt": "Português",
    "pl": "Polski",
    "ar": "العربية",
    "hi": "हिन्दी",
    "zh": "中文",
}
"""Languages with a complete catalogue under ``translations/``, by their own names."""

CODES = tuple(NAMES)
"""The same by their codes, as they stand in web addresses. A declaration's text may come in any of them."""

RIGHT_TO_LEFT = frozenset({"ar"})


def direction(language: str) -> str:
    """The value of HTML's ``dir``."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def preferred(accepted: LanguageAccept, among: list[str]) -> str:
    """The language of ``among`` that a reader asks for, or the first of them."""
    # A reader of it-CH who also knows some English wants Italian, not the one exact match.
    plain = LanguageAccept([(tag.partition("-")[0], quality) for tag, quality in accepted])
    return plain.best_match(among) or among[0]


def isolated(words: str, language: str) -> str:
    """For plain text: words that may run the other way, held together so that they reorder nothing around them.

    Digits in groups are such words too: a right-to-left line would show the second group first.
    """
    if direction(language) == "ltr" and not any(map(_runs_right_to_left, words)):
        return words
    return f"\u2068{words}\u2069"


def _runs_right_to_left(char: str) -> bool:
    return unicodedata.bidirectional(char) in ("R", "AL")


def say(message: str) -> str:
    """The message in the language of the page: gettext for templates, where it is called for every word.

    Flask-Babel looks the catalogue up each time; what it found is remembered here.
    """
    return _said(get_locale().language, message)


def say_of(context: str, message: str) -> str:
    """The same where one English word is several elsewhere, and the context tells which: pgettext for templates."""
    return _said_of(get_locale().language, context, message)


def say_counted(one: str, many: str, number: int) -> str:
    """The form of the message that goes with this number: ngettext for templates."""
    counted: str = get_translations().ungettext(one, many, number)
    return counted


@cache
def _said_of(language: str, context: str, message: str) -> str:
    translated: str = get_translations().upgettext(context, message)
    return translated


@cache
def _said(language: str, message: str) -> str:
    translated: str = get_translations().ugettext(message)
    return translated
