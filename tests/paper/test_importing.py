"""Importing: any table that a spreadsheet program writes; each row's fate is told; twice is once; all or nothing."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from petition.extensions import db
from petition.paper import importing, tables
from petition.paper import rows as table_rows
from petition.paper.tables import HERE, ON_SQLITE, ON_THE_SERVER, Table
from petition.paper.workbooks import TableRefused
from tests import make
from tests.signatures import steps
from tests.signatures.test_moderating import run

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MAP = "name=Name,country=Land,email=Mail,signed_on=Tag"
HEAD = "Name;Land;Mail;Tag\n"
ROWS = HEAD + "Ada Byron;Vereinigtes Königreich;ada@example.org;2026-03-01\nLin Lin;中国;;1.3.2026\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text(ROWS)
    return path


def load(app: Flask, file: Path, *more: str, mapping: str = MAP) -> tuple[int, str]:
    with time_machine.travel(NOON, tick=False):
        return run(app, "import", str(file), "--declaration", make.SLUG, "--map", mapping, *more)


def workbook(*rows: tuple[Any, ...], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(content: bytes, **given: Any) -> Table:
    return tables.read(content, **{"limits": ON_THE_SERVER, **given})


def rows(content: bytes | str) -> list[tuple[str, ...]]:
    table = read(content.encode() if isinstance(content, str) else content)
    return [table.header, *(cells for _number, cells in table.rows)]


def _but_the_trail() -> dict[str, list[str]]:
    """Every row of every table but the trail's, which tells of each import."""
    return {name: rows for name, rows in steps.everything().items() if name != "trail_entries"}


def test_the_same_file_again_enters_nothing(app: Flask, client: FlaskClient, file: Path) -> None:
    told = load(app, file)
    assert told == (0, "2 rows: 2 entered, 0 same address, 0 same name and country, 0 refused.\n")
    ada, lin = steps.signatures()
    assert (ada.name, ada.country, ada.channel, ada.source) == ("Ada Byron", "GB", "paper", "paper")
    assert (lin.name, lin.country, lin.mailbox, lin.visibility) == ("Lin Lin", "CN", None, "addressee")
    assert steps.counted(app, client) == 2
    before = _but_the_trail()

    code, words = load(app, file)
    assert code == 0
    assert words.splitlines() == [
        "row 2: same address: There is a signature with this email address already. "
        f"Nothing was entered. {ada.public_id}",
        "row 3: same name and country: There is a signature with this name and country already. "
        f"It may be the same person. {lin.public_id}",
        "2 rows: 0 entered, 1 same address, 1 same name and country, 0 refused.",
    ]
    assert _but_the_trail() == before


def test_a_dry_run_tells_the_same_and_changes_nothing(app: Flask, file: Path, tmp_path: Path) -> None:
    file.write_text(ROWS + "Lin Lin;CN;;2026-03-01\n;;;\nX;Narnia;y;z\n")
    before = steps.everything()
    code, words = load(app, file, "--dry-run", "--report", str(tmp_path / "report.csv"))
    assert code == 0
    assert words.splitlines()[-1] == (
        "Dry run, nothing was entered: 4 rows: 2 entered, 0 same address, 1 same name and country, 1 refused."
    )
    assert steps.everything() == before
    told = list(csv.reader((tmp_path / "report.csv").read_text().splitlines()))
    assert told[0] == ["row", "fate", "signatures", "reason"]
    assert [(number, fate) for number, fate, *_rest in told[1:]] == [
        ("2", "entered"), ("3", "entered"), ("4", "same name and country"), ("6", "refused"),
    ]  # fmt: skip
    assert told[4][3] == (
        "Country: Please choose a country from the list. "
        "Email address: Please enter a complete email address, such as name@example.org. "
        "Day on the sheet: Please write the day like this: 2026-03-04."
    )
    assert (tmp_path / "report.csv").stat().st_mode & 0o777 == 0o600
    assert load(app, file)[1].splitlines()[-1] == words.splitlines()[-1].partition(": ")[2]


