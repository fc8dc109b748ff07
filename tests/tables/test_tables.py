"""The tables: every name as it was staged, in CSV, in JSON and in a workbook, and nothing that runs."""

import csv
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from flask import Flask

from petition.staging.staging import StagedRow, Staging
from petition.tables import files, workbooks
from petition.tables.cells import neutralise
from tests.deliveries.steps import disk_full, order, some_rows
from tests.deliveries.test_exporting import NASTY_STARTS, NASTY_TEXTS
from tests.staging import staged

MAKERS = [files.make_csv, files.make_jsonl, files.make_xlsx]
NAUGHTY = [
    "Ada Lovelace", "محمد بن موسى الخوارزمي", "שָׁלוֹם", "Ẓ̌̍alg", "𠀀𠀁 𪚥", "𞤀𞤣𞤤𞤢𞤥", "ᠮᠣᠩᠭᠣᠯ", "王小明", "김철수", "अनुष्का",
    "ไทย", "ኢትዮጵያ",
    "O’Neil & Söhne <GmbH>", "<r>not rich</r>", "<r><t>x</t></r>", "_x0041_", "_x005F_", "1e5", "0012", "1/2",
    "2026-06-01",
    "TRUE", "#REF!", "http://example.org/", "mailto:x@example.org", "internal:Sheet1!A1", "{=1+1}", "'quoted",
    "a" * 100,
    " ", "ends ", "  begins", "x\u200dy", "\u2068isolated\u2069",
]  # fmt: skip
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@pytest.fixture(autouse=True)
def _inside(site: Flask) -> Iterator[None]:
    with site.app_context():
        yield


def rows_of(names: list[str]) -> list[StagedRow]:
    return [
        staged.row(nth, name=name, affiliation=name, comment=name, source=name) for nth, name in enumerate(names, 1)
    ]


def stage(folder: Path, rows: list[StagedRow]) -> Staging:
    folder.mkdir(exist_ok=True)
    return staged.staged(folder, rows)


def sheet(path: Path, nth: int = 1) -> list[tuple[object, ...]]:
    with closing(openpyxl.load_workbook(path)) as book:
        return list(book.worksheets[nth].iter_rows(values_only=True))


