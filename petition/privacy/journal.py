"""The journal of erasures: kept apart from the backups, and replayed when one of those was put back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TextIO

from sqlalchemy import select

from petition import clock
from petition.columns import PUBLIC_ID_LENGTH
from petition.extensions import db, insert_into, writing
from petition.privacy.keepers import all_keepers
from petition.privacy.models import Erasure

COLUMNS = ["subject", "erased_at"]
BATCH = 100
"""Entries of one transaction, so that nobody waits long."""
_SUBJECT = re.compile(rf"[A-Za-z0-9_-]{{{PUBLIC_ID_LENGTH}}}")


class JournalRefused(Exception):
    """The file is no journal, or a damaged one; nothing of it was replayed."""


@dataclass(frozen=True)
class Entry:
    """That what has this opaque id was erased, and when."""

    subject: str
    erased_at: datetime


@dataclass(frozen=True)
class Replayed:
    """How many entries there were, and how many were erased again."""

    entries: int
    erased: int


def entries() -> Iterator[Entry]:
    """Those of the database, oldest first."""
    query = select(Erasure.subject, Erasure.erased_at).order_by(Erasure.id).execution_options(yield_per=1_000)
    for subject, erased_at in db.session.execute(query):
        yield Entry(subject, erased_at)


def written(of: Iterable[Entry]) -> Iterator[str]:
    """The journal as lines of CSV. It names nobody."""
    yield ",".join(COLUMNS) + "\n"
    for entry in of:
        yield f"{entry.subject},{clock.iso(entry.erased_at)}\n"


def read(file: TextIO) -> list[Entry]:
    """All of it, so that a damaged one is refused before anything is done. Raises JournalRefused."""
    rows = csv.reader(io.StringIO(file.read()), strict=True)
    try:
        if next(rows, None) != COLUMNS:
            raise JournalRefused("The file is no journal of erasures: its first line is not “subject,erased_at”.")
        return [_entry(number, row) for number, row in enumerate(rows, 2) if row]
    except csv.Error as problem:
        raise JournalRefused(f"Line {max(rows.line_num, 1)} of the journal is damaged.") from problem


def replay(of: Iterable[Entry]) -> Replayed:
    """Erase again whatever the journal names and a restored backup brought back; commits by itself, in batches.

    Twice is once, so that whoever was interrupted begins anew. What the database's own journal lacks is added.
    """
    waiting, erased = list(of), 0
    for start in range(0, len(waiting), BATCH):
        with writing():
            erased += _replay(waiting[start : start + BATCH])
    return Replayed(len(waiting), erased)


def _replay(batch: Sequence[Entry]) -> int:
    add_missing = insert_into(Erasure).values([asdict(entry) for entry in batch])
    db.session.execute(add_missing.on_conflict_do_nothing(index_elements=["subject"]))
    return sum(any(keeper.forget_again(entry.subject) for keeper in all_keepers()) for entry in batch)


def _entry(number: int, row: list[str]) -> Entry:
    try:
        subject, at = row
        moment = datetime.fromisoformat(at)
    except ValueError as problem:
        raise JournalRefused(f"Line {number} of the journal is damaged.") from problem
    if not _SUBJECT.fullmatch(subject) or moment.tzinfo is None:
        raise JournalRefused(f"Line {number} of the journal is damaged.")
    return Entry(subject, moment)