def test_a_failed_import_leaves_nothing_behind(app: Flask, file: Path, tmp_path: Path) -> None:
    before = steps.everything()
    code, words = load(app, file, "--report", str(tmp_path / "no folder" / "report.csv"))
    assert code == 1 and "cannot be used" in words and len(words.splitlines()) == 1
    assert steps.everything() == before


def test_no_report_tells_of_what_was_not_committed(app: Flask, file: Path, tmp_path: Path) -> None:
    """The database refuses at the very end: no row, no report, and the report of the last time stays."""
    report = tmp_path / "report.csv"
    report.write_text("of the last time")
    before = steps.everything()

    def refuse(_session: object) -> None:
        raise OSError(28, "No space left on device", "the database")

    event.listen(db.session, "before_commit", refuse)
    try:
        code, words = load(app, file, "--report", str(report))
    finally:
        event.remove(db.session, "before_commit", refuse)
    assert (code, words) == (1, "Error: the database cannot be used: No space left on device.\n")
    assert [each.name for each in tmp_path.glob(".*")] == [], "no draft of it either"
    assert report.read_text() == "of the last time"
    assert steps.everything() == before


@pytest.mark.parametrize(
    ("more", "said", "entered"),
    [((), "Error: Entered; the report could not be written.", 2),
     (("--dry-run",), "Error: The report could not be written.", 0)],
)  # fmt: skip
def test_a_report_that_cannot_be_written_does_not_hide_what_was_entered(
    app: Flask, file: Path, tmp_path: Path, more: tuple[str, ...], said: str, entered: int
) -> None:
    """Somebody makes a folder of its name while the rows are being entered."""
    report = tmp_path / "report.csv"

    def put_in_the_way(_statement: object) -> None:
        report.mkdir(exist_ok=True)

    event.listen(db.session, "do_orm_execute", put_in_the_way)
    try:
        code, words = load(app, file, "--report", str(report), *more)
    finally:
        event.remove(db.session, "do_orm_execute", put_in_the_way)
    *before, last = words.splitlines()
    assert (code, last) == (1, said)
    assert before[-1].endswith("2 rows: 2 entered, 0 same address, 0 same name and country, 0 refused.")
    assert [each.name for each in tmp_path.glob(".*")] == [], "no draft of it either"
    assert len(steps.signatures()) == entered


def test_every_field_is_taken_and_what_holds_for_all_is_given_once(app: Flask, sectors: None, tmp_path: Path) -> None:
    plan = steps.declaration().plan
    sector = plan.sectors[0]
    content = workbook(
        ("Who", "Where, from", "Org", "Job", "Field", "Seen", "News"),
        ("Ada", "Vereinigtes Königreich", "Analysts", "Countess", sector.names["de"], "Public", "x"),
        ("Bea", "it", None, None, sector.code, None, None),
    )
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(content)
    mapping = "name=Who,country=Where, from,affiliation=Org,role=Job,sector=Field,visibility=Seen,updates=News"
    code, words = load(app, path, "--signed-on", "2026-03-01", "--language", "de", "--source", "fair", mapping=mapping)
    assert (code, words.splitlines()[-1][:17]) == (0, "2 rows: 2 entered"), words
    ada, bea = steps.signatures()
    assert (ada.affiliation, ada.role, ada.sector, ada.visibility) == ("Analysts", "Countess", sector.code, "public")
    assert (ada.text.language, ada.source, ada.country) == ("de", "fair", "GB")
    assert [each.purpose for each in ada.consents] == ["agree", "updates"]
    assert [each.purpose for each in bea.consents] == ["agree"]
    assert bea.visibility == "addressee"


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n",
        "a;b\n1;2\n",
        "a\tb\n1\t2\n",
        "a|b\n1|2\n",
        "\ufeffa;b\r\n1;2\r\n",
        '"a","b"\n"1","2"\n\n\n',
        "\n\na,b\n,\n1,2,,,\n",
        workbook(("a", "b"), (1, 2.0)),
        workbook((None,), ("a", "b"), (), ("1", "2", None)),
    ],
)
def test_a_table_is_read_however_it_was_written(app: Flask, content: str | bytes) -> None:
    assert rows(content) == [("a", "b"), ("1", "2")]


