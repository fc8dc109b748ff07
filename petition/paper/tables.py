"""Tables that somebody made with a spreadsheet program: CSV or XLSX, read as text, within limits."""

import csv
import io
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flask_babel import LazyString, lazy_gettext

from petition.paper import workbooks
from petition.paper.workbooks import TableRefused

MOST_BYTES = 5 * 1024 * 1024
LONGEST_HEAD = 10_000
"""Characters of the first line that tell which delimiter it is."""
MOST_COLUMNS = 200
MOST_CHARACTERS = 2_000
"""Of one cell."""
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Limits:
    """How much of a table is read: rows that hold something, and with the empty ones; bytes and tags that a workbook
    unpacks to, before anything in it is read; seconds for all of it.
    """

    rows: int
    lines: int
    unpacked: int
    tags: int
    seconds: float
    too_long: LazyString


HERE = Limits(
    rows=2_000,
    lines=10_000,
    unpacked=12 * 1024 * 1024,
    tags=600_000,
    seconds=5,
    too_long=lazy_gettext("The file has more than 2,000 rows. Please split it, or import it on the server."),
)
"""In a request, which is answered within seconds, and computes aside from the others."""
ON_THE_SERVER = Limits(
    rows=20_000,
    lines=100_000,
    unpacked=60 * 1024 * 1024,
    tags=6_000_000,
    seconds=120,
    too_long=lazy_gettext("The file has more than 20,000 rows. Please split it."),
)
ON_SQLITE = replace(
    ON_THE_SERVER,
    rows=10_000,
    too_long=lazy_gettext("The file has more than 10,000 rows, and meanwhile nobody could sign. Please split it."),
)
"""Rows are entered in one transaction, and SQLite lets one write at a time: who signs waits for less than the 5
seconds after which they would be told to come back.
"""


@dataclass(frozen=True)
class Table:
    """The first row's words, and the rows under it that are not empty, each with its number in the file."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(content: bytes, *, limits: Limits, sheet: str | None = None) -> Table:
    """What the bytes hold, whatever the file is called. ``sheet`` is one of a workbook's. Raises TableRefused."""
    until = time.monotonic() + limits.seconds
    if len(content) > MOST_BYTES:
        raise TableRefused(lazy_gettext("The file is larger than 5 MB. Please split it."))
    if content[:2] == b"PK":
        workbooks.check(content, most_bytes=limits.unpacked, most_tags=limits.tags)
        rows = workbooks.rows(content, sheet)
    else:
        rows = _csv(content)
    bounded = _bounded(rows, limits, until=until)
    filled = ((number, tuple(cells)) for number, cells in bounded if any(cell.strip() for cell in cells))
    first = next(filled, None)
    if first is None:
        raise TableRefused(lazy_gettext("The file holds no rows."))
    header = tuple(cell.strip() for cell in first[1])
    return Table(header, tuple(filled))


def _bounded(rows: Iterable[list[str]], limits: Limits, *, until: float) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers, until there are too many, or it takes too long."""
    filled = 0
    for number, cells in enumerate(rows, 1):
        if time.monotonic() > until:
            raise TableRefused(lazy_gettext("The file takes too long to read. Please save it as “CSV UTF-8”."))
        while cells and not cells[-1]:
            cells.pop()
        filled += bool(cells)
        if filled > limits.rows + 1:
            raise TableRefused(limits.too_long)
        if number > limits.lines:
            raise TableRefused(lazy_gettext("The file has too many empty rows. Please delete them."))
        if len(cells) > MOST_COLUMNS or any(len(cell) > MOST_CHARACTERS for cell in cells):
            raise TableRefused(
                lazy_gettext("Row %(number)s has too many cells, or too much text in one.", number=number)
            )
        yield number, cells


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise TableRefused(
            lazy_gettext("The file is neither XLSX nor CSV in UTF-8. Please save it as “CSV UTF-8”.")
        ) from problem
    if "\0" in text:
        raise TableRefused(lazy_gettext("The file is neither XLSX nor CSV in UTF-8. Please save it as “CSV UTF-8”."))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from reader
    except csv.Error as problem:
        raise TableRefused(
            lazy_gettext("The quotation marks in line %(number)s do not fit together.", number=reader.line_num)
        ) from problem


def _delimiter(text: str) -> str:
    """What takes the first row apart into the most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")[:LONGEST_HEAD]
    return max(DELIMITERS, key=lambda each: len(next(csv.reader([first], delimiter=each), [])))
