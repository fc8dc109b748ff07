"""The steps of a signatory, taken as a browser takes them: what a page shows is what is posted."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.extensions import Base, db
from petition.privacy import personal
from petition.signatures.models import Signature, Submission
from petition.tally import noting, recounting
from petition.tally.sources import Names
from tests import make
from tests.conftest import Mailbag

MOMENT = timedelta(microseconds=1)


@dataclass
class Form:
    """What a browser would post of one form."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A page as a browser reads it: its language, title and forms."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.html = answer.get_data(as_text=True)
        self.language = ""
        self.title = ""
        self.forms: list[Form] = []
        self._inside: str | None = None
        self._field = ""
        self.feed(self.html)

    def form(self, ending: str) -> Form:
        """The form whose action ends so."""
        return next(form for form in self.forms if form.action.endswith(ending))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "html":
            self.language = given["lang"]
        elif tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag in ("title", "textarea"):
            self._inside, self._field = tag, given.get("name", "")
        elif tag == "input":
            self._note_input(given)
        elif tag == "select":
            self._field = given["name"]
            self.forms[-1].values[self._field] = ""
        elif tag == "option" and "selected" in given:
            self.forms[-1].values[self._field] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "textarea":
            self.forms[-1].values[self._field] = data.removeprefix("\n")

    def _note_input(self, given: dict[str, str]) -> None:
        if given.get("type") not in ("radio", "checkbox") or "checked" in given:
            self.forms[-1].values[given["name"]] = given.get("value", "")


def look(client: FlaskClient, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return Page(answer)


def sign(client: FlaskClient, address: str, **given: Any) -> None:
    """Post the form and be told to look into the mailbox."""
    answer = client.post(make.SIGN, data=make.form(email=address, **given))
    assert answer.status_code == 303, answer.get_data(as_text=True)


def confirm(client: FlaskClient, path: str, **changed: Any) -> TestResponse:
    """Open the mailed link and post its form, as it is or changed."""
    return client.post(path, data={**look(client, path).forms[0].values, **changed})


def ask(client: FlaskClient, mails: Mailbag, address: str, **given: Any) -> str:
    """Sign; returns the path of the confirmation link that was mailed."""
    sign(client, address, **given)
    return make.link(mails.take_one().message, "confirm")


def become_signatory(client: FlaskClient, mails: Mailbag, address: str, **given: Any) -> str:
    """Sign and confirm; returns the path of the personal link that was mailed."""
    assert confirm(client, ask(client, mails, address, **given)).status_code == 303
    return make.link(mails.take_one().message, "signature")


def correct(client: FlaskClient, personal_link: str, **changed: Any) -> TestResponse:
    """Save the personal page's form; a value of None unticks its box."""
    values = {**look(client, personal_link).form(personal_link).values, **changed}
    return client.post(personal_link, data={name: value for name, value in values.items() if value is not None})


def send_all(app: Flask) -> None:
    """Rounds of the outbox until nothing is due."""
    while make.send_mails(app):
        pass


def signatures() -> list[Signature]:
    """All there are, read afresh."""
    db.session.commit()
    return list(db.session.scalars(select(Signature).order_by(Signature.id)))


def the_signature() -> Signature:
    found = signatures()
    assert len(found) == 1
    return found[0]


def submissions() -> list[Submission]:
    """All there are, oldest first, read afresh."""
    db.session.commit()
    return list(db.session.scalars(select(Submission).order_by(Submission.id)))


def counted(app: Flask, client: FlaskClient) -> int:
    """The number that the public sees once the tally has moved; a count of the rows must agree with it."""
    make.move_tally(app)
    app.extensions["petition.shelf"].clear()
    db.session.commit()
    assert not recounting._drift(recounting._counted(), Names())
    assert not recounting._totals_off()
    shown = client.get(f"/api/v1/declarations/{make.SLUG}/count").get_json()["count"]
    tally = noting.find(declaration().id)
    assert tally is not None
    assert shown == tally.count == db.session.scalar(select(func.count()).where(Signature.counted))
    return int(shown)


def declaration() -> Declaration:
    found = reading.find(make.SLUG)
    assert found is not None
    return found


def schedule(app: Flask, **dates: Any) -> None:
    """Change when the declaration opens or closes."""
    found = declaration()
    for name, moment in dates.items():
        setattr(found, name, moment)
    forget_texts(app)


def forget_texts(app: Flask) -> None:
    """Commit, and let the next request read the declaration afresh."""
    db.session.commit()
    app.extensions["petition.known_texts"] = {}


def purge() -> None:
    db.session.commit()
    personal.purge()
    db.session.commit()


def everything() -> dict[str, list[str]]:
    """Every row of every table."""
    db.session.commit()
    tables = Base.metadata.sorted_tables
    return {table.name: sorted(map(repr, db.session.execute(select(table)))) for table in tables}


def stored_bytes() -> bytes:
    """Every value of every table, as bytes one after the other."""
    db.session.commit()
    rows = (row for table in Base.metadata.sorted_tables for row in db.session.execute(select(table)))
    return b"\n".join(_as_bytes(value) for row in rows for value in row)


def _as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)).encode()


@contextmanager
def write_lock(app: Flask) -> Iterator[None]:
    """Somebody else holds SQLite's write lock meanwhile."""
    with app.app_context():
        path = str(db.engine.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is sent to any database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
