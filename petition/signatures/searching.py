"""The keys under which a name is found: by its beginning or its last word, whatever the case and the accents."""

import unicodedata

LONGEST_KEY = 60
"""Code points of a key; more would not fit an index, and nobody types more to find a name."""
LONGEST_TYPED = 200
"""Characters of what was typed that are looked at; the rest could not be in a key any more."""

# Letters that Unicode does not take apart, and that people without such a keyboard type differently.
_PLAIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ŧ": "t",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "ـ": None,
        # A name is written with an apostrophe of either kind, or with none: O’Neill.
        **dict.fromkeys("'’‘ʼ`´ʹ\u200c\u200d", None),
    }
)


def key(name: str) -> str | None:
    """The name as it is searched: folded, without marks, words with single spaces; None if nothing is left."""
    return _cut(" ".join(_words(name)))


def turned_key(name: str) -> str | None:
    """The same with the last word first: *lovelace ada*. None where there is one word alone."""
    *before, last = _words(name) or [""]
    return _cut(" ".join([last, *before])) if before else None


def end_of(prefix: str) -> str:
    """The first text, in the order of code points, that comes after everything beginning with this key."""
    # No key holds the last code point there is, nor a surrogate: neither is a letter.
    following = ord(prefix[-1]) + 1
    return prefix[:-1] + chr(0xE000 if following == 0xD800 else following)


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", _unmarked(text[:LONGEST_TYPED]).casefold())
    plain = _unmarked(folded).translate(_PLAIN)
    return "".join(char if _is_kept(char) else " " for char in plain).split()


def _unmarked(text: str) -> str:
    """Without accents and points; vowel signs, which other scripts cannot be read without, stay."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _is_kept(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _cut(words: str) -> str | None:
    return words[:LONGEST_KEY].rstrip() or None
