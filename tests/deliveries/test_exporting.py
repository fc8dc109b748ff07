"""Exports: the right rows and columns, the same bytes from both databases, whole or not at all."""

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import insert, literal, select

from petition import keys, names
from petition.columns import new_public_id
from petition.declarations import reading
from petition.deliveries import exporting, packing, selection
from petition.deliveries.exporting import Export, ExportRefused, Format
from petition.extensions import db
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature
from petition.tables import cells
from tests import make
from tests.standing import AppMaker, command, environment, signature, wait_until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
NASTY_STARTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\tx",
    "\rx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "=",
    "'=1",
    "x=1",
    " =1",
    "",
    "é",
]
NASTY_TEXTS = [
    'He said "no"', "two\nlines", "carriage\r\nreturn", "back\\slash", "\\.", "\\N", "NULL", "a,b;c", "'", '"',
    "👩\u200d👧 𝄞", "שלום عليكم", "\u202eevil", "\x01\x02\x1f\x7f\x08\x0c", "\u2028\u2029", "100% %s %(x)s", ":name",
    "tab\there", "田中", "</script>", "é e\u0301", "/", "\ufeff",
]  # fmt: skip


def put(app: Flask, rows: Sequence[dict[str, object]]) -> None:
    """Signatures put directly into the database, past every rule of the forms."""
    with app.app_context():
        text_ = make.text()
        ring = keys.ring()
        for number, row in enumerate(rows):
            email = row.pop("email", None)
            values = {
                "public_id": f"id{number:020}",
                "declaration_id": text_.declaration_id,
                "text_id": text_.id,
                "mailbox": number.to_bytes(32, "big"),
                "address": ring.encrypt(str(email)) if email else None,
                "name": "Ada",
                "country": "GB",
                "visibility": "addressee",
                "language": "en",
                "channel": "web",
                "source": "",
                "created_at": NOON,
                "confirmed_at": NOON + timedelta(seconds=number),
                **row,
            }
            db.session.execute(insert(Signature).values(values))
        db.session.commit()


def export(app: Flask, path: Path, format: Format = "csv", columns: str = "", language: str = "en", **given) -> Export:  # type: ignore[no-untyped-def]
    with app.app_context():
        declaration = reading.find(make.SLUG)
        assert declaration is not None
        assert declaration.plan
        db.session.expunge_all()
        db.session.rollback()
        wanted = selection.find_columns(columns.split(",") if columns else selection.DEFAULT_COLUMNS)
        try:
            return exporting.export(declaration, wanted, format=format, path=path, language=language, **given)
        finally:
            db.session.rollback()


def cells_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def column(path: Path, name: str) -> list[str]:
    header, *rows = cells_of(path)
    return [row[header.index(name)] for row in rows]