def read_csv(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_staging_gives_the_same_bytes_in_a_private_file(tmp_path: Path, make: workbooks.Any) -> None:
    made = []
    for place in ("one", "other"):
        with closing(stage(tmp_path / place, some_rows())) as staging:
            path = make(staging, order(), tmp_path / place, None)
        made.append(path.read_bytes())
        assert path.stat().st_mode & 0o777 == 0o600
        assert {file.name for file in path.parent.iterdir()} == {"staging.sqlite", path.name}
    assert made[0] == made[1]


@pytest.mark.parametrize("make", MAKERS)
def test_a_part_that_is_there_is_kept_and_one_that_was_interrupted_is_not_there(
    tmp_path: Path, make: workbooks.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.tables.columns.TELL_EVERY", 1)
    seen = []

    def interrupt(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with closing(stage(tmp_path, some_rows())) as staging:
        with pytest.raises(KeyboardInterrupt):
            make(staging, order(), tmp_path, interrupt)
        assert [file.name for file in tmp_path.iterdir()] == ["staging.sqlite"]
        path = make(staging, order(), tmp_path, lambda done, total: seen.append((done, total)))
        path.write_bytes(b"whole")
        assert make(staging, order(), tmp_path, None).read_bytes() == b"whole"
    assert seen[:2] == [(1, 4), (2, 4)] and seen[-1] == (4, 4)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("most", [0, 5_000, 40_000])
def test_a_disk_that_takes_no_more_gives_an_oserror_and_no_file(tmp_path: Path, make: workbooks.Any, most: int) -> None:
    with closing(stage(tmp_path, rows_of([f"n{nth}" for nth in range(1_000)]))) as staging:
        with disk_full(most), pytest.raises(OSError):
            make(staging, order(), tmp_path, None)
        assert [file.name for file in tmp_path.iterdir()] == ["staging.sqlite"]
        assert make(staging, order(), tmp_path, None).stat().st_size > most


def test_every_table_holds_the_same_columns_whatever_was_asked_and_no_address(tmp_path: Path) -> None:
    with closing(stage(tmp_path, some_rows())) as staging:
        plain = read_csv(files.make_csv(staging, order(), tmp_path))
        lines = files.make_jsonl(staging, order(), tmp_path).read_text().split("\n")
        head, *cells = sheet(files.make_xlsx(staging, order(), tmp_path))
    assert plain[0] == list(json.loads(lines[0])) and lines[-1] == ""
    assert (
        plain[0]
        == (
            "number id name affiliation role sector comment country country_code visibility language channel source"
            " text_sha256 confirmed_at"
        ).split()
    )
    assert len(head) == 15 and head[:3] == ("Number", "ID", "Name")
    assert [row[0] for row in plain[1:]] == ["1", "2", "3", "4"] and [json.loads(line)["number"] for line in lines[:4]]
    assert [row[7] for row in plain[1:]] == ["United Kingdom", "Germany", "Italy", "Iraq"] == [row[7] for row in cells]
    assert plain[3][2:7] == [""] * 5 and plain[3][9] == "counted"


def test_addresses_are_there_only_where_they_were_ordered(tmp_path: Path) -> None:
    rows = [staged.row(1, email="=ada@example.org")]
    with closing(stage(tmp_path, rows)) as staging:
        ordered = order(with_addresses=True)
        assert read_csv(files.make_csv(staging, ordered, tmp_path))[1][15] == "'=ada@example.org"
        (line,) = files.make_jsonl(staging, ordered, tmp_path).read_text().splitlines()
        assert json.loads(line)["email"] == "=ada@example.org"
        assert sheet(files.make_xlsx(staging, ordered, tmp_path))[1][15] == "=ada@example.org"


def test_csv_guards_what_begins_like_a_formula_and_json_and_workbook_hold_what_was_staged(tmp_path: Path) -> None:
    names = [name for name in [*NASTY_STARTS, *NASTY_TEXTS, *NAUGHTY] if name]
    with closing(stage(tmp_path, rows_of(names))) as staging:
        plain = read_csv(files.make_csv(staging, order(), tmp_path))[1:]
        lines = files.make_jsonl(staging, order(), tmp_path).read_text().split("\n")[:-1]
        path = files.make_xlsx(staging, order(), tmp_path)
    for column in (2, 3, 6, 12):
        assert [row[column] for row in plain] == [neutralise(name) for name in names]
    assert [json.loads(line)["name"] for line in lines] == names
    assert _texts(path) == names


def _texts(path: Path) -> list[str]:
    """Column C of the second sheet, as ECMA-376 part 1 has it, 22.9.2.19 for ``_xHHHH_``."""
    with zipfile.ZipFile(path) as zip:
        content = zip.read("xl/worksheets/sheet2.xml")
    assert b"<f>" not in content and b"<f " not in content and b"hyperlink" not in content
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    cells = [
        each for each in ElementTree.fromstring(content).iter(f"{space}c") if re.fullmatch("C[0-9]+", each.get("r", ""))
    ]
    assert {each.get("t") for each in cells} == {"inlineStr"}
    stored = [each.findtext(f"{space}is/{space}t") or "" for each in cells]
    return [re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), each) for each in stored][1:]


def test_the_workbook_has_a_frozen_head_filters_real_dates_and_a_summary_with_a_chart(tmp_path: Path) -> None:
    with closing(stage(tmp_path, some_rows())) as staging:
        path = files.make_xlsx(staging, order(), tmp_path)
    with closing(openpyxl.load_workbook(path)) as book:
        summary, data = book.worksheets
        assert (summary.title, data.title) == ("Summary", "Signatories")
        assert data.freeze_panes == "A2" and data.auto_filter.ref == "A1:O5"
        assert data["O5"].value == datetime(2026, 5, 29, 23, 59, 59) and data["O5"].is_date
        assert type(data["A5"].value) is int and data.column_dimensions["C"].width > 25
        assert len(summary._charts) == 1
        cells = {row[0].value: row[1].value for row in summary.iter_rows(max_col=2)}
        assert (cells["Signatures"], cells["Signatures with a name"], cells["Germany"]) == (4, 3, 1)
        days = {row[9].value: row[10].value for row in summary.iter_rows() if row[9].value}
        assert days == {"Day (UTC)": "Signatures", "2026-05-29": 1, "2026-05-30": 0, "2026-05-31": 3}
        assert book.properties.created == staged.AS_OF.replace(tzinfo=None)
        assert not data.sheet_view.rightToLeft


def test_in_arabic_the_sheets_run_from_the_right_and_countries_are_arabic(tmp_path: Path) -> None:
    with closing(stage(tmp_path, some_rows())) as staging:
        path = files.make_xlsx(staging, order(languages=("ar", "en")), tmp_path)
    with closing(openpyxl.load_workbook(path)) as book:
        assert [each.sheet_view.rightToLeft for each in book.worksheets] == [True, True]
        assert book.worksheets[1]["H3"].value == "ألمانيا"
        assert book.worksheets[1]["C1"].value == "الاسم الكامل"


def test_a_new_sheet_begins_when_one_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_A_SHEET", 3)
    with closing(stage(tmp_path, rows_of([f"n{nth}" for nth in range(7)]))) as staging:
        path = files.make_xlsx(staging, order(), tmp_path)
    with closing(openpyxl.load_workbook(path)) as book:
        assert book.sheetnames == ["Summary", "Signatories 1", "Signatories 2", "Signatories 3"]
        names = [[row[2].value for row in each.iter_rows()] for each in book.worksheets[1:]]
    assert names == [["Name", "n0", "n1", "n2"], ["Name", "n3", "n4", "n5"], ["Name", "n6"]]


def test_nobody_gives_tables_with_their_heads(tmp_path: Path) -> None:
    with closing(stage(tmp_path, [])) as staging:
        assert len(read_csv(files.make_csv(staging, order(), tmp_path))) == 1
        assert files.make_jsonl(staging, order(), tmp_path).read_bytes() == b""
        assert len(sheet(files.make_xlsx(staging, order(), tmp_path))) == 1


@pytest.mark.parametrize("moment", ["2026-06-01T00:00:00Z", "2026-12-31T23:59:59Z", "1999-02-28T12:00:01Z"])
def test_a_moment_in_a_workbook_is_the_second_that_it_was(moment: str) -> None:
    days = float(workbooks.serial(moment))
    seconds = round((days - 25569) * 86400)
    assert datetime.fromtimestamp(seconds, UTC) == datetime.fromisoformat(moment)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_libreoffice_shows_every_name_as_it_was_staged_and_no_formula(tmp_path: Path, kind: str) -> None:
    names = [*NAUGHTY, *NASTY_STARTS]
    with closing(stage(tmp_path, rows_of(names))) as staging:
        path = (files.make_csv if kind == "csv" else files.make_xlsx)(staging, order(), tmp_path)
    rows = _opened(path, tmp_path)
    assert len(rows) == len(names) + 1
    shown = [neutralise(name) if kind == "csv" else name for name in names]
    # LibreOffice drops what is no line break in a cell: U+000D and, in its own format, tabs at the beginning.
    plain = [(want, row[2]) for want, row in zip(shown, rows[1:], strict=True) if not re.search("[\r\t]", want)]
    assert [have for _, have in plain] == [want for want, _ in plain] and len(plain) >= len(names) - 4


def _opened(path: Path, folder: Path) -> list[list[str]]:
    """The last sheet's rows as LibreOffice has them, asked for its own format; no cell of it is a formula."""
    filter = ["--infilter=CSV:44,34,76,1,,0,true,false,false"] if path.suffix == ".csv" else []
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/office"]
    done = subprocess.run(
        [*command, *filter, "--convert-to", "fods", "--outdir", folder, path], capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    tree = ElementTree.parse(path.with_suffix(".fods"))
    assert not [each for each in tree.iter() if any("formula" in name for name in each.attrib)]
    rows = []
    for row in list(tree.iter(f"{TABLE}table"))[-1].iter(f"{TABLE}table-row"):
        cells: list[str] = []
        for cell in row.iter(f"{TABLE}table-cell"):
            repeated = min(int(cell.get(f"{TABLE}number-columns-repeated", "1")), 20)
            cells += ["\n".join(map(_words, cell.iter(f"{TEXT}p")))] * repeated
        rows += [cells] if any(cells) else []
    return rows


def _words(paragraph: ElementTree.Element) -> str:
    """A paragraph's text, in which OpenDocument writes more than one space as an element."""
    words = paragraph.text or ""
    for each in paragraph:
        words += " " * int(each.get(f"{TEXT}c", "1")) if each.tag == f"{TEXT}s" else _words(each)
        words += each.tail or ""
    return words
