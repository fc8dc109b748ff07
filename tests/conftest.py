"""Fixtures: the application on both databases, every test rolled back, every mail looked at."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from petition import storing
from petition.application import create_app
from petition.declarations import folders, publishing
from petition.defence.limits import limiter
from petition.extensions import db, writing
from tests import make
from tests.services import Mail, MailServer, Postgresql, Redis
from tests.turns import TakeTurns

DATABASES = ("sqlite", "postgresql")
LIMITS = "tests.limits"
"""Under which an application keeps what the limiter was when it was made."""


def pytest_configure(config: pytest.Config) -> None:
    TakeTurns.beside_others(config)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgresql]:
    with Postgresql.start(tmp_path_factory.mktemp("postgresql"), fast=True) as server:
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis.start(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer.start(tmp_path_factory.mktemp("mail")) as server:
        yield server


def _migrated(folder: Path, database_url: str, mail_url: str) -> Iterator[Flask]:
    """The application with its schema and the sample declaration."""
    app = create_app(make.settings(folder, database_url=database_url, mail_url=mail_url))
    app.testing = True
    app.extensions[LIMITS] = dict(vars(limiter))
    with app.app_context():
        upgrade()
        with writing():
            publishing.publish(folders.read(folders.SAMPLE))
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    gc.collect()


@pytest.fixture(scope="session")
def on_sqlite(mail_server: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("sqlite")
    yield from _migrated(folder, f"sqlite:///{folder / 'petition.sqlite'}", mail_server.url)


@pytest.fixture(scope="session")
def on_postgresql(
    postgresql: Postgresql, mail_server: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    yield from _migrated(tmp_path_factory.mktemp("instance"), postgresql.make_database("suite"), mail_server.url)


@pytest.fixture(params=DATABASES)
def migrated(request: pytest.FixtureRequest) -> Flask:
    """Both applications stay for the whole run, so that tests may go from one database to the other and back."""
    app: Flask = request.getfixturevalue(f"on_{request.param}")
    return app


@pytest.fixture
def app(migrated: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back after the test."""
    mail_server.clear()
    migrated.extensions["petition.shelf"].clear()
    migrated.extensions["petition.network_keys"] = {}
    migrated.extensions["petition.known_texts"] = {}
    migrated.extensions.pop("petition.listeners", None)
    migrated.extensions["petition.known_partners"] = {}
    migrated.extensions["petition.numbers"] = {}
    # There is one limiter, and whatever application was made last has bound it to its own storage.
    vars(limiter).update(migrated.extensions[LIMITS])
    limiter.reset()
    with migrated.app_context():
        engine = db.engine
        connection = engine.connect().execution_options(writing=True)
        transaction = connection.begin()
        engines = dict(db._app_engines[migrated])
        db._app_engines[migrated].update(dict.fromkeys(engines, connection))
        monkeypatch.setattr(storing, "one_transaction", lambda: _beside_the_session(connection))
        yield migrated
        db.session.remove()
        transaction.rollback()
        connection.close()
        db._app_engines[migrated].update(engines)
        unexpected = mail_server.messages
    assert not unexpected, f"mails nobody looked at: {[mail.message['Subject'] for mail in unexpected]}"


@contextmanager
def _beside_the_session(connection: Connection) -> Iterator[Connection]:
    """What is stored is committed by itself: a session that only read must not take it along when it ends."""
    db.session.commit()
    yield connection


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return browser(app)


@pytest.fixture
def mails(app: Flask, mail_server: MailServer) -> "Mailbag":
    return Mailbag(app, mail_server)


class Browser(FlaskClient):
    """Gives every request an application context of its own, as a server does.

    Flask would reuse the one that the test has pushed, and with it ``g`` and the session.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **kwargs)


class Mailbag:
    """Sends what is due and takes what arrived."""

    def __init__(self, app: Flask, server: MailServer) -> None:
        self.app = app
        self.server = server

    def take(self) -> list[Mail]:
        """Send until nothing is due, because one round writes to each mailbox once; returns what arrived."""
        while make.send_mails(self.app):
            pass
        arrived = list(self.server.messages)
        self.server.clear()
        return arrived

    def take_one(self) -> Mail:
        arrived = self.take()
        assert len(arrived) == 1, [mail.message["Subject"] for mail in arrived]
        return arrived[0]


def browser(app: Flask, address: str = "192.0.2.1") -> FlaskClient:
    """A client as a browser on our own page, at this network address."""
    client = Browser(app, app.response_class)
    client.environ_base.update(
        {"REMOTE_ADDR": address, "HTTP_HOST": "localhost:8000", "HTTP_SEC_FETCH_SITE": "same-origin"}
    )
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample declaration's folder, to be changed by the test."""
    target = tmp_path / "declaration"
    target.mkdir()
    for file in folders.SAMPLE.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target
