"""Who agreed that a partner may be given them, with the words, the language and the time of each one's consent."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Literal

import pyrage
import xlsxwriter

from petition import clock
from petition.declarations.models import Declaration
from petition.deliveries import agreed
from petition.deliveries.agreed import Agreed
from petition.packages.zipping import ENCRYPTED, read_age_key
from petition.partners.models import Partner
from petition.signatures import given
from petition.tables.cells import BOM, neutralise
from petition.tables.lines import csv_line

Format = Literal["csv", "xlsx", "jsonl"]
FORMATS: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
"""With the media type of each."""
COLUMNS = Agreed._fields
MOST_IN_WORKBOOK = 100_000
"""A workbook is made in memory."""


def count(partner: Partner, declaration: Declaration) -> int:
    return agreed.count(declaration, *given.to(partner.slug))


def write(partner: Partner, declaration: Declaration, format: Format) -> Iterable[bytes]:
    """The file in pieces; whole and encrypted where the partner has a key, so that nobody between can read it."""
    pieces = _WRITERS[format](agreed.rows(declaration, *given.to(partner.slug)))
    if partner.age_key is None:
        return pieces
    return [pyrage.encrypt(b"".join(pieces), [read_age_key(partner.age_key)])]


def file_name(partner: Partner, declaration: Declaration, format: Format) -> str:
    name = f"{declaration.slug}-{partner.slug}-{clock.now():%Y-%m-%d}.{format}"
    return name + ENCRYPTED if partner.age_key else name


def _as_csv(rows: Iterable[Agreed]) -> Iterator[bytes]:
    yield (BOM + csv_line(COLUMNS)).encode()
    for row in rows:
        # Our own ids are random, and may begin with a hyphen.
        yield csv_line([neutralise(cell) for cell in row]).encode()


def _as_jsonl(rows: Iterable[Agreed]) -> Iterator[bytes]:
    for row in rows:
        yield (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n").encode()


def _as_workbook(rows: Iterable[Agreed]) -> Iterator[bytes]:
    file = io.BytesIO()
    # Every cell is text, whatever it looks like.
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("people")
    for nth, row in enumerate([COLUMNS, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(nth, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    yield file.getvalue()


_WRITERS = {"csv": _as_csv, "jsonl": _as_jsonl, "xlsx": _as_workbook}
