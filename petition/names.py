"""Names as they may stand in a book and in a spreadsheet: any script, nothing that plays tricks."""

import unicodedata
from typing import NoReturn

import regex
from flask_babel import LazyString, lazy_gettext

MAX_GRAPHEMES = 100
MAX_CODE_POINTS_EACH = 6
"""A bound on what a grapheme may weigh on average; honest ones need far less."""
MAX_TYPED_EACH = 4 * MAX_CODE_POINTS_EACH
"""The same before it is composed, which makes text shorter and takes long over a very long one."""

FORMULA_STARTS = "=+-@\t\r＝＋－＠"
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""

# Joiners change how these scripts are read (RFC 5892, appendix A.1 and A.2); elsewhere they only hide.
_JOINING_SCRIPTS = (
    "Arabic", "Syriac", "Mongolian", "Nko", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil",
    "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar", "Tibetan",
)  # fmt: skip
_JOINED = "[" + "".join(rf"\p{{Script={script}}}" for script in _JOINING_SCRIPTS) + "]"

_SPACES = regex.compile(r"\p{Zs}+")
_GRAPHEME = regex.compile(r"\X")
_NEEDED_JOINER = regex.compile(rf"(?<={_JOINED})[\u200c\u200d](?={_JOINED}|$|\s)")
# To Unicode the Hangul fillers are letters and the blank Braille pattern is a symbol, but nobody sees them.
_HIDDEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800]")
_UNASSIGNED = regex.compile(r"[\p{Cn}\p{Co}\ufffd]")
_STACKED_MARKS = regex.compile(r"[\p{Mn}\p{Me}]{4,}")
_EMOJI = regex.compile(r"(?V1)[\p{Extended_Pictographic}--[©®™]]|[\U0001f1e6-\U0001f1ff\ufe0f\u20e3]")
_LINK = regex.compile(
    r"://|\bwww\.|\w@\w"
    # A bare domain is an honest name, such as Booking.com; with a path it is an address.
    r"|(?<![\w-])[\w-]++\.(?:com|net|org|info|biz|eu|io|co|me|ru|cn|xyz|top|site|online|shop|club|app)/",
    regex.IGNORECASE,
)
_IN_EVERY_LINK = regex.compile(r"[./@]")
"""Without one of these there is none, and nearly every name is spared the longer look."""
_LETTER = regex.compile(r"\p{L}")


class NameRefused(ValueError):
    """The text cannot be printed as a name; the reason is a sentence for the person who typed it."""

    def __init__(self, reason: LazyString) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(text: str, *, most: int = MAX_GRAPHEMES) -> str:
    """The name in Unicode NFC, its spaces trimmed and joined. Raises NameRefused with a plain reason.

    ``most`` is how many graphemes it may have. An empty text stays empty: whether a name is needed is for
    the form to say.
    """
    if len(text) > MAX_TYPED_EACH * most:
        _refuse_length(most)
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")
    if not name:
        return name
    if len(name) > most and (len(name) > MAX_CODE_POINTS_EACH * most or len(_GRAPHEME.findall(name)) > most):
        _refuse_length(most)
    _refuse_tricks(name)
    _refuse_wrong_shape(name)
    return name


def _refuse_tricks(name: str) -> None:
    if _HIDDEN.search(_NEEDED_JOINER.sub("", name)):
        _refuse(lazy_gettext("Please leave out invisible characters and line breaks."))
    if _UNASSIGNED.search(name):
        _refuse(lazy_gettext("Please leave out characters that cannot be printed."))
    if _STACKED_MARKS.search(name):
        _refuse(lazy_gettext("Please use at most three accents on one letter."))
    if _EMOJI.search(name):
        _refuse(lazy_gettext("Please leave out emoji and pictures."))
    if _IN_EVERY_LINK.search(name) and _LINK.search(name):
        _refuse(lazy_gettext("Please leave out web and mail addresses."))


def _refuse_wrong_shape(name: str) -> None:
    if name[0] in FORMULA_STARTS:
        _refuse(lazy_gettext("Please begin with a letter, not with =, +, - or @."))
    if not _LETTER.search(name):
        _refuse(lazy_gettext("Please use at least one letter."))


def _refuse_length(most: int) -> NoReturn:
    _refuse(lazy_gettext("Please use at most %(most)s characters.", most=most))


def _refuse(reason: LazyString) -> NoReturn:
    raise NameRefused(reason)