@BOTH
def test_the_default_holds_what_an_addressee_needs_and_no_mail_address(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    put(app, [{"name": "Zoë", "affiliation": "Università", "role": "Prof.", "country": "IT", "email": "z@example.org"}])
    export(app, tmp_path / "out.csv")
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "with a BOM, so that spreadsheet programs read it as UTF-8"
    assert cells_of(tmp_path / "out.csv") == [
        ["name", "affiliation", "role", "country", "visibility", "confirmed_at"],
        ["Zoë", "Università", "Prof.", "Italy", "addressee", "2026-03-01T12:00:00Z"],
    ]
    assert b"example.org" not in content


@BOTH
@pytest.mark.parametrize("format", exporting.FORMATS)
def test_every_column_can_be_chosen_in_any_order(
    make_app: AppMaker, tmp_path: Path, database: str, format: Format
) -> None:
    app = make_app(database)
    put(app, [{"sector": "health", "comment": "C", "source": "poster", "email": "Zoë.X@example.org", "role": None}])
    columns = list(selection.COLUMNS)[::-1]
    export(app, tmp_path / "out", format, ",".join(columns))
    if format == "csv":
        header, row = cells_of(tmp_path / "out")
    else:
        found = json.loads((tmp_path / "out").read_text())
        header, row = list(found), list(found.values())
    assert header == columns
    with app.app_context():
        sha256 = make.text().sha256
    assert dict(zip(header, row, strict=True)) == {
        "id": f"id{0:020}",
        "name": "Ada",
        "affiliation": "",
        "role": "",
        "sector": "health",
        "comment": "C",
        "country": "United Kingdom",
        "country_code": "GB",
        "visibility": "addressee",
        "language": "en",
        "channel": "web",
        "source": "poster",
        "text_sha256": sha256,
        "confirmed_at": "2026-03-01T12:00:00Z",
        "email": "Zoë.X@example.org",
    }


@BOTH
@pytest.mark.parametrize("format", exporting.FORMATS)
def test_those_who_only_count_give_nothing_that_they_stated(
    make_app: AppMaker, tmp_path: Path, database: str, format: Format
) -> None:
    app = make_app(database)
    stated = dict.fromkeys(("name", "affiliation", "role", "sector", "comment"), "private")
    put(app, [{**stated, "visibility": "counted", "email": "private@example.org"}, {"name": "seen"}])
    for columns in (",".join(selection.COLUMNS), "name,affiliation,role,sector,comment,visibility"):
        made = export(app, tmp_path / "out", format, columns)
        content = (tmp_path / "out").read_text()
        assert "private" not in content
        assert "counted" in content
        assert made.rows == 2, "they are in the number"


@BOTH
def test_only_counted_signatures_are_in_it_and_their_number_is_the_count(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    later = NOON + timedelta(days=1)
    put(
        app,
        [
            {"name": "counted"},
            {"name": "withdrawn", "withdrawn_at": later},
            {"name": "held", "held_at": NOON},
            {"name": "approved", "held_at": NOON, "approved_at": later},
            {"name": "invalidated", "invalidated_at": later},
            {"name": "reinstated", "invalidated_at": NOON, "reinstated_at": later},
            {"name": "pending", "confirmed_at": None},
        ],
    )
    made = export(app, tmp_path / "out.csv")
    assert column(tmp_path / "out.csv", "name") == ["counted", "approved", "reinstated"]
    with app.app_context():
        declaration = reading.find(make.SLUG)
        assert declaration
        assert made.rows == selection.count(declaration) == 3


@BOTH
def test_rows_are_oldest_first_and_two_exports_are_the_same_bytes(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    put(app, [{"name": f"n{number}", "confirmed_at": NOON + timedelta(seconds=number * 7 % 5)} for number in range(40)])
    first, second = (export(app, tmp_path / name) for name in ("a.csv", "b.csv"))
    assert first.sha256 == second.sha256
    times = column(tmp_path / "a.csv", "confirmed_at")
    assert times == sorted(times)


@BOTH
@pytest.mark.parametrize(
    ("language", "country"), [("en", ["Germany", "Côte d’Ivoire"]), ("it", ["Germania", "Costa d’Avorio"])]
)
def test_countries_are_spelled_out_in_the_chosen_language(
    make_app: AppMaker, tmp_path: Path, database: str, language: str, country: list[str]
) -> None:
    app = make_app(database)
    put(app, [{"country": "DE"}, {"country": "CI"}, {"country": "??"}])
    export(app, tmp_path / "out.csv", language=language)
    assert column(tmp_path / "out.csv", "country") == [*country, "??"], "an unknown code stays what it is"


@BOTH
def test_cells_that_begin_like_formulas_are_neutralised_alike_in_sql_and_in_python(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    put(app, [{"name": start, "affiliation": start, "role": start, "source": start} for start in NASTY_STARTS])
    expected = [cells.neutralise(start) for start in NASTY_STARTS]
    assert [plain != guarded for plain, guarded in zip(NASTY_STARTS, expected, strict=True)] == [True] * 11 + [
        False
    ] * 5
    export(app, tmp_path / "sql.csv", columns="name,affiliation,role,source")
    export(app, tmp_path / "python.csv", columns="name,affiliation,role,source,email")
    for path in (tmp_path / "sql.csv", tmp_path / "python.csv"):
        for name in ("name", "affiliation", "role", "source"):
            assert column(path, name) == expected
    export(app, tmp_path / "out.jsonl", "jsonl")
    plain = [json.loads(line)["name"] for line in (tmp_path / "out.jsonl").read_text().split("\n")[:-1]]
    assert plain == NASTY_STARTS, "JSON opens in no spreadsheet, so it holds what was stored"


@BOTH
def test_every_start_of_the_rule_is_guarded_in_sql(make_app: AppMaker, database: str) -> None:
    with make_app(database).app_context():
        for start in names.FORMULA_STARTS:
            cell = f"{start}x"
            assert db.session.scalar(select(cells.neutralised(literal(cell)))) == cells.neutralise(cell) == f"'{cell}"


@BOTH
def test_addresses_and_ids_that_begin_like_formulas_are_neutralised_too(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    put(app, [{"email": "=1+1@example.org", "public_id": "-" + new_public_id()[1:]}, {"email": "ada@example.org"}])
    export(app, tmp_path / "out.csv", columns="email,id")
    assert column(tmp_path / "out.csv", "email") == ["'=1+1@example.org", "ada@example.org"]
    assert column(tmp_path / "out.csv", "id")[0].startswith("'-")


@pytest.mark.parametrize("format", exporting.FORMATS)
def test_copy_and_python_write_the_same_bytes(make_app: AppMaker, tmp_path: Path, format: Format) -> None:
    rows = [
        {"name": nasty, "affiliation": nasty, "role": nasty, "comment": None} for nasty in NASTY_TEXTS + NASTY_STARTS
    ]
    columns = "name,affiliation,role,comment,country,visibility,confirmed_at,id"
    contents = []
    for database in ("sqlite", "postgresql"):
        app = make_app(database)
        put(app, [dict(row) for row in rows])
        export(app, tmp_path / database, format, columns)
        contents.append((tmp_path / database).read_bytes())
    assert contents[0].decode().split("\n") == contents[1].decode().split("\n")
    if format == "csv":
        for path in (tmp_path / "sqlite", tmp_path / "postgresql"):
            assert column(path, "role") == [cells.neutralise(str(row["role"])) for row in rows]
    else:
        lines = contents[0].decode().split("\n")[:-1]
        assert [json.loads(line)["role"] for line in lines] == [row["role"] for row in rows]


def test_signatures_confirmed_during_the_export_are_not_in_it(
    make_app: AppMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BLOCK_LINES", 1)
    monkeypatch.setattr(exporting, "CHUNK_ROWS", 1)
    for database in ("sqlite", "postgresql"):
        app = make_app(database)
        put(app, [{"name": f"n{number}", "email": f"n{number}@example.org"} for number in range(5)])
        changed: list[int] = []

        def meanwhile(done: int, total: int, app: Flask = app, changed: list[int] = changed) -> None:
            assert total == 5
            if not changed:
                changed.append(done)
                with app.app_context():
                    made = signature()
                    assert made.mailbox is not None
                    mailbox = Mailbox(made.text.declaration, (4).to_bytes(32, "big"))
                    caring.withdraw(mailbox)
                    db.session.commit()

        made = export(app, tmp_path / f"{database}.csv", columns="name,email", progress=meanwhile)
        assert changed
        assert made.rows == 5
        assert column(tmp_path / f"{database}.csv", "name") == [f"n{number}" for number in range(5)]


def test_the_file_is_private_while_it_is_written_and_afterwards(
    make_app: AppMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BLOCK_LINES", 1)
    app = make_app()
    put(app, [{}, {}, {}])
    seen: list[tuple[bool, int]] = []

    def look(done: int, total: int) -> None:
        drafts = [file for file in tmp_path.iterdir() if file.name.startswith(".")]
        seen.extend((done < 4, file.stat().st_mode & 0o777) for file in drafts)
        assert drafts or done == 4, "under its final name only when it is whole"

    umask = os.umask(0)
    try:
        export(app, tmp_path / "out.csv", progress=look)
    finally:
        os.umask(umask)
    assert seen
    assert {mode for _, mode in seen} == {0o600}
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600


@BOTH
@pytest.mark.parametrize("problem", [KeyboardInterrupt, LookupError, MemoryError])
def test_an_interrupted_export_leaves_nothing(
    make_app: AppMaker,
    tmp_path: Path,
    database: str,
    problem: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "BLOCK_LINES", 2)
    app = make_app(database)
    put(app, [{} for _ in range(5)])
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "old.csv").write_text("the one from before")

    def interrupt(done: int, total: int) -> None:
        raise problem

    for name in ("new.csv", "old.csv"):
        with pytest.raises(problem):
            export(app, folder / name, progress=interrupt)
    assert [file.name for file in folder.iterdir()] == ["old.csv"]
    assert (folder / "old.csv").read_text() == "the one from before"
    assert export(app, folder / "new.csv").rows == 5, "and the next one works"


@BOTH
def test_rows_that_are_not_as_many_as_the_count_give_no_file(
    make_app: AppMaker, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(database)
    put(app, [{}, {}, {}])
    every_row = selection.rows
    monkeypatch.setattr(selection, "rows", lambda *given, **named: every_row(*given, **named).limit(2))
    folder = tmp_path / "out"
    folder.mkdir()
    for format in exporting.FORMATS:
        with pytest.raises(ExportRefused, match="2 rows were written, but the count is 3"):
            export(app, folder / "out", format)
    assert not list(folder.iterdir())


@BOTH
def test_the_moment_is_that_of_the_snapshot(make_app: AppMaker, tmp_path: Path, database: str) -> None:
    app = make_app(database)
    put(app, [{}])
    with time_machine.travel(NOON, tick=False) as clocks:
        made = export(app, tmp_path / "out.csv", progress=lambda done, total: clocks.shift(60))
    assert made.as_of == NOON
    assert made.count == made.rows == 1


def test_a_connection_that_is_cut_gives_one_clear_line_and_no_file(
    make_app: AppMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BLOCK_LINES", 1)
    monkeypatch.setattr(exporting, "CHUNK_ROWS", 1)
    app = make_app("postgresql")
    # More than what lies in the buffers of a connection.
    put(app, [{"name": "x" * 20_000} for _ in range(600)])
    folder = tmp_path / "out"
    folder.mkdir()
    cut: list[int] = []

    def cut_it(done: int, total: int) -> None:
        if not cut:
            cut.append(done)
            with make_app.templates.closed(make_app.urls[-1]):
                pass

    with pytest.raises(ExportRefused, match=r"^The database broke off \(\w+\)\.$"):
        export(app, folder / "out.csv", columns="name", progress=cut_it)
    assert not list(folder.iterdir())
    assert export(app, folder / "out.csv", columns="name").rows == 600, "and the next one works"


def test_drafts_of_processes_that_died_are_removed_and_no_other_file(make_app: AppMaker, tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait(timeout=20)
    dead = process.pid
    others = [f".other.csv.{dead}.part", f".out.csv.{os.getppid()}.part", ".out.csv.x.part", f"out.csv.{dead}.part"]
    for name in (f".out.csv.{dead}.part", *others):
        (tmp_path / name).write_text("Ada")
    export(make_app(), tmp_path / "out.csv")
    assert {file.name for file in tmp_path.iterdir() if file.is_file()} >= {*others, "out.csv"}
    assert not (tmp_path / f".out.csv.{dead}.part").exists()


# The command.


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["deliveries", "make", *words])


@BOTH
@pytest.mark.parametrize("format", exporting.FORMATS)
def test_the_command_prints_rows_moment_and_the_files_sha256(
    make_app: AppMaker, tmp_path: Path, database: str, format: Format
) -> None:
    app = make_app(database)
    put(app, [{}, {}, {}])
    out = tmp_path / "out"
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        told = run(app, make.SLUG, "--format", format, "--out", str(out))
    assert told.exit_code == 0, told.output
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert told.output == (
        f"{out}: 3 signatures as of 2026-03-02T12:00:00Z\nThe count at that moment: 3\nSHA-256 {digest}\n"
    )


def test_a_declaration_that_nobody_signed_gives_a_file_with_its_header(make_app: AppMaker, tmp_path: Path) -> None:
    for database in ("sqlite", "postgresql"):
        out = tmp_path / f"{database}.csv"
        assert "0 signatures" in run(make_app(database), make.SLUG, "--format", "csv", "--out", str(out)).output
        assert len(cells_of(out)) == 1


def test_a_file_that_is_there_is_replaced_only_with_force(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    out = tmp_path / "out.csv"
    out.write_text("before")
    refused = run(app, make.SLUG, "--format", "csv", "--out", str(out))
    assert refused.exit_code == 1
    assert refused.output == f"Error: {out} is there already; name another file, or replace it with --force.\n"
    assert out.read_text() == "before"
    assert run(app, make.SLUG, "--format", "csv", "--out", str(out), "--force").exit_code == 0
    assert "name" in out.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no-such-text", "--format", "csv"], "There is no declaration “no-such-text”."),
        ([make.SLUG, "--format", "csv", "--language", "xx"], "'xx' is not a language of this declaration"),
        ([make.SLUG, "--format", "csv", "--columns", "name,password"], "There is no column password"),
        ([make.SLUG, "--format", "csv", "--columns", ""], "There is no column"),
        ([make.SLUG, "--format", "csv", "--columns", "name,name"], "A column is named twice."),
        ([make.SLUG, "--format", "csv", "--columns", "name;drop"], "There is no column name;drop"),
        ([make.SLUG, "--format", "docx"], "'docx' is not one of 'csv', 'jsonl'"),
        (["../etc/passwd", "--format", "csv"], "There is no declaration"),
    ],
)
def test_bad_input_gives_one_clear_line_and_no_file(
    make_app: AppMaker, tmp_path: Path, words: list[str], told: str
) -> None:
    for database in ("sqlite", "postgresql"):
        result = run(make_app(database), *words, "--out", str(tmp_path / "out"))
        assert result.exit_code != 0
        errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
        assert len(errors) == 1, result.output
        assert told in errors[0]
        assert "Traceback" not in result.output
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["no/such/folder/out.csv", "a-file/out.csv", "x" * 300, "a-folder"])
def test_a_place_that_cannot_be_written_gives_one_clear_line(make_app: AppMaker, tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").write_text("")
    (tmp_path / "a-folder").mkdir()
    result = run(make_app(), make.SLUG, "--format", "csv", "--out", str(tmp_path / place))
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit)
    assert sum(line.startswith("Error: ") for line in result.output.splitlines()) == 1


@pytest.mark.slow
@BOTH
def test_an_export_that_is_killed_leaves_nothing_under_the_final_name(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    put(app, [{"comment": "x" * 2000} for _ in range(2000)])
    folder = tmp_path / "out"
    folder.mkdir()
    pipe = folder / "out.csv"
    words = command(
        "deliveries",
        "make",
        make.SLUG,
        "--format",
        "csv",
        "--out",
        str(pipe),
        "--columns",
        "comment,email",
        "--with-addresses",
    )
    process = subprocess.Popen(words, env=environment(app), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with process:
        wait_until(lambda: any(folder.iterdir()), seconds=40)
        process.send_signal(signal.SIGSTOP)
        whole = pipe.exists()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    if not whole:
        assert not pipe.exists()
    else:
        assert len(cells_of(pipe)) == 2001


@pytest.mark.slow
@BOTH
def test_an_export_that_is_told_to_end_removes_its_draft(make_app: AppMaker, tmp_path: Path, database: str) -> None:
    app = make_app(database)
    put(app, [{"comment": "x" * 2000} for _ in range(2000)])
    folder = tmp_path / "out"
    folder.mkdir()
    words = command("deliveries", "make", make.SLUG, "--format", "csv", "--out", str(folder / "out.csv"))
    process = subprocess.Popen(words, env=environment(app), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with process:
        wait_until(lambda: any(folder.iterdir()), seconds=40)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        assert process.stderr
        told = process.stderr.read().decode()
    assert process.returncode in (0, 128 + signal.SIGTERM), told
    assert [file.name for file in folder.iterdir()] == (["out.csv"] if process.returncode == 0 else [])


def test_sigterm_ends_an_export_like_an_exception_and_is_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, packing.ended_by_sigterm():
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) == before


def test_addresses_are_written_only_where_the_command_asks_for_them_by_name(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app("sqlite")
    put(app, [{"name": "Ada", "email": "ada@example.org"}])
    words = [make.SLUG, "--format", "csv", "--columns", "name,email", "--out"]
    refused = run(app, *words, str(tmp_path / "refused.csv"))
    assert refused.exit_code == 1 and "--with-addresses" in refused.output
    assert not list(tmp_path.glob("*.csv"))
    allowed = run(app, *words, str(tmp_path / "own.csv"), "--with-addresses")
    [warning] = allowed.stderr.splitlines()
    assert allowed.exit_code == 0 and "not for the addressee" in warning
    assert column(tmp_path / "own.csv", "email") == ["ada@example.org"]
    plain = run(app, make.SLUG, "--format", "csv", "--out", str(tmp_path / "plain.csv"), "--with-addresses")
    assert (plain.exit_code, plain.stderr) == (0, "")
