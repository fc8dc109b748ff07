"""One line of a CSV file, for files that are written while their rows are read: every cell in quotes."""

import csv
import io
from collections.abc import Sequence

CRLF = "\r\n"
"""As RFC 4180 ends lines."""


def csv_line(cells: Sequence[str], *, end: str = CRLF) -> str:
    """What a spreadsheet would take for a formula is guarded before, by whoever knows which cells may be that."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator=end).writerow(cells)
    return written.getvalue()
