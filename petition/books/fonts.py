"""Which fonts of this machine write which characters, and which package has one for those that none writes."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from fontTools import unicodedata as scripts
from fontTools.ttLib import TTFont, TTLibError

from petition import typesetting
from petition.typesetting import LATIN

# What has no script of its own is written by the fonts of the words around it, wherever they can.
_SHARED = ("Zyyy", "Zinh")
_EAST_ASIAN = ("Hani", "Hira", "Kana", "Hang", "Bopo")
# By their file, families of several faces can be told apart only by their names; the first words are the best.
_STYLES = ("Noto Serif CJK SC", "Noto Serif", "Noto Naskh", "Noto Sans", "Noto")
_LAST = ("Mono", "Display", "Slanted", "Unjoined", "Looped", "Condensed", "Light", "Tifinagh ")
# Fonts that come inside typst have no file to read: this much Libertinus Serif surely writes.
_EMBEDDED = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2027), *range(0x400, 0x460)]))
# Neither is drawn: what isolates a direction, where a long word may break, and the joiners.
UNSEEN = frozenset("\u2068\u2069\u200b\u200c\u200d")


class Package(NamedTuple):
    """A package of Debian; where its family is there already, it cannot help any more."""

    name: str
    family: str


CORE = Package("fonts-noto-core", "Noto Serif")
CJK = Package("fonts-noto-cjk", "Noto Serif CJK SC")
# Looked through for Debian 12: of the ideographs, Hanazono has all to extension F, BabelStone much of G. There is
# nothing in fonts-noto-extra, -unhinted and fonts-noto-cjk-extra that the first two lack, but other weights.
RARE = Package("fonts-hanazono", "HanaMinB")
RAREST = Package("fonts-babelstone-han", "BabelStone Han")


class Choice(NamedTuple):
    """The families that write some characters, in a fixed order, and the characters that none of them writes."""

    families: tuple[str, ...]
    lacking: frozenset[str]


def choose(characters: Iterable[str], *, language: str) -> Choice:
    """The fewest families for each script, the same wherever the same fonts are.

    Raises FontsMissing where not even the language can be written.
    """
    wanted = {char for char in characters if char not in UNSEEN and scripts.category(char) != "Cc"}
    by_script: dict[str, set[str]] = {}
    for char in wanted:
        by_script.setdefault(scripts.script(char), set()).add(char)
    here = typesetting.families(language)
    latin = next(family for family in here if family in LATIN)
    chosen = [latin, *[family for family in here if family in typesetting.SCRIPTS.get(language, ())][:1]]
    lacking: set[str] = set()
    for script in sorted(by_script, key=lambda code: (code in _SHARED, code)):
        remaining = by_script[script]
        for family in dict.fromkeys((*chosen, *_candidates(script))):
            if not remaining:
                break
            if remaining & coverage(family):
                remaining = remaining - coverage(family)
                chosen += [] if family in chosen else [family]
        lacking |= remaining
    return Choice(tuple(chosen), frozenset(lacking))


def for_prose(families: Sequence[str], *, language: str) -> tuple[str, ...]:
    """The same in the order in which running text in the language asks for them."""
    # Chinese quotation marks are those of Latin: only the font says that they are as wide as a character.
    first = typesetting.SCRIPTS["zh"] if language == "zh" else ()
    return tuple(sorted(families, key=lambda family: family not in first))


def script_of(char: str) -> str:
    """Its name in Unicode, such as ``Han`` or ``Old Uyghur``."""
    name: str = scripts.script_name(scripts.script(char))
    return name


def package_for(char: str) -> str | None:
    """The Debian package whose fonts write it; None where none is known."""
    script = scripts.script(char)
    found: Sequence[Package] = (CORE,)
    if script in _EAST_ASIAN:
        found = (RARE, RAREST) if ord(char) > 0xFFFF else (CJK, RARE, RAREST)
        if scripts.block(char) == "CJK Unified Ideographs Extension G":
            found = (RAREST,)
    return next((package.name for package in found if package.family not in _files()), None)


@cache
def coverage(family: str) -> frozenset[str]:
    """Every character that the upright face of the family has a glyph for."""
    if family not in _files():
        return _EMBEDDED if family in LATIN else frozenset()
    path, index = _files()[family]
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or ()))
    except (OSError, TTLibError):
        # A font that cannot be read writes nothing.
        return frozenset()


def file_of(family: str) -> str | None:
    """Where its upright face lies; None for those that come inside typst."""
    return _files().get(family, (None, 0))[0]


@cache
def _files() -> dict[str, tuple[str, int]]:
    """Where each family's upright face lies, and its place in that file."""
    faces = sorted(
        (face for face in typesetting.fonts().fonts() if face.path is not None and face.style == "normal"),
        key=lambda face: (face.family, face.stretch != 1.0, abs(face.weight - 400), face.path, face.index),
    )
    return {face.family: (str(face.path), face.index) for face in reversed(faces)}


def _candidates(script: str) -> Iterator[str]:
    """All families, those first that are made for the script: cheap to ask, and right for what several can write."""
    hint = "CJK" if script in _EAST_ASIAN else str(scripts.script_name(script)).replace("Nko", "NKo")
    yield from sorted(_files(), key=lambda family: _rank(family, hint if script not in _SHARED else ""))


def _rank(family: str, hint: str) -> tuple[bool, bool, int, str]:
    style = next((place for place, words in enumerate(_STYLES) if family.startswith(words)), len(_STYLES))
    return hint not in family, any(words in family for words in _LAST), style, family
