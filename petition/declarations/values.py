"""Take the values out of declaration.toml: whatever is wrong is complained of with its line."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from petition.declarations.lines import Lines
from petition.declarations.plans import Wording
from petition.languages import CODES

NUL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\(u0000|U00000000)")
_KINDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}

Complain = Callable[[int, str], None]
"""Takes the line, counted from 1, and a sentence."""


class Values:
    """The parsed file. What is wrong leaves ``sound`` false and stands in as something harmless."""

    def __init__(self, source: str, values: Mapping[str, Any], complain: Complain) -> None:
        self.lines = Lines(source)
        self.values = values
        self.complain = complain
        self.sound = True
        self.languages: tuple[str, ...] = ()
        """Those of the declaration that are known here; set before any wording is taken."""

    def refuse(self, key: str, sentence: str, table: str = "", *, nth: int = 0, language: str = "") -> None:
        """``language`` is that of the words that are wrong, where they are given in several."""
        self.sound = False
        self.complain(self.lines.of(key, table=table, nth=nth), sentence)

    def refuse_nul_characters(self) -> None:
        for number in self.lines.holding(NUL_ESCAPE):
            self.sound = False
            self.complain(number, "Texts must not hold NUL characters.")

    def refuse_unknown(self, known: frozenset[str]) -> None:
        for key in self.values.keys() - known:
            self.refuse(key, f"“{key}” is not a key of declaration.toml.")

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        """The value of a key of the file itself; without a default it must be there."""
        value = self.values.get(key, default)
        if value is None:
            self.refuse(key, f"“{key}” is missing.")
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.refuse(key, f"“{key}” must be {_KINDS[kind]}.")
        else:
            return value
        return kind()

    def blocks(self, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each [[table]] with its number, counted from 0."""
        for nth, each in enumerate(self.take(table, list, [])):
            if isinstance(each, dict):
                yield nth, each
            else:
                self.refuse(table, f"“{table}” is written as blocks that begin with [[{table}]].", nth=nth)

    def wording(
        self,
        value: Any,
        key: str,
        *,
        table: str = "",
        nth: int = 0,
        besides: tuple[str, ...] = (),
        needed: bool = True,
    ) -> Wording:
        """The same words in every language of the declaration, and nothing else but ``besides``.

        Where they are not ``needed``, a language may go without.
        """
        words = value if isinstance(value, dict) else {}
        for extra in words.keys() - {*self.named_languages(), *besides}:
            sentence = f"“{extra}” is neither a key nor one of the declaration's languages."
            self.refuse(key if table else extra, sentence, table or key, nth=nth)
        wanted = self.languages if needed else tuple(each for each in self.languages if each in words)
        for language in wanted:
            if not isinstance(words.get(language), str) or not words[language].strip():
                self.refuse(key, f"“{key}” needs words in “{language}”.", table, nth=nth, language=language)
        return Wording({language: str(words.get(language, "")) for language in wanted})

    def named_languages(self) -> set[str]:
        """Those known here, and those that were complained of already."""
        named = self.values.get("languages")
        sound = isinstance(named, list) and set(map(str, named)) == set(self.languages)
        return set(self.languages) if sound else set(CODES)
