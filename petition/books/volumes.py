"""How the book is divided: into volumes of so many names, and each of them into countries."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from petition.staging.orders import Sorting
from petition.staging.staging import Staging

NAMES_A_VOLUME = 25_000
_STRETCHES = """
WITH placed AS (
    SELECT number, {country} AS country, name <> '' AS shown, sum(name <> '') OVER (ORDER BY number) AS place FROM rows
)
SELECT max(place - 1, 0) / ? AS volume, country, min(number), max(number), sum(shown), count(*) - sum(shown)
FROM placed GROUP BY volume, country ORDER BY volume, min(number)
"""


@dataclass(frozen=True)
class Stretch:
    """Signatories of one country who follow each other in one volume; of all countries, in the order of time."""

    country_code: str
    first: int
    last: int
    names: int
    untold: int
    """So many more of the country are shown by number only; told where its last stretch ends, and 0 before."""
    continued: bool
    """Whether the country began in an earlier volume."""


@dataclass(frozen=True)
class Volume:
    """One file: its place among all of them, from 1, and what stands in it."""

    place: int
    stretches: tuple[Stretch, ...]

    @property
    def names(self) -> int:
        return sum(stretch.names for stretch in self.stretches)

    @property
    def first(self) -> int:
        return self.stretches[0].first if self.stretches else 1

    @property
    def last(self) -> int:
        return self.stretches[-1].last if self.stretches else 0


def plan(staging: Staging, sorting: Sorting, *, names: int = NAMES_A_VOLUME) -> list[Volume]:
    """All volumes, of so many names each; there is one at least."""
    country = "country_code" if sorting is Sorting.COUNTRY else "''"
    with closing(_open(staging)) as database:
        rows = database.execute(_STRETCHES.format(country=country), (names,)).fetchall()
    ends = {code: volume for volume, code, *_ in rows}
    untold: dict[str, int] = {}
    began: dict[str, int] = {}
    found: dict[int, list[Stretch]] = {0: []}
    for volume, code, first, last, shown, hidden in rows:
        untold[code] = untold.get(code, 0) + hidden
        told = untold[code] if ends[code] == volume else 0
        stretch = Stretch(code, first, last, shown, told, began.setdefault(code, volume) != volume)
        found.setdefault(volume, []).append(stretch)
    return [Volume(place + 1, tuple(stretches)) for place, stretches in sorted(found.items())]


def untold(staging: Staging) -> dict[str, int]:
    """By country, how many are shown by number only."""
    with closing(_open(staging)) as database:
        rows = database.execute("SELECT country_code, count(*) FROM rows WHERE name = '' GROUP BY country_code")
        return dict(rows.fetchall())


def _open(staging: Staging) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{staging.path}?mode=ro", uri=True)
