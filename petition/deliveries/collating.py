"""Unicode root collation (UCA, the DUCET) as bytes, computed in Python: the same order whatever the database."""

import struct
import unicodedata
from functools import cache, lru_cache

from pyuca import Collator

_KNOWN_WORDS = 50_000
"""Words remembered; names share most of theirs. At least as many bytes as that times 400 are held."""
_LEVELS = 3
_SEPARATOR = b"\0\0"

Weights = tuple[bytes, bytes, bytes]


def sort_key(name: str) -> bytes:
    """What orders names when compared byte by byte (UTS #10, section 7.3), all three levels.

    A name is put together from its words: no contraction of the DUCET reaches across a space.
    """
    words = [_word(word) for word in unicodedata.normalize("NFD", name).split(" ")]
    space = _space()
    return _SEPARATOR.join(space[level].join(word[level] for word in words) for level in range(_LEVELS))


@cache
def _collator() -> Collator:
    return Collator()


@cache
def _space() -> Weights:
    return _weights(" ")


@lru_cache(maxsize=_KNOWN_WORDS)
def _word(word: str) -> Weights:
    return _weights(word)


def _weights(normalised: str) -> Weights:
    """Each level's weights that are not zero, two bytes each."""
    elements = _collator().collation_elements(normalised)
    levels = ([element[level] for element in elements if element[level]] for level in range(_LEVELS))
    first, second, third = (struct.pack(f">{len(weights)}H", *weights) for weights in levels)
    return first, second, third
