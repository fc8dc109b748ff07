"""Tables that somebody made with a spreadsheet program: CSV or XLSX, read as text, within limits."""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import openpyxl
from flask_babel import LazyString, lazy_gettext

MOST_BYTES = 5 * 1024 * 1024
LONGEST_HEAD = 10_000
"""Characters of the first line that tell which delimiter it is."""
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CHARACTERS = 2_000
"""Of one cell."""
MOST_UNPACKED = 60 * 1024 * 1024
"""Of everything in an XLSX file, which is a ZIP."""
MOST_BLANK = 100_000
TOO_LONG_HERE = lazy_gettext("The file has more than 2,000 rows. Please split it, or import it on the server.")
"""For those who must not keep a request waiting."""
DELIMITERS = ",;\t|"


class TableRefused(Exception):
    """The file is no table that can be read; the sentence says why."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Table:
    """The first row's words, and the rows under it that are not empty, each with its number in the file."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(content: bytes, *, sheet: str | None = None) -> Table:
    """What the bytes hold, whatever the file is called. ``sheet`` is one of a workbook's. Raises TableRefused."""
    if len(content) > MOST_BYTES:
        raise TableRefused(lazy_gettext("The file is larger than 5 MB. Please split it."))
    rows = _workbook(content, sheet) if content[:2] == b"PK" else _csv(content)
    filled = ((number, tuple(cells)) for number, cells in _bounded(rows) if any(cell.strip() for cell in cells))
    first = next(filled, None)
    if first is None:
        raise TableRefused(lazy_gettext("The file holds no rows."))
    header = tuple(cell.strip() for cell in first[1])
    return Table(header, tuple(filled))


def _bounded(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers, until there are too many."""
    filled = 0
    for number, cells in enumerate(rows, 1):
        while cells and not cells[-1]:
            cells.pop()
        filled += bool(cells)
        if filled > MOST_ROWS + 1 or number > MOST_BLANK:
            raise TableRefused(lazy_gettext("The file has more than 20,000 rows. Please split it."))
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


def _workbook(content: bytes, sheet: str | None) -> Iterator[list[str]]:
    try:
        _check_size(content)
        with warnings.catch_warnings():
            # It warns of looks that it does not know; we want none of them.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            page = book[sheet] if sheet else book.worksheets[0]
            # What a file says of its own size may be made up.
            page.reset_dimensions()
            for row in page.iter_rows(values_only=True):
                yield [_as_text(cell) for cell in row]
        finally:
            book.close()
    except TableRefused:
        raise
    except Exception as problem:
        # A damaged workbook fails in any of a dozen ways, none of them documented.
        words = lazy_gettext("The file cannot be read as XLSX, or has no such sheet.")
        raise TableRefused(words) from problem


def _check_size(content: bytes) -> None:
    """Before anything is unpacked; what a ZIP says of a part's size, its reader holds it to."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > 2_000:
            raise TableRefused(lazy_gettext("The file unpacks to more than can be read. Please split it."))
        for part in parts:
            with archive.open(part) as opened:
                if b"<!DOCTYPE" in opened.read(2_000):
                    raise TableRefused(lazy_gettext("The file cannot be read as XLSX, or has no such sheet."))


def _as_text(cell: Any) -> str:
    """A cell as a person reads it; a day as 2026-03-04, whatever the file shows."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
