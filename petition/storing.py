"""Store a few rows as one fact: all of them or none, durable when it returns, in one journey to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, bindparam, insert

from petition.extensions import AUTOCOMMIT, Base, db


@dataclass(frozen=True)
class Row:
    """A row to be: every column that must be filled is named, because no default is asked for."""

    model: type[Base]
    values: dict[str, Any]


def store(*rows: Row) -> None:
    """Insert and commit these rows. No object is made and none is tracked, so that the big day costs little.

    PostgreSQL gets one statement, which is a transaction of its own; SQLite gets a writing transaction.
    """
    shape = tuple((row.model, tuple(row.values)) for row in rows)
    parameters = {
        _parameter(table, name): value
        for row, table in zip(rows, (_table(row.model) for row in rows), strict=True)
        for name, value in row.values.items()
    }
    with one_transaction() as connection:
        for statement in _statements(shape, together=connection.dialect.name == "postgresql"):
            connection.execute(statement, parameters)


@contextmanager
def one_transaction() -> Iterator[Connection]:
    """A connection on which the statements of one call are one transaction, committed at the end."""
    if db.engine.dialect.name == "postgresql":
        with db.engines[AUTOCOMMIT].connect() as connection:
            yield connection
    else:
        with db.engine.execution_options(writing=True).begin() as connection:
            yield connection


@lru_cache
def _statements(shape: tuple[tuple[type[Base], tuple[str, ...]], ...], *, together: bool) -> tuple[Insert, ...]:
    inserts = [_insert(_table(model), names) for model, names in shape]
    if not together:
        return tuple(inserts)
    last = inserts.pop()
    for number, each in enumerate(inserts):
        last = last.add_cte(each.cte(f"row_{number}"))
    return (last,)


def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    binds = {name: bindparam(_parameter(table, name), type_=table.c[name].type) for name in names}
    return insert(table).values(binds).inline()


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def _parameter(table: Table, name: str) -> str:
    return f"{table.name}_{name}"
