"""Applications with a database of their own: for tests that commit, run in parallel, or start processes."""

import gc
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from petition.application import create_app
from petition.declarations import folders, publishing
from petition.extensions import db, writing
from petition.settings import PREFIX, SECRET_NAMES, Settings
from petition.signatures.models import Signature, Submission
from tests import make
from tests.services import LOOPBACK, Postgresql

ROOT = Path(__file__).parent.parent
DATABASES = ("sqlite", "postgresql")
TEMPLATE = "template_of_tests"
_MADE: dict[int, "Templates"] = {}


class Templates:
    """One migrated database of each kind, with the sample declaration, to be copied."""

    def __init__(self, folder: Path, server: Postgresql) -> None:
        self.folder = folder
        self.server = server
        self.copies = 0
        self.secrets = {name: make.key() for name in SECRET_NAMES}
        self.sqlite = folder / "template.sqlite"
        self._fill(f"sqlite:///{self.sqlite}")
        self._fill(server.make_database(TEMPLATE))

    def copy(self, database: str) -> str:
        """The address of a fresh copy."""
        self.copies += 1
        if database == "sqlite":
            copy = self.folder / f"copy{self.copies}.sqlite"
            shutil.copy(self.sqlite, copy)
            return f"sqlite:///{copy}"
        name = f"copy{self.copies}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.server.url(name)

    @contextmanager
    def closed(self, url: str) -> Iterator[None]:
        """While inside, this PostgreSQL database takes no connection, and cuts those that are open."""
        name = url.rpartition("/")[2]
        self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        try:
            yield
        finally:
            self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def drop(self, url: str) -> None:
        if url.startswith("postgresql"):
            self.server.drop_database(url.rpartition("/")[2])

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            host=LOOPBACK, port=self.server.port, user="petition", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _fill(self, url: str) -> None:
        app = create_app(make.settings(self.folder, database_url=url, **self.secrets))
        with app.app_context():
            upgrade()
            with writing():
                publishing.publish(folders.read(folders.SAMPLE))
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


class AppMaker:
    """Makes applications, each with a fresh copy of the database unless it is given one."""

    def __init__(self, templates: Templates, folder: Path) -> None:
        self.templates = templates
        self.folder = folder
        self.apps: list[Flask] = []
        self.urls: list[str] = []

    def __call__(self, database: str = "sqlite", **given: Any) -> Flask:
        if "database_url" not in given:
            given["database_url"] = self.templates.copy(database)
            self.urls.append(given["database_url"])
        return self._made(make.settings(self.folder, **{**self.templates.secrets, **given}))

    def another(self, app: Flask) -> Flask:
        """A second application with the same settings, as in another process."""
        return self._made(settings_of(app))

    def close(self) -> None:
        for app in self.apps:
            with app.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()
        for url in self.urls:
            self.templates.drop(url)
        gc.collect()

    def _made(self, settings: Settings) -> Flask:
        app = create_app(settings)
        app.testing = True
        self.apps.append(app)
        return app


@pytest.fixture(scope="session")
def app_templates(postgresql: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    # Each folder of tests that imports this fixture asks for it anew.
    if postgresql.port not in _MADE:
        _MADE[postgresql.port] = Templates(tmp_path_factory.mktemp("templates"), postgresql)
    return _MADE[postgresql.port]


@pytest.fixture
def make_app(app_templates: Templates, tmp_path: Path) -> Iterator[AppMaker]:
    maker = AppMaker(app_templates, tmp_path / "instance")
    yield maker
    maker.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application without its database: the parts of a delivery are made from the staging file alone."""
    return create_app(make.settings(tmp_path_factory.mktemp("site")))


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.extensions["petition.settings"]
    return settings


def environment(app: Flask, **more: str) -> dict[str, str]:
    """What a real process needs to run with this application's settings."""
    settings = settings_of(app)
    names = ("instance_dir", "database_url", "redis_url", "mail_url", "base_url", "sign_limits", "trusted_proxies")
    values = {name: str(getattr(settings, name)) for name in (*names, *SECRET_NAMES, "log_level")}
    values["tally_every"] = str(int(settings.tally_every.total_seconds()) or 1)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**ours, **{PREFIX + name.upper(): value for name, value in values.items()}, **more}


def command(*words: str) -> list[str]:
    """The real ``petition`` command, in this interpreter."""
    return [sys.executable, "-m", "petition", *words]


def wait_until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Look until it is so; the deadline is generous, because other work may share the machine."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        with suppress(InterruptedError):
            time.sleep(0.01)


def waiting() -> int:
    """How many connections to this database wait for a lock."""
    with db.engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return int(connection.scalar(text(query)) or 0)


def signature(address: str | None = None, **given: Any) -> Signature:
    """A confirmed signature, really committed, its mails taken back."""
    db.session.rollback()
    return make.signature(address, **given)


def submission(address: str | None = None, **given: Any) -> Submission:
    """A submission with its mail, really committed."""
    db.session.rollback()
    return make.submission(address, **given)
