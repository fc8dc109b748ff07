"""Readable differences between two versions: by paragraphs, then by words, marked in words as well as in looks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
_PARAGRAPHS = re.compile(r"\n[ \t]*\n+")
# Scripts that are written without spaces are compared character by character.
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|\s+|[^\W_]+|\W|_")
_ALIKE = 0.4
"""From this likeness on, two paragraphs are one that was changed."""
_MOST_WORDS = 2_000
_MOST_PARAGRAPHS = 2_000
"""Beyond them, a paragraph and a text are compared as a whole: the time grows with the square."""
_AHEAD = 4
"""How many of the removed paragraphs a rewritten one is looked for in."""


@dataclass(frozen=True)
class Run:
    kind: Kind
    words: str


@dataclass(frozen=True)
class Paragraph:
    """As one reads it: what stayed, what was added, what was removed."""

    runs: tuple[Run, ...]

    @property
    def same(self) -> bool:
        return all(run.kind == "same" for run in self.runs)


def compare(before: str, after: str) -> list[Paragraph]:
    """Paragraph by paragraph, in the order of the newer text; what was removed stands where it was."""
    old, new = _paragraphs(before), _paragraphs(after)
    if len(old) + len(new) > _MOST_PARAGRAPHS and old != new:
        return [Paragraph((Run("removed", before),)), Paragraph((Run("added", after),))]
    found: list[Paragraph] = []
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraph((Run("same", each),)) for each in old[from_old:to_old]]
        else:
            found += _changed(old[from_old:to_old], new[from_new:to_new])
    return found


def shorten(found: list[Paragraph]) -> list[Paragraph | int]:
    """What stayed is left out, but for a paragraph on each side of a change; a number says how many were."""
    near = {index + step for index, paragraph in enumerate(found) if not paragraph.same for step in (-1, 0, 1)}
    shown: list[Paragraph | int] = []
    for index, paragraph in enumerate(found):
        last = shown[-1] if shown else None
        if index in near:
            shown.append(paragraph)
        elif isinstance(last, int):
            shown[-1] = last + 1
        else:
            shown.append(1)
    return shown


def is_same(found: list[Paragraph]) -> bool:
    return all(paragraph.same for paragraph in found)


def _paragraphs(text: str) -> list[str]:
    return [each for each in _PARAGRAPHS.split(text.strip()) if each.strip()]


def _changed(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    """Paragraphs that were rewritten stand together with what they were, where they are alike."""
    waiting = list(old)
    for each in new:
        alike = next((index for index, other in enumerate(waiting[:_AHEAD]) if _likeness(other, each) >= _ALIKE), None)
        if alike is None:
            yield Paragraph((Run("added", each),))
            continue
        yield from (Paragraph((Run("removed", other),)) for other in waiting[:alike])
        yield Paragraph(tuple(_by_words(waiting[alike], each)))
        del waiting[: alike + 1]
    yield from (Paragraph((Run("removed", other),)) for other in waiting)


def _likeness(one: str, other: str) -> float:
    ours, theirs = _WORDS.findall(one), _WORDS.findall(other)
    if len(ours) + len(theirs) > _MOST_WORDS:
        return 0
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0


def _by_words(before: str, after: str) -> Iterator[Run]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(old[from_old:to_old]))
            continue
        if to_old > from_old:
            yield Run("removed", "".join(old[from_old:to_old]))
        if to_new > from_new:
            yield Run("added", "".join(new[from_new:to_new]))