def test_cells_become_the_text_that_a_person_reads(app: Flask) -> None:
    given = (date(2026, 3, 4), datetime(2026, 3, 4), datetime(2026, 3, 4, 5, 6), 1.5, 7, True, "Ünï", "#N/A")
    told = ("2026-03-04", "2026-03-04", "2026-03-04 05:06:00", "1.5", "7", "True", "Ünï", "#N/A")
    assert rows(workbook(("a",) * 8, given))[1] == told
    assert rows('a,b\n"one\ntwo","say ""x"""\n')[1] == ("one\ntwo", 'say "x"')


def _zip(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _bomb() -> bytes:
    parts = {f"part{number}": b"0" * 8_000_000 for number in range(9)}
    return _zip(**parts)


def _with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is written by hand."""
    source = zipfile.ZipFile(io.BytesIO(workbook(("a",), ("1",))))
    parts = {name: source.read(name) for name in source.namelist()}
    return _zip(**{**parts, "xl/worksheets/sheet1.xml": xml})


def _with_rows(rows: bytes) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return _with_sheet(head + rows + b"</sheetData></worksheet>")


def _with_entities(coding: str = "utf-8") -> bytes:
    declared = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    # Comments may push it far from the beginning.
    return _with_sheet(f'<?xml version="1.0" encoding="{coding}"?><!--{"x" * 9_000}-->{declared}'.encode(coding))


def _with_tags() -> bytes:
    """A few kilobytes that would take half a minute to read."""
    return _with_rows(b"<row>" + b"<c/>" * (ON_THE_SERVER.tags + 1) + b"</row>")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no rows"),
        (b"\n\n,,\n", "holds no rows"),
        (workbook(), "holds no rows"),
        ("Näme\n".encode("latin-1"), "CSV UTF-8"),
        ("a;b\n".encode("utf-16"), "CSV UTF-8"),
        (b"a,b\n1,\0\n", "CSV UTF-8"),
        (b'a,b\n1,"2\n', "quotation marks in line"),
        (b'a,b\n"1"x,2\n', "quotation marks in line 2"),
        (b"x" * (tables.MOST_BYTES + 1), "larger than 5 MB"),
        (b"a\n" + b"1\n" * (ON_THE_SERVER.rows + 1), "more than 20,000 rows"),
        (b"\n" * (ON_THE_SERVER.lines + 1), "too many empty rows"),
        (b"," * 10 + b"x" + b",x" * tables.MOST_COLUMNS, "Row 1 has too many cells"),
        (b"a\n" + b"x" * (tables.MOST_CHARACTERS + 1), "Row 2 has too many cells"),
        (b"x" * 140_000, "quotation marks in line"),
        (b"PK", "cannot be read as XLSX"),
        (b"PK\x03\x04" + b"\0" * 100, "cannot be read as XLSX"),
        (_zip(x=b"y"), "cannot be read as XLSX"),
        (workbook(("a",), ("1",))[:-30], "cannot be read as XLSX"),
        (_bomb(), "unpacks to more"),
        (_with_tags(), "unpacks to more"),
        (_with_entities(), "cannot be read as XLSX"),
        (_with_entities("utf-16"), "cannot be read as XLSX"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(app: Flask, content: bytes, told: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(content)
    assert told in str(refused.value.sentence)


def test_empty_rows_are_read_only_so_far_in_a_request_and_a_damaged_size_is_found_out(app: Flask) -> None:
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (row, row) for row in range(1, 99_000))
    with pytest.raises(TableRefused) as refused:
        read(_with_rows(empty), limits=HERE)
    assert "too many empty rows" in str(refused.value.sentence)
    with pytest.raises(TableRefused) as refused:
        read(_with_rows(b'<row r="1048576"><c><v>1</v></c></row>'), limits=HERE)
    assert "too many empty rows" in str(refused.value.sentence)


def test_what_takes_too_long_is_given_up(app: Flask) -> None:
    for content in (workbook(("a",), ("1",)), b"a\n1\n"):
        with pytest.raises(TableRefused) as refused:
            read(content, limits=replace(HERE, seconds=-1))
        assert "takes too long to read" in str(refused.value.sentence)


def test_on_sqlite_fewer_rows_are_taken_at_once(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("Name\n" + "x\n" * (ON_SQLITE.rows + 1))
    before = steps.everything()
    code, said = load(app, path, mapping="name=Name,country=Name")
    on_sqlite = app.extensions["petition.settings"].on_sqlite
    assert (code == 1 and "more than 10,000 rows" in said) is on_sqlite
    assert steps.everything() == before or not on_sqlite


def test_a_sheet_of_a_workbook_is_chosen_by_name(app: Flask) -> None:
    content = workbook(("a",), ("1",), title="May")
    assert read(content, sheet="May").header == ("a",)
    with pytest.raises(TableRefused):
        read(content, sheet="June")


def test_a_workbook_that_claims_to_be_huge_is_read_as_it_is(app: Flask) -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook(("a",), ("1",))))
    parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert parts["xl/worksheets/sheet1.xml"] != sheet
    assert rows(_zip(**parts)) == [("a",), ("1",)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--map", "nonsense"], "Please write --map like this: name=Name,country=Country."),
        (["--map", "name=Name"], "Please say which column holds this: Country."),
        (["--map", "name=Name,country=Country"], "The column “Country” is not there once; there are: Name, Land"),
        (["--map", "name=Name,country=Land,hat=Tag"], "There is no field hat; there are name, country,"),
        (["--map", MAP, "--language", "xx"], "'xx' is not a language of this declaration"),
        (["--map", MAP, "--signed-on", "3/4/2026"], "Please write the day like this: 2026-03-04."),
        (["--map", MAP, "--declaration", "nothing"], "There is no declaration “nothing”."),
        (["--map", MAP, "--sheet", "May"], ""),
    ],
)  # fmt: skip
def test_bad_options_get_one_line_and_change_nothing(app: Flask, file: Path, words: list[str], told: str) -> None:
    before = steps.everything()
    code, said = run(app, "import", str(file), "--declaration", make.SLUG, "--dry-run", *words)
    assert (code, len(said.splitlines())) == (1, 1) or not told
    assert told in said
    assert steps.everything() == before


def test_a_file_that_cannot_be_read_gets_one_line(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"\xff\xfe")
    code, said = load(app, path)
    assert code == 1 and said.startswith("Error: The file is neither XLSX nor CSV in UTF-8.")


def test_rows_that_obey_no_rule_are_told_one_by_one(app: Flask, file: Path) -> None:
    bad = ["=1+1;GB;;2026-03-01", ";GB;;2026-03-01", "Ada;GB;;", "Ada;GB;;2027-01-01", "Ada;GB;;2026-03-01;more",
           "a\u202eb;GB;;2026-03-01", "😀;GB;;2026-03-01"]  # fmt: skip
    file.write_text(HEAD + "\n".join(bad) + "\n")
    code, said = load(app, file)
    assert code == 0
    assert said.splitlines()[-1] == "7 rows: 0 entered, 0 same address, 0 same name and country, 7 refused."
    assert all(f"row {number}: refused: " in said for number in range(2, 9))


def test_the_report_repeats_nothing_that_stood_in_the_file(app: Flask) -> None:
    table = read((HEAD + "=HYPERLINK(1);@Narnia;=x@;-1\n").encode())
    mapping = {"name": "Name", "country": "Land", "email": "Mail", "signed_on": "Tag"}
    drafts = table_rows.prepare(steps.declaration(), table, mapping, table_rows.Sheets("en"))
    told = importing.report(importing.enter(steps.declaration(), drafts))
    db.session.rollback()
    assert not {"HYPERLINK", "Narnia", "x@"} & set(told.replace(",", " ").split())
