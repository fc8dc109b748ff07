"""Countries: ISO 3166-1 codes with CLDR's names, in the reader's language."""

import unicodedata
from functools import cache, lru_cache

from babel import Locale
from markupsafe import Markup

from petition import languages

# CLDR's territories also hold groupings, outlying regions and codes that ISO 3166-1 does not assign.
_NOT_ASSIGNED = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})

# What people write instead; both are short names in CLDR.
_SHORT = {"UK": "GB", "USA": "US"}


@cache
def names(language: str) -> dict[str, str]:
    """Every country's name by its code, in the order that a reader of this language looks them up."""
    territories = Locale.parse(language).territories
    found = {code: name for code, name in territories.items() if _is_country(code)}
    return dict(sorted(found.items(), key=lambda item: sort_key(item[1])))


def name(code: str, language: str) -> str:
    """The country's name; the code itself where none is known, so that nothing fails on old data."""
    return names(language).get(code, code)


@lru_cache(maxsize=128)
def options(language: str, chosen: str) -> Markup:
    """The ``<option>`` elements of a list of countries; ready-made, because two hundred and fifty take time."""
    option = Markup('<option value="{}"{}>{}\n')
    selected = Markup(" selected")
    return Markup("").join(
        option.format(code, selected if code == chosen else "", name) for code, name in names(language).items()
    )


def is_known(code: str) -> bool:
    return code in names("en")


def find(typed: str) -> str | None:
    """The code of a country that is named by its code, or by its name in any language of these pages."""
    code = typed.strip().upper()
    return code if is_known(code) else _codes_by_name().get(_as_typed(typed))


@cache
def _codes_by_name() -> dict[str, str]:
    """Names that are two countries' in two languages stand for neither."""
    found: dict[str, set[str]] = {_as_typed(short): {code} for short, code in _SHORT.items()}
    for language in languages.CODES:
        for code, name in names(language).items():
            found.setdefault(_as_typed(name), set()).add(code)
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def _as_typed(name: str) -> str:
    return " ".join(sort_key(name).replace("&", " and ").split())


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in _NOT_ASSIGNED


def sort_key(text: str) -> str:
    """Letters without their marks: Österreich stands among the names with O."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()
