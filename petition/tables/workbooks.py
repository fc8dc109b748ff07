"""The signatories as an Excel workbook: sheets that are written row by row, in which text stays text."""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import force_locale, gettext
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from petition import languages
from petition.staging.orders import Order
from petition.staging.staging import Staging
from petition.tables import columns, overviews
from petition.tables.columns import Cells, Progress

ROWS_A_SHEET = 1_000_000
"""Excel has room for 1,048,576."""
FONT = {"font_name": "Arial", "font_size": 10, "font_scheme": "none"}
WIDTHS = {
    "number": 9, "id": 25, "name": 32, "affiliation": 32, "role": 26, "sector": 16, "comment": 48, "country": 24,
    "country_code": 10, "visibility": 12, "language": 10, "channel": 10, "source": 18, "text_sha256": 20,
    "confirmed_at": 20, "email": 32,
}  # fmt: skip
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "use_zip64": True,
}
# XML 1.0 holds none of these as they are, and what Excel would unescape must be escaped itself.
_SPECIAL = re.compile("[&<>\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
_CONTROL = re.compile("[\x00-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_EPOCH = date(1899, 12, 30).toordinal()


def write(staging: Staging, order: Order, path: Path, progress: Progress | None) -> None:
    """Write the workbook. What it needs meanwhile lies in a private folder beside it, more than a kilobyte a row."""
    with _workroom(path.parent / ".workbook") as room, force_locale(order.languages[0]):
        # The workbook writes into what it is given as the font.
        options = {**_OPTIONS, "tmpdir": str(room), "default_format_properties": dict(FONT)}
        book = xlsxwriter.Workbook(str(path), options)
        as_of = staging.facts.as_of.replace(tzinfo=None)
        book.set_properties({"title": staging.facts.slug, "created": as_of})
        try:
            overviews.add(book, staging, order)
            _add_signatories(book, staging, order, progress)
            book.close()
        except FileCreateError as problem:
            # The disk refused: whoever waits for an OSError gets it.
            raise problem.args[0] from None
        finally:
            for sheet in book.worksheets():
                with suppress(OSError):
                    sheet.row_data_fh.close()


@contextmanager
def _workroom(folder: Path) -> Iterator[Path]:
    """A private folder, empty at first even where a process was killed in it, and gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _add_signatories(book: Any, staging: Staging, order: Order, progress: Progress | None) -> None:
    names = columns.names(order)
    titles = [str(columns.COLUMNS[name]) for name in names]
    head = book.add_format({"bold": True, "bg_color": "#E4E8EB", "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    rows = columns.rows(staging, order, progress)
    left = staging.facts.count
    sheets = max(1, -(-left // ROWS_A_SHEET))
    for nth in range(1, sheets + 1):
        title = gettext("Signatories")
        sheet = book.add_worksheet(f"{title} {nth}" if sheets > 1 else title, worksheet_class=Signatories)
        some = min(left, ROWS_A_SHEET)
        _lay_out(sheet, names, some, order)
        sheet.write_all(titles, islice(rows, some), some, names.index("confirmed_at"), head=head, moment=moment)
        left -= some
    if next(rows, None):
        raise ValueError("There are more rows than the snapshot's count.")


def _lay_out(sheet: Worksheet, names: Sequence[str], rows: int, order: Order) -> None:
    if languages.direction(order.languages[0]) == "rtl":
        sheet.right_to_left()
    for nth, name in enumerate(names):
        sheet.set_column(nth, nth, WIDTHS[name])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, len(names) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)


class Signatories(Worksheet):  # type: ignore[misc]
    """A sheet whose rows are written here: XlsxWriter takes twice the time, and ``<r>…</r>`` for text with styles."""

    def write_all(
        self, titles: Sequence[str], rows: Iterable[Cells], count: int, moment_at: int, *, head: Format, moment: Format
    ) -> None:
        """All rows below their titles; the cell at ``moment_at`` becomes a date of this format."""
        self._check_dimensions(0, 0)
        self._check_dimensions(count, len(titles) - 1)
        file = self.row_data_fh
        letters = [chr(ord("A") + nth) for nth in range(len(titles))]
        style = head._get_xf_index()
        heads = [_text(f"{at}1", title, style) for at, title in zip(letters, titles, strict=True)]
        file.write(f'<row r="1">{"".join(heads)}</row>')
        file.writelines(_rows(rows, letters, moment_at, moment._get_xf_index()))


def _rows(rows: Iterable[Cells], letters: Sequence[str], moment_at: int, style: int) -> Iterator[str]:
    texts = [(nth, at) for nth, at in enumerate(letters) if nth not in (0, moment_at)]
    before = [(nth, at) for nth, at in texts if nth < moment_at]
    after = [(nth, at) for nth, at in texts if nth > moment_at]
    date_at = letters[moment_at]
    for r, cells in enumerate(rows, 2):
        made = [f'<row r="{r}"><c r="A{r}"><v>{cells[0]}</v></c>']
        made += [_text(f"{at}{r}", cells[nth]) for nth, at in before if cells[nth]]  # type: ignore[arg-type]
        made.append(f'<c r="{date_at}{r}" s="{style}"><v>{serial(str(cells[moment_at]))}</v></c>')
        made += [_text(f"{at}{r}", cells[nth]) for nth, at in after if cells[nth]]  # type: ignore[arg-type]
        made.append("</row>")
        yield "".join(made)


def _text(place: str, text: str, style: int = 0) -> str:
    """A cell of text, which Excel takes for nothing else."""
    kind = f'r="{place}" s="{style}" t="inlineStr"' if style else f'r="{place}" t="inlineStr"'
    if not _SPECIAL.search(text):
        return f"<c {kind}><is><t>{text}</t></is></c>"
    escaped = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<c {kind}><is><t xml:space="preserve">{escaped}</t></is></c>'


def serial(moment: str) -> str:
    """The number that Excel knows this moment by: days since the last of 1899, in UTC as everywhere here."""
    seconds = int(moment[11:13]) * 3600 + int(moment[14:16]) * 60 + int(moment[17:19])
    return f"{_day(moment[:10]) + seconds / 86400:.15G}"


@cache
def _day(day: str) -> int:
    return date.fromisoformat(day).toordinal() - _EPOCH
