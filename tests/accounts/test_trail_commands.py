"""``petition accounts trail``: it says whether the trail is whole, and writes it into a file."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_babel import lazy_gettext
from sqlalchemy import text

from petition.accounts import trail, trail_checking, trail_reading
from petition.accounts.trail_reading import Filters
from petition.extensions import db
from tests import staff


def _run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["accounts", "trail", *words])


def _record(app: Flask, times: int = 3) -> None:
    trail.register(app, {"test.done": lazy_gettext("Done")})
    for number in range(times):
        trail.record("test.done", subject=f"s{number}", scope=staff.scope(), why="because")
    db.session.commit()


def test_verify_says_yes_with_the_number_of_entries_and_the_last_digest(app: Flask) -> None:
    _record(app)
    trail.empty(subject="s1")
    db.session.commit()
    answer = _run(app, "verify")
    assert answer.exit_code == 0
    assert "The audit trail is whole: 3 entries, 1 of them with emptied details." in answer.output
    digest = trail_checking.verify().head.hex()
    assert digest in answer.output
    assert _run(app, "verify", "--known", digest).exit_code == 0


def test_verify_says_which_entry_was_changed_and_fails(app: Flask) -> None:
    _record(app)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE trail_entries DISABLE TRIGGER USER"))
    else:
        db.session.execute(text("DROP TRIGGER trail_entries_keep"))
    db.session.execute(text("UPDATE trail_entries SET subject = 'other' WHERE number = 2"))
    db.session.commit()
    answer = _run(app, "verify")
    assert (answer.exit_code, answer.output) == (1, "Error: Entry 2 was changed.\n")


@pytest.mark.parametrize("typed", ["x", "ab", "é", "0" * 63, "0" * 66])
def test_verify_refuses_what_is_no_digest(app: Flask, typed: str) -> None:
    answer = _run(app, "verify", "--known", typed)
    assert answer.exit_code == 2
    assert "this is no digest" in answer.output


def test_verify_misses_a_digest_that_is_not_in_the_trail(app: Flask) -> None:
    _record(app)
    answer = _run(app, "verify", "--known", "0" * 64)
    assert (answer.exit_code, "noted down" in answer.output) == (1, True)


def test_export_writes_a_private_file_and_is_recorded(app: Flask, tmp_path: Path) -> None:
    _record(app)
    table, lines = tmp_path / "trail.csv", tmp_path / "trail.jsonl"
    assert _run(app, "export", "--out", str(table)).output == f"{table}: 3 entries\n"
    assert table.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(table.read_text().removeprefix("\ufeff"))))
    assert [(row["number"], row["subject"], row["why"]) for row in rows] == [
        ("1", "s0", "because"), ("2", "s1", "because"), ("3", "s2", "because"),
    ]  # fmt: skip
    assert _run(app, "export", "--format", "jsonl", "--out", str(lines)).exit_code == 0
    read = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [row["act"] for row in read] == ["test.done"] * 3 + ["trail.exported"]
    assert read[-1]["account"] == "command"
    assert len(trail_reading.page(Filters(None, act="trail.exported")).entries) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trail.csv", "trail.jsonl"]


def test_export_replaces_nothing_unless_told_to(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "trail.csv"
    file.write_text("kept")
    answer = _run(app, "export", "--out", str(file))
    assert (answer.exit_code, file.read_text()) == (1, "kept")
    assert _run(app, "export", "--out", str(file), "--force").exit_code == 0
    assert file.read_text() != "kept"


@pytest.mark.parametrize("name", ["no-such-folder/file", "x" * 300])
def test_export_says_why_a_file_cannot_be_written(app: Flask, tmp_path: Path, name: str) -> None:
    answer = _run(app, "export", "--out", str(tmp_path / name))
    assert (answer.exit_code, "cannot be written" in answer.output) == (1, True)
    assert trail_reading.last_number() == 0
