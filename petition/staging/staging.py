"""The staging file: one snapshot in the order of the delivery, read once, from which every part is made."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

ROWS_AT_ONCE = 5_000


class StagedRow(NamedTuple):
    """One counted signature. Whoever is shown by number only has empty strings for all that they stated."""

    number: int
    """From 1, in the order of the delivery; the same in the book and in the data."""
    id: str
    name: str
    affiliation: str
    role: str
    sector: str
    comment: str
    country_code: str
    visibility: str
    language: str
    channel: str
    source: str
    text_sha256: str
    confirmed_at: str
    """UTC, to the second, such as ``2026-06-01T12:00:00Z``."""
    email: str
    """Empty, unless the order asks for addresses."""

    @property
    def shown(self) -> bool:
        return self.name != ""


@dataclass(frozen=True)
class StagedText:
    """A version of the text that people in this delivery signed, or a current one."""

    language: str
    number: int
    sha256: str
    title: str
    summary: str
    source: str
    """The file as it was published, byte for byte."""
    html: str
    signed: int
    current: bool


@dataclass(frozen=True)
class Facts:
    """What the snapshot says as a whole."""

    slug: str
    as_of: datetime
    """The moment of the snapshot; the only time that any part tells."""
    site: str
    """The base URL, where the declaration and the public key are found."""
    software: str
    sample: bool
    time_zone: str
    addressee: dict[str, str]
    organisers: list[str]
    events: dict[str, dict[str, str]]
    goal: int
    opens_at: datetime
    closes_at: datetime | None
    founding: list[dict[str, Any]]
    organisations: list[dict[str, str]]
    """Approved endorsements: organisation, country_code, site."""
    count: int
    """All counted signatures; as many as there are rows."""
    shown: int
    by_country: dict[str, int]
    by_day: dict[str, int]
    """By the day in UTC, such as ``2026-06-01``."""
    by_visibility: dict[str, int]
    by_channel: dict[str, int]
    by_source: dict[str, int]
    by_language: dict[str, int]
    texts: list[StagedText]

    def to_json(self) -> str:
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, stored: str) -> "Facts":
        values = json.loads(stored)
        for name in ("as_of", "opens_at", "closes_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        values["texts"] = [StagedText(**each) for each in values["texts"]]
        return cls(**values)


class Staging:
    """A staging file that is whole: an SQLite database with the table ``rows`` and one row of facts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        (stored,) = self._database.execute("SELECT facts FROM facts").fetchone()
        self.facts = Facts.from_json(stored)

    def rows(self, *, first: int = 1) -> Iterator[StagedRow]:
        """The rows from this number on, in the order of the delivery."""
        columns = ", ".join(StagedRow._fields)
        cursor = self._database.execute(f"SELECT {columns} FROM rows WHERE number >= ? ORDER BY number", (first,))
        while some := cursor.fetchmany(ROWS_AT_ONCE):
            yield from map(StagedRow._make, some)

    def close(self) -> None:
        self._database.close()


def create(path: Path) -> sqlite3.Connection:
    """An empty staging file, readable by its owner alone; whoever fills it writes ``facts`` last."""
    path.touch(mode=0o600, exist_ok=False)
    database = sqlite3.connect(path)
    columns = ", ".join(f"{name} TEXT NOT NULL" for name in StagedRow._fields[1:])
    database.execute(f"CREATE TABLE rows (number INTEGER PRIMARY KEY, {columns})")
    database.execute("CREATE TABLE facts (facts TEXT NOT NULL)")
    return database


def _plain(facts: Facts) -> dict[str, Any]:
    values = dict(vars(facts))
    for name in ("as_of", "opens_at", "closes_at"):
        values[name] = values[name].isoformat() if values[name] else None
    values["texts"] = [vars(each) for each in facts.texts]
    return values
