"""Signatories as the book's template takes them, one after the other."""

from typing import Any

from petition.books import typography, wording
from petition.books.typography import prepared
from petition.staging.orders import Order, Sorting
from petition.staging.staging import StagedRow


class Entries:
    """Signatories as the template takes them: number, name, what stands below it in small; and what is special."""

    def __init__(self, order: Order, lacking: frozenset[str]) -> None:
        self._lacking = lacking
        self._language = order.languages[0]
        self._with_country = order.sorting is Sorting.TIME
        self._countries: dict[str, str] = {}

    def entry(self, row: StagedRow) -> list[Any]:
        stated = [row.role, row.affiliation]
        if self._with_country:
            stated.append(self._country(row.country_code))
        below = [prepared(words, self._lacking) for words in stated if words]
        entry: list[Any] = [row.number, prepared(row.name, self._lacking), _below(below)]
        whole = row.name + row.affiliation + row.role
        if not whole.isascii():
            shapes = typography.shapes_for(whole, row.country_code)
            if shapes or typography.is_tall(whole):
                entry += [typography.is_tall(whole), shapes]
        return entry

    def _country(self, code: str) -> str:
        if code not in self._countries:
            self._countries[code] = wording.country(code, self._language)
        return self._countries[code]


def _below(pieces: list[Any]) -> Any:
    if all(isinstance(piece, str) for piece in pieces):
        return " · ".join(pieces)
    joined: list[Any] = ["boxed"]
    for nth, piece in enumerate(pieces):
        joined += [" · "] if nth else []
        joined += [piece] if isinstance(piece, str) else piece[1:]
    return joined
