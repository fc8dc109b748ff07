"""Workbooks (XLSX): what they unpack to is weighed before anything in them is read; then cells become text."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl
from flask_babel import LazyString, lazy_gettext

MOST_PARTS = 2_000
_TAG = b"<"
_DECLARES = tuple("<!DOCTYPE".encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be"))
_UNREADABLE = lazy_gettext("The file cannot be read as XLSX, or has no such sheet.")


class TableRefused(Exception):
    """The file is no table that can be read; the sentence says why."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check(content: bytes, *, most_bytes: int, most_tags: int) -> None:
    """Refuse what unpacks to more than can be read, and what declares entities. Raises TableRefused.

    Sizes are first taken as the ZIP tells them, which its reader then holds to. Reading costs what there are tags,
    and a few kilobytes may hold millions.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > most_bytes or len(parts) > MOST_PARTS:
                raise _too_much()
            tags = 0
            for part in parts:
                tags += _tags_in(archive.read(part))
                if tags > most_tags:
                    raise _too_much()
    except TableRefused:
        raise
    except Exception as problem:
        # A damaged workbook fails in any of a dozen ways, none of them documented.
        raise TableRefused(_UNREADABLE) from problem


def rows(content: bytes, sheet: str | None) -> Iterator[list[str]]:
    """Cells as text, row by row, of this sheet or of the first. Raises TableRefused."""
    try:
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
    except Exception as problem:
        raise TableRefused(_UNREADABLE) from problem


def _too_much() -> TableRefused:
    return TableRefused(lazy_gettext("The file unpacks to more than can be read. Please split it."))


def _tags_in(part: bytes) -> int:
    if any(declares in part for declares in _DECLARES):
        raise TableRefused(_UNREADABLE)
    return part.count(_TAG)


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
