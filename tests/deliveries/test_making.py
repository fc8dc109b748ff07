"""The commands that make, list, cancel and work; and the worker, which starts the making in a process of its own."""

import json
import os
import signal
import stat
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pyrage
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from petition.declarations import reading
from petition.deliveries import asking, leasing, places, readers, starting
from petition.deliveries.models import Delivery, State
from petition.extensions import db, writing
from petition.packages import site_key, zipping
from petition.staging.orders import Part, Reader
from tests import make
from tests.deliveries import asked
from tests.standing import AppMaker, command, environment, wait_until

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
SOME = [
    {"name": "Zoë", "email": "zoe@example.org"},
    {"name": "Ángel", "visibility": "addressee", "email": "angel@example.org"},
]


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["deliveries", *words])


def one(app: Flask) -> Delivery:
    with app.app_context():
        delivery = db.session.scalars(select(Delivery)).one()
        db.session.expunge_all()
        db.session.rollback()
        return delivery


def waiting(app: Flask) -> Delivery:
    with app.app_context(), writing():
        declaration = reading.find(make.SLUG)
        assert declaration is not None
        asking.ask(declaration, asked.order(parts=frozenset({Part.CSV})))
    return one(app)


@BOTH
def test_make_lays_a_whole_package_where_it_is_told_and_keeps_only_the_record(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    out = tmp_path / "delivery.zip"
    told = run(
        app, "make", make.SLUG, "--out", str(out), "--parts", "csv,jsonl", "--language", "it", "--language", "en"
    )
    assert told.exit_code == 0, told.output
    delivery = one(app)
    assert (delivery.state, delivery.asked_by, delivery.count) == (State.REMOVED, "", 2)
    assert told.output.splitlines()[1] == f"Manifest SHA-256 {delivery.manifest_sha256}"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with app.app_context():
        assert zipping.verify(out, site_key.public_key()).problems == []
        assert list(places.root().iterdir()) == []
    assert "manifest" in run(app, "list", make.SLUG).output


def test_make_takes_every_choice(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, SOME)
    identity = pyrage.x25519.Identity.generate()
    out = tmp_path / "delivery.zip.age"
    words = (
        "--reader archive --sort time --show addressee=number --parts csv --with-addresses --reason Check --accessible "
        f"--boxes --age-key {identity.to_public()}"
    )
    told = run(app, "make", make.SLUG, "--out", str(out), *words.split())
    assert told.exit_code == 0, told.output
    (tmp_path / "clear.zip").write_bytes(pyrage.decrypt(out.read_bytes(), [identity]))
    with zipfile.ZipFile(tmp_path / "clear.zip") as package:
        table = package.read("signatories.csv").decode()
        order = json.loads(package.read("manifest.json"))["order"]
    assert "zoe@example.org" in table and "angel@example.org" not in table and "Ángel" not in table
    assert order == {
        "reader": "archive", "languages": ["en"], "sorting": "time", "parts": ["csv"], "with_addresses": True,
        "shows": {"addressee": "number", "counted": "number", "public": "name"}, "accessible": True, "boxes": True,
    }  # fmt: skip
    assert one(app).reason == "Check"


def test_the_readers_key_is_taken_unless_encryption_is_declined(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    asked.put(app, SOME)
    identity = pyrage.x25519.Identity.generate()
    with app.app_context(), writing():
        declaration = reading.find(make.SLUG)
        assert declaration is not None
        readers.keep(declaration, Reader.ADDRESSEE, name="", age_key=str(identity.to_public()))
    for name, more, start in (("a", [], b"age-encryption.org"), ("b", ["--no-encryption"], b"PK\x03\x04")):
        told = run(app, "make", make.SLUG, "--out", str(tmp_path / name), "--parts", "", *more)
        assert told.exit_code == 0, told.output
        assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--reader", "press", "--show", "addressee=name"], "are not shown to this reader"),
        (["--with-addresses", "--reason", "x"], "Mail addresses may be given to: archive"),
        (["--reader", "archive", "--with-addresses"], "Mail addresses need a reason."),
        (["--show", "nobody=name"], "--show nobody=name"),
        (["--show", "public"], "--show public"),
        (["--parts", "book,exe"], "There is no part exe"),
        (["--language", "xx"], "is not a language of this declaration"),
        (["--age-key", "age1x"], "This is no age public key"),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_one_line(
    make_app: AppMaker, tmp_path: Path, words: list[str], told: str
) -> None:
    app = make_app()
    answer = run(app, "make", make.SLUG, "--out", str(tmp_path / "out"), *words)
    assert (answer.exit_code, told in answer.output, answer.output.count("\n")) == (1, True, 1)
    assert list(tmp_path.glob("*out*")) == []


@pytest.mark.parametrize("out", ["missing/out.zip", "x" * 300, "/dev/full/out"])
def test_a_place_that_takes_no_file_is_refused_before_anything_is_made(
    make_app: AppMaker, tmp_path: Path, out: str
) -> None:
    app = make_app()
    answer = run(app, "make", make.SLUG, "--out", str(tmp_path / out))
    assert (answer.exit_code, "cannot be written" in answer.output) == (1, True), answer.output
    with app.app_context():
        assert db.session.scalar(select(Delivery)) is None


@BOTH
def test_a_workbook_alone_is_one_file(make_app: AppMaker, tmp_path: Path, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    out = tmp_path / "out.xlsx"
    told = run(app, "make", make.SLUG, "--format", "xlsx", "--out", str(out))
    assert (told.exit_code, "2 signatures as of" in told.output) == (0, True), told.output
    cells = {cell for sheet in openpyxl.load_workbook(out).worksheets for row in sheet.values for cell in row}
    assert {"Zoë", "Ángel"} <= cells and "zoe@example.org" not in cells
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.xlsx"]


def test_one_that_waits_is_cancelled_by_its_id_and_listed(make_app: AppMaker) -> None:
    app = make_app()
    delivery = waiting(app)
    assert f"{delivery.public_id}  {make.SLUG}" in run(app, "list").output
    assert run(app, "cancel", delivery.public_id).exit_code == 0
    assert one(app).state is State.CANCELLED
    again = run(app, "cancel", delivery.public_id)
    assert (again.exit_code, again.output) == (1, "Error: This delivery is not being made any more.\n")
    assert run(app, "cancel", "nonsense").exit_code == 1
    assert run(app, "list", "nonsense").exit_code == 1


@pytest.mark.slow
def test_make_that_is_interrupted_leaves_a_cancelled_record_and_no_file(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app("postgresql")
    asked.put(app, SOME)
    words = ("deliveries", "make", make.SLUG, "--out", str(tmp_path / "out.zip"))
    process = subprocess.Popen(command(*words), env=environment(app), stderr=subprocess.PIPE)
    wait_until(lambda: _stage(app) not in ("", "snapshot"), seconds=60)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert one(app).state is State.CANCELLED
    assert list(tmp_path.glob("*out*")) == []
    with app.app_context():
        assert list(places.root().iterdir()) == []


def _stage(app: Flask) -> str:
    with app.app_context():
        stage = db.session.scalar(select(Delivery.stage))
        db.session.rollback()
        return stage or ""


@pytest.mark.slow
@BOTH
def test_the_worker_has_it_made_in_another_process(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    asked.put(app, SOME)
    waiting(app)
    worker = subprocess.Popen(command("worker"), env=environment(app), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: one(app).state is State.READY, seconds=60)
    finally:
        worker.terminate()
        worker.wait(30)
    assert one(app).attempts == 1


@pytest.mark.slow
def test_work_that_is_told_to_stop_gives_it_back_and_another_goes_on(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    asked.put(app, SOME)
    with app.app_context(), writing():
        declaration = reading.find(make.SLUG)
        assert declaration is not None
        asking.ask(declaration, asked.order(parts=frozenset(Part)))
    first = subprocess.Popen(command("deliveries", "work"), env=environment(app), stderr=subprocess.DEVNULL)
    wait_until(lambda: _stage(app) not in ("", "snapshot"), seconds=60)
    first.terminate()
    first.wait(60)
    assert (one(app).state, one(app).claimed_until) == (State.WORKING, None)
    subprocess.run(command("deliveries", "work"), env=environment(app), check=True, stderr=subprocess.DEVNULL)
    assert one(app).state is State.READY


def test_a_process_whose_worker_has_gone_does_not_begin(make_app: AppMaker) -> None:
    app = make_app()
    waiting(app)
    orphan = environment(app, **{starting.PARENT: "1"})
    done = subprocess.run(command("deliveries", "work"), env=orphan, check=False, stderr=subprocess.DEVNULL)
    assert done.returncode == 0 or os.getpid() == 1
    assert one(app).state is State.WAITING
    with app.app_context():
        assert leasing.is_any_due()
