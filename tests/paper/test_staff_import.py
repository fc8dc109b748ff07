"""The import's screens: hand in, map, try, enter; a file is its owner's alone, goes after a day, and is used once."""

import os
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import ORMExecuteState
from werkzeug.test import TestResponse

from petition import clock
from petition.accounts import trail
from petition.accounts.trail_models import TrailEntry
from petition.defence.requests import MAX_BODY_BYTES, MAX_UPLOAD_BYTES
from petition.extensions import db
from petition.paper.models import HandedTable
from petition.paper.tables import HERE
from tests import make
from tests.paper.test_importing import workbook
from tests.signatures import steps
from tests.staff import Staff, signed_in, staff_post

PAGE = f"/console/declarations/{make.SLUG}/signatures/import"
ROWS = "Name;Land;Country\nAda Byron;x;Italien\nBea Byron;y;IT\nAda Byron;z;IT\nx;x;Narnia\n"
MAPPED = {"column-name": "Name", "column-country": "Country", "language": "en", "signed_on": "2026-03-04"}


@pytest.fixture
def moderator(app: Flask) -> Staff:
    return signed_in(app, "moderator")


def send(client: Staff, path: str, content: bytes) -> TestResponse:
    """A form with a file, written by hand: for a large one the test client would leave a file open."""
    head = "--x\r\nContent-Disposition: form-data; name="
    token = f'{head}"csrf_token"\r\n\r\n{client.csrf}\r\n'.encode()
    file = f'{head}"file"; filename="sheet.csv"\r\n\r\n'.encode() + content
    body = token + file + b"\r\n--x--\r\n"
    return client.post(path, data=body, content_type="multipart/form-data; boundary=x")


def hand_in(client: Staff, content: bytes | str, status: int = 303) -> str:
    data = content.encode() if isinstance(content, str) else content
    answer = send(client, PAGE, data)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return str(answer.headers.get("Location") or answer.get_data(as_text=True))


def posted(client: Staff, path: str, status: int, **fields: Any) -> str:
    answer = staff_post(client, path, **fields)
    assert answer.status_code == status, answer.status
    return str(answer.headers.get("Location") or answer.get_data(as_text=True))


def kept() -> list[bytes]:
    db.session.expire_all()
    return list(db.session.scalars(select(HandedTable.content)))


def test_a_table_is_handed_in_tried_and_entered(app: Flask, client: FlaskClient, moderator: Staff) -> None:
    assert "CSV in UTF-8, or XLSX" in moderator.get(PAGE).get_data(as_text=True)
    step = hand_in(moderator, ROWS)
    columns = moderator.get(step).get_data(as_text=True)
    assert "Ada Byron" in columns and '<option value="Country" selected>' in columns, "shown, and guessed"
    assert len(kept()) == 1 and b"Byron" not in steps.stored_bytes(), "kept, but not in clear"
    assert not (app.extensions["petition.settings"].instance_dir / "imports").exists()

    before = steps.everything()
    tried = posted(moderator, step, 200, **MAPPED)
    assert "Enter 2 signatures" in tried and "Please choose a country from the list." in tried
    assert steps.everything() == before

    done = posted(moderator, f"{step}/enter", 200, **MAPPED)
    assert "2 signatures were entered." in done
    assert [(row.name, row.channel) for row in steps.signatures()] == [("Ada Byron", "paper"), ("Bea Byron", "paper")]
    assert steps.counted(app, client) == 2
    assert kept() == []
    assert "Please hand it in again" in posted(moderator, f"{step}/enter", 404, **MAPPED), "it is used once"
    (entry,) = db.session.scalars(select(TrailEntry).where(TrailEntry.act == "signatures.imported"))
    assert trail.detail_of(entry)["rows"] == {
        "entered": 2, "same address": 0, "same name and country": 1, "refused": 1,
    }  # fmt: skip


