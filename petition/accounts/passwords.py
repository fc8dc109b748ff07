"""Passwords: long, not common, kept as argon2id, checked in the same time whether there is one or not."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from petition.accounts.common_passwords import RUNS, WORDS
from petition.accounts.refusals import PasswordTooCommon, PasswordTooLong, PasswordTooShort

SHORTEST = 12
MOST_BYTES = 256
"""In UTF-8: nobody types more, and argon2 is not kept busy with it."""
LEAST_LEFT = 4
"""Characters that must be left when common words, runs, repetitions and what is known of the person are taken away."""
LEAST_DIFFERENT = 6

_HASHER = PasswordHasher()
_PLAIN = str.maketrans("013457@$!|", "oleastasil")
_LONGEST_WORD = max(map(len, WORDS))


def refuse_weak(password: str, *, known: Iterable[str] = ()) -> None:
    """Refuse what is short, endless, or made of what is tried first.

    ``known`` is what anybody knows of the person and the site: their address, their name, its host.
    Raises PasswordTooShort, PasswordTooLong and PasswordTooCommon.
    """
    whole = _whole(password)
    if len(whole) < SHORTEST:
        raise PasswordTooShort
    if len(whole.encode()) > MOST_BYTES:
        raise PasswordTooLong
    if len(set(whole)) < LEAST_DIFFERENT or _is_common(whole.casefold(), known):
        raise PasswordTooCommon


def keep(password: str) -> str:
    """How a password is kept: argon2id with the library's parameters, which stand in what it returns."""
    return _HASHER.hash(_whole(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether it is this password. Without one the same work is done, so that the time it takes does not tell."""
    typed, nobodys = _whole(password), _nobodys()
    if len(typed.encode()) > MOST_BYTES:
        typed, kept = "", None
    try:
        return _HASHER.verify(kept or nobodys, typed) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _whole(password: str) -> str:
    """Alike from every keyboard (NIST SP 800-63B, section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _is_common(folded: str, known: Iterable[str]) -> bool:
    """Whether too little is left of it, as it stands or with digits read as the letters that they look like."""
    theirs = {part for words in known for part in re.split(r"[\W_]+", words.casefold()) if len(part) >= 3}
    readings = (folded, folded.translate(_PLAIN))
    return any(len(_left_of(reading, WORDS | theirs)) < LEAST_LEFT for reading in readings)


def _left_of(text: str, words: frozenset[str] | set[str]) -> str:
    """What is left after taking away, from the beginning on, the longest word or run that stands there."""
    text = re.sub(r"[\W_]+", "", text)
    longest = max(_LONGEST_WORD, max(map(len, words)))
    left, at = [], 0
    while at < len(text):
        taken = max(_word_at(text, at, words, longest), _run_at(text, at), _repeated_at(text, at))
        if not taken:
            left.append(text[at])
        at += taken or 1
    # Digits at the end, a year or a birthday, are added to words by everybody.
    return "".join(left).rstrip("0123456789")


def _word_at(text: str, at: int, words: frozenset[str] | set[str], longest: int) -> int:
    lengths = range(min(longest, len(text) - at), 2, -1)
    return next((length for length in lengths if text[at : at + length] in words), 0)


def _run_at(text: str, at: int) -> int:
    lengths = range(len(text) - at, 2, -1)
    fits = (
        length
        for length in lengths
        for run in RUNS
        if text[at : at + length] in run or text[at : at + length] in run[::-1]
    )
    return next(fits, 0)


def _repeated_at(text: str, at: int) -> int:
    """How many characters repeat those that stand just before."""
    lengths = range(min(at, len(text) - at), 0, -1)
    return next((length for length in lengths if text[at - length : at] == text[at : at + length]), 0)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
