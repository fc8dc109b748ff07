"""The Flask extensions, made once and bound to the application by ``create_app``."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from flask import request
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase

from petition.settings import Settings

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for SQLite's write lock, or PostgreSQL's row locks, before it is told 503."""

AUTOCOMMIT = "autocommit"
"""The engine whose every statement is a transaction of its own."""

STATEMENT_TIMEOUT_MS = 10_000
"""How long one statement of PostgreSQL may take; exports lift it for themselves."""


class Base(DeclarativeBase):
    """Every table; constraints get names, so that migrations and errors can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


ONLY_READS = "only_reads"


class RequestSession(Session):
    """Reads for a GET, and after ``only_read``, outside any transaction: each statement is one of its own.

    A transaction that only read ends in ROLLBACK, and with that psycopg forgets, and has PostgreSQL forget,
    every statement that the connection had prepared.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        return db.engines[AUTOCOMMIT] if self.only_reads else super().get_bind(*args, **kwargs)

    @property
    def only_reads(self) -> bool:
        """Whether each statement is a transaction of its own."""
        asked = request and (request.method in ("GET", "HEAD") or ONLY_READS in self.info)
        return bool(asked) and AUTOCOMMIT in db.engines


# Tests bind the session to a connection whose transaction they roll back; elsewhere the mode says nothing.
db = SQLAlchemy(
    model_class=Base,
    session_options={"class_": RequestSession, "join_transaction_mode": "create_savepoint"},
)
migrate = Migrate()
babel = Babel()


def only_read() -> None:
    """Until ``begin_writing``, if that comes at all, this request's session reads as a GET's does."""
    db.session.info[ONLY_READS] = True


def begin_writing() -> None:
    """Open a transaction as a writer; one that has only read so far is ended first.

    SQLite takes its write lock now and waits for it; a transaction that reads first and writes later
    would fail at once instead of waiting. PostgreSQL needs nothing.
    """
    db.session.info.pop(ONLY_READS, None)
    db.session.rollback()
    db.session.connection(execution_options={"writing": True})


def engine_options(settings: Settings) -> dict[str, Any]:
    """What SQLAlchemy's ``create_engine`` is given for the configured database."""
    if settings.on_sqlite:
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    limits = f"-c lock_timeout={BUSY_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"
    return {
        "pool_size": settings.pool_size,
        "max_overflow": settings.pool_size,
        "pool_timeout": 5,
        "connect_args": {"connect_timeout": 3, "options": limits, "keepalives_idle": 30},
    }


def more_engines(settings: Settings) -> dict[str, dict[str, Any]]:
    """Engines besides the main one: on PostgreSQL, connections on which each statement is a transaction."""
    if settings.on_sqlite:
        return {}
    # No overflow: a statement is short, and each process's connections count against the server's.
    options = {
        **engine_options(settings),
        "max_overflow": 0,
        "isolation_level": "AUTOCOMMIT",
        "pool_reset_on_return": None,
    }
    return {AUTOCOMMIT: {"url": settings.database, **options}}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver must not begin transactions by itself: it would begin them as readers.
    connection.isolation_level = None
    # FULL, because a signature that was acknowledged must survive a power cut.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "checkout")
def _refuse_cut(connection: Any, _record: Any, _proxy: Any) -> None:
    """Take no connection that PostgreSQL has cut while it lay in the pool, so that a restart fails nobody after it.

    What the server said last lies in the socket: looking there asks nothing and waits for nothing.
    """
    if not isinstance(connection, psycopg.Connection):
        return
    try:
        # The first finds the farewell, if there is one; the second finds that nothing will follow.
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError as problem:
        raise InvalidatePoolError from problem


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that writes: committed at the end, rolled back when something is raised."""
    begin_writing()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def statement_bind() -> Engine | Connection:
    """For statements that are transactions of their own: the connection that the request's session reads through.

    Where it has none in hand, the engine. Whoever held one connection and waited for a second would, when many do,
    wait for others who wait as well.
    """
    session = cast(RequestSession, db.session())
    if session.only_reads and session.in_transaction():
        return session.connection()
    return db.engines.get(AUTOCOMMIT, db.engine)


def insert_into(table: type[Base]) -> Any:
    """An INSERT that can say ON CONFLICT, in the words of the database in use."""
    return sqlite_insert(table) if db.engine.dialect.name == "sqlite" else postgresql_insert(table)
