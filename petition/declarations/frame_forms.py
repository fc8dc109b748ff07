"""What a browser posts of the frame: fields by language, and rows that are added, removed and moved."""

import re
from collections.abc import Mapping
from typing import Any

from petition.declarations.drafts import Content, line
from petition.declarations.framing import EVENT_KEYS, ROWS, WORDED
from petition.declarations.plans import CONSENTS, OPTIONAL_FIELDS
from petition.languages import CODES

MOST_ROWS = 500
_ROW = re.compile(r"([a-z]+)-(\d{1,3})")


class FrameForm:
    """The posted fields; ``before`` is the content that the form was made of."""

    def __init__(self, fields: Mapping[str, str], before: Content) -> None:
        self.fields = fields
        self.before = before

    def content(self) -> Content:
        """What was typed; rows that were left empty are gone."""
        return {
            "sample": "sample" in self.fields,
            "languages": self._languages(),
            **{name: self._line(name) for name in ("time_zone", "goal", "retention_days")},
            "addressee": self._words("addressee"),
            "event": {language: event for language in CODES if any((event := self._event(language)).values())},
            "fields": {name: self._line(f"fields-{name}") for name in OPTIONAL_FIELDS},
            "consents": {purpose: self._words(f"consents.{purpose}") for purpose in CONSENTS},
            **{table: self._rows(table) for table in ROWS},
        }

    def _line(self, name: str) -> str:
        return line(self.fields.get(name, ""))

    def _words(self, name: str) -> dict[str, str]:
        return {language: words for language in CODES if (words := self._line(f"{name}-{language}"))}

    def _languages(self) -> list[str]:
        """The first one first, then those that were there in their order, then the new ones."""
        chosen = [language for language in CODES if f"languages-{language}" in self.fields]
        first = self._line("first")
        known = [language for language in self.before["languages"] if language in chosen]
        ordered = [*([first] if first in CODES else []), *known, *chosen]
        return list(dict.fromkeys(ordered))

    def _event(self, language: str) -> dict[str, str]:
        return {key: self._line(f"event.{language}-{key}") for key in EVENT_KEYS}

    def _rows(self, table: str) -> list[dict[str, Any]]:
        found = re.compile(rf"{table}-(\d{{1,3}})-")
        numbers = {int(match[1]) for name in self.fields if (match := found.match(name))}
        rows = [self._row(table, nth) for nth in sorted(numbers)[:MOST_ROWS]]
        return [row for row in rows if any(row.values())]

    def _row(self, table: str, nth: int) -> dict[str, Any]:
        name, worded = f"{table}-{nth}", WORDED.get(table, ())
        row: dict[str, Any] = {key: self._line(f"{name}-{key}") for key in ROWS[table] if key not in worded}
        for key in worded:
            # A sector is its words; a signatory has a role and an affiliation in words.
            row |= {key: self._words(f"{name}-{key}")} if key else self._words(name)
        return row


def rearrange(content: Content, *, add: str = "", remove: str = "", up: str = "") -> Content:
    """With one row more in the table, or without this row, or with it one place further up.

    A table is named as in declaration.toml, a row as ``table-nth``; what names nothing changes nothing.
    """
    changed = {**content, **{table: list(content[table]) for table in ROWS}}
    if add in ROWS and len(changed[add]) < MOST_ROWS:
        changed[add].append({})
    table, nth = _named(remove)
    if table and nth < len(changed[table]):
        del changed[table][nth]
    table, nth = _named(up)
    if table and 0 < nth < len(changed[table]):
        changed[table].insert(nth - 1, changed[table].pop(nth))
    return changed


def _named(row: str) -> tuple[str, int]:
    match = _ROW.fullmatch(row)
    return (match[1], int(match[2])) if match and match[1] in ROWS else ("", 0)
