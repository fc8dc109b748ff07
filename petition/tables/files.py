"""The signatories as tables, written as streams: CSV for any program, JSON lines for programmers, XLSX for people."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from petition import whole
from petition.staging.orders import Order
from petition.staging.staging import Staging
from petition.tables import columns, workbooks
from petition.tables.cells import BOM, neutralise
from petition.tables.columns import Cells, Progress

# Whatever of these is there already is whole, because each is renamed when it is: a job that goes on keeps it.


def make_csv(staging: Staging, order: Order, folder: Path, progress: Progress | None = None) -> Path:
    """``signatories.csv``: every cell in quotes, and none that a spreadsheet would take for a formula."""
    path = folder / "signatories.csv"
    if path.exists():
        return path
    with whole.open_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        text.write(BOM)
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(columns.names(order))
        writer.writerows(map(_guarded, columns.rows(staging, order, progress)))
        text.detach()
    return path


def make_jsonl(staging: Staging, order: Order, folder: Path, progress: Progress | None = None) -> Path:
    """``signatories.jsonl``: an object a line, its texts as they were stored; JSON opens in no spreadsheet."""
    path = folder / "signatories.jsonl"
    if path.exists():
        return path
    names = columns.names(order)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with whole.open_file(path) as file:
        for cells in columns.rows(staging, order, progress):
            file.write(f"{encode(dict(zip(names, cells, strict=True)))}\n".encode())
    return path


def make_xlsx(staging: Staging, order: Order, folder: Path, progress: Progress | None = None) -> Path:
    """``signatories.xlsx``: a summary with a chart, then the signatories, a new sheet each million."""
    path = folder / "signatories.xlsx"
    if path.exists():
        return path
    with whole.beside(path) as draft:
        workbooks.write(staging, order, draft, progress)
    return path


def _guarded(cells: Cells) -> Iterable[int | str]:
    return [neutralise(cell) if type(cell) is str else cell for cell in cells]
