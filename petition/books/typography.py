"""Names as the book sets them: isolated, breakable, given room; and those that no font here can set."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import regex

from petition.books import fonts
from petition.staging.orders import Order
from petition.staging.staging import Staging

LONGEST_WORD = 20
"""In code points: what is longer may break anywhere, and still fits into a column by itself."""
_LONG = re.compile(rf"[^\s-]{{{LONGEST_WORD + 1},}}")
_CLUSTER = regex.compile(r"\X")
# These break between any two characters by themselves.
_EAST_ASIAN = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]")
_HAN = regex.compile(r"\p{Script=Han}")
# Marks above and below, and scripts that stand higher or hang lower than Latin lines have room for.
_TALL = regex.compile(
    r"[\p{M}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Tibetan}\p{Script=Myanmar}"
    r"\p{Script=Khmer}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Thai}\p{Script=Lao}"
    r"\p{Script=Javanese}\p{Script=Balinese}\p{Script=Adlam}]"
)
# The same ideograph has a shape of its own in each of these.
_SHAPES = {"JP": "ja", "KR": "ko", "KP": "ko", "TW": "zh-TW", "HK": "zh-HK", "MO": "zh-HK"}
_STATED = ("name", "affiliation", "role")


class Unsettable(NamedTuple):
    """Words with characters that no font of this machine can set."""

    number: int
    """Of the signatory; 0 for words of the declaration, its organisers and organisations."""
    text: str
    code_points: tuple[str, ...]
    """Such as ``U+2A6D6``."""
    scripts: tuple[str, ...]
    packages: tuple[str, ...]
    """Debian's packages that have fonts for them; empty where none is known."""


def preflight(staging: Staging, order: Order) -> list[Unsettable]:
    """Everything that the book and the letter could not set, in the order of the numbers.

    Raises FontsMissing where not even the order's language can be set.
    """
    around = list(_strings(json.loads(staging.facts.to_json())))
    with closing(_open(staging)) as database:
        used = set().union(*around, *(set("".join(some)) for some in _stated(database)))
        lacking = fonts.choose(used, language=order.languages[0]).lacking
        if not lacking:
            return []
        found = [(0, words) for words in dict.fromkeys(around) if not lacking.isdisjoint(words)]
        found += sorted(_lacking(database, lacking))
    return [_unsettable(number, words, lacking) for number, words in found]


def prepared(text: str, lacking: frozenset[str]) -> Any:
    """The words held together whichever way they run; where some are drawn, what ``boxed`` gives."""
    if not lacking.isdisjoint(text):
        return boxed(f"\u2068{text}\u2069", lacking)
    if len(text) > LONGEST_WORD and _LONG.search(text):
        text = _LONG.sub(_breakable, text)
    return f"\u2068{text}\u2069"


def boxed(text: str, lacking: frozenset[str]) -> list[Any]:
    """``["boxed", …]``: words, and among them ``["box", code point]`` for each character that lacks a font."""
    pieces: list[Any] = ["boxed"]
    for char in text:
        if char in lacking:
            pieces.append(["box", code_point(char)[2:]])
        elif len(pieces) > 1 and isinstance(pieces[-1], str):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def is_tall(text: str) -> bool:
    """Whether it needs more room above and below than a line of Latin letters."""
    return not text.isascii() and _TALL.search(text) is not None


def shapes_for(text: str, country_code: str) -> str:
    """The language whose forms of the ideographs are wanted; empty where the text has none or any will do."""
    if text.isascii() or not _HAN.search(text):
        return ""
    return _SHAPES.get(country_code, "")


def code_point(char: str) -> str:
    return f"U+{ord(char):04X}"


def _breakable(word: re.Match[str]) -> str:
    if _EAST_ASIAN.search(word[0]):
        return word[0]
    return "\u200b".join(_CLUSTER.findall(word[0]))


def _unsettable(number: int, text: str, lacking: frozenset[str]) -> Unsettable:
    chars = sorted(lacking.intersection(text))
    packages = dict.fromkeys(package for char in chars if (package := fonts.package_for(char)))
    scripts = dict.fromkeys(map(fonts.script_of, chars))
    return Unsettable(number, text, tuple(map(code_point, chars)), tuple(scripts), tuple(packages))


def _open(staging: Staging) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{staging.path}?mode=ro", uri=True)


def _stated(database: sqlite3.Connection) -> Iterator[tuple[str, ...]]:
    """All that signatories stated and the book shows, by thousands: their characters are looked at first."""
    cursor = database.execute(f"SELECT {' || '.join(_STATED)} FROM rows WHERE name <> ''")
    while some := cursor.fetchmany(10_000):
        yield tuple(words for (words,) in some)


def _lacking(database: sqlite3.Connection, lacking: frozenset[str]) -> Iterator[tuple[int, str]]:
    has: Callable[[str], bool] = lambda words: not lacking.isdisjoint(words)  # noqa: E731
    database.create_function("lacks", 1, has, deterministic=True)
    for name in _STATED:
        yield from database.execute(f"SELECT number, {name} FROM rows WHERE lacks({name}) ORDER BY number")


def _strings(values: Any) -> Iterator[str]:
    """Every string in the facts but the texts' HTML, which the book does not set."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        yield from (words for key, value in values.items() if key != "html" for words in _strings(value))
    elif isinstance(values, list):
        yield from (words for value in values for words in _strings(value))