def test_a_workbook_of_some_size_is_taken(app: Flask, moderator: Staff) -> None:
    rows = [("Name", "Country"), *((f"Person {os.urandom(30).hex()}", "IT") for _nth in range(1_900))]
    content = workbook(*rows)
    assert MAX_BODY_BYTES < len(content) < MAX_UPLOAD_BYTES
    assert "1,900 rows" in moderator.get(hand_in(moderator, content)).get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no rows"),
        (b"PK\x03\x04nonsense\0", "cannot be read as XLSX"),
        (b"\xff\xfe\0\0", "CSV UTF-8"),
        (b"a\n" + b"b\n" * (HERE.rows + 1), "more than 2,000 rows"),
    ],
)
def test_what_is_no_table_is_told_beside_the_field_and_not_kept(
    app: Flask, moderator: Staff, content: bytes, told: str
) -> None:
    assert told in hand_in(moderator, content, 422)
    assert kept() == []


def test_a_post_without_a_file_is_told(moderator: Staff) -> None:
    assert "holds no rows" in posted(moderator, PAGE, 422)
    assert "holds no rows" in posted(moderator, PAGE, 422, file="text")


def test_only_this_address_takes_so_much(app: Flask, moderator: Staff) -> None:
    hand_in(moderator, b"x" * (MAX_UPLOAD_BYTES + 1), 413)
    assert send(moderator, f"{PAGE}/x", b"x" * MAX_BODY_BYTES).status_code == 413
    assert "larger than 5 MB" in hand_in(moderator, b"x" * (5 * 1024 * 1024 + 1), 422)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"column-name": ""}, "Please say which column holds this: Name."),
        ({"column-name": "Nome"}, "is not there once"),
        ({"language": "xx"}, "Please choose a language"),
        ({"signed_on": "soon"}, "Please write the day like this"),
        ({"source": "s" * 41}, "Please use at most 40 characters."),
        ({"source": "=1"}, "Please begin with a letter"),
    ],
)
def test_what_does_not_fit_is_told_in_both_steps(
    app: Flask, moderator: Staff, changed: dict[str, str], told: str
) -> None:
    step = hand_in(moderator, ROWS)
    for path in (step, f"{step}/enter"):
        assert told in posted(moderator, path, 422, **{**MAPPED, **changed})
    assert steps.signatures() == []


def test_a_file_is_its_owners_alone(app: Flask, moderator: Staff) -> None:
    step = hand_in(moderator, ROWS)
    other = signed_in(app, "moderator")
    for name in (step, f"{PAGE}/x", f"{PAGE}/..%2f..%2fsecrets.json", f"{PAGE}/{'x' * 22}"):
        assert other.get(name).status_code == 404, name
    posted(other, f"{step}/enter", 404, **MAPPED)


def test_a_file_that_nobody_came_back_for_goes_after_a_day(app: Flask, moderator: Staff) -> None:
    step = hand_in(moderator, ROWS)
    steps.purge()
    assert moderator.get(step).status_code == 200
    db.session.execute(update(HandedTable).values(expires_at=clock.now()))
    db.session.commit()
    assert moderator.get(step).status_code == 404, "it is over, whether or not it is purged yet"
    posted(moderator, f"{step}/enter", 404, **MAPPED)
    steps.purge()
    assert kept() == []


def test_a_table_that_somebody_used_meanwhile_is_entered_once(app: Flask, moderator: Staff) -> None:
    """As when the button is pressed twice: both posts find the table, and one takes it."""
    step = hand_in(moderator, ROWS)

    def take_it(state: ORMExecuteState) -> None:
        if state.is_delete:
            db.session.connection().execute(delete(HandedTable.__table__))

    event.listen(db.session, "do_orm_execute", take_it)
    try:
        posted(moderator, f"{step}/enter", 404, **MAPPED)
    finally:
        event.remove(db.session, "do_orm_execute", take_it)
    assert steps.signatures() == []


@pytest.mark.parametrize("role", ["editor", "exporter"])
def test_only_who_has_the_duty_imports(app: Flask, role: str) -> None:
    client = signed_in(app, role)
    assert client.get(PAGE).status_code == 403
    hand_in(client, ROWS, 403)
