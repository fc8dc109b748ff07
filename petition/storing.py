"""Store a few rows as one fact: all of them or none, in one journey to the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Connection, Executable, Table, bindparam, insert, select

from petition.extensions import AUTOCOMMIT, Base, db, insert_into


@dataclass(frozen=True)
class Row:
    """A row to be: every column that must be filled is named, because no default is asked for."""

    model: type[Base]
    values: dict[str, Any]

    @property
    def shape(self) -> "Shape":
        return self.model, tuple((name, value is ITS_ID) for name, value in self.values.items())


Shape = tuple[type[Base], tuple[tuple[str, bool], ...]]
"""A row without its values: columns, and whether each one holds ITS_ID."""

ITS_ID: Final = object()
"""As a value of a row: the id of the row that it comes with."""


def store(*rows: Row) -> None:
    """Insert and commit these rows; durable when it returns. No object is made, so that the big day costs little.

    PostgreSQL gets one statement, which is a transaction of its own; SQLite gets a writing transaction.
    """
    shapes = tuple(row.shape for row in rows)
    with one_transaction() as connection:
        for statement in _inserts(shapes, together=_together(connection)):
            connection.execute(statement, _parameters(rows))


def insert_unless_there(connection: Connection, row: Row, *, unique: Sequence[str], with_it: Sequence[Row]) -> bool:
    """Insert the row and those that come with it, or nothing where another has the same ``unique`` columns.

    Part of the connection's transaction. Returns whether it was inserted.
    """
    rows = [row, *with_it]
    parameters = _parameters(rows)
    shapes, unique = tuple(each.shape for each in rows), tuple(unique)
    if _together(connection):
        return connection.execute(_insert_together(shapes, unique), parameters).first() is not None
    first, *others = _insert_in_turn(shapes, unique)
    its_id = connection.scalar(first, parameters)
    if its_id is None:
        return False
    for statement in others:
        connection.execute(statement, {**parameters, "its_id": its_id})
    return True


@contextmanager
def one_transaction() -> Iterator[Connection]:
    """A connection on which the statements of one call are one transaction, committed at the end."""
    if db.engine.dialect.name == "postgresql":
        with db.engines[AUTOCOMMIT].connect() as connection:
            yield connection
    else:
        with db.engine.execution_options(writing=True).begin() as connection:
            yield connection


def _together(connection: Connection) -> bool:
    """Whether this database inserts into several tables with one statement."""
    return connection.dialect.name == "postgresql"


@lru_cache
def _inserts(shapes: tuple[Shape, ...], *, together: bool) -> tuple[Executable, ...]:
    inserts = [insert(_table(shape)).values(_binds(number, shape)).inline() for number, shape in enumerate(shapes)]
    if not together:
        return tuple(inserts)
    last = inserts.pop()
    return (last.add_cte(*(each.cte(f"row_{number}") for number, each in enumerate(inserts))),)


@lru_cache
def _insert_together(shapes: tuple[Shape, ...], unique: tuple[str, ...]) -> Executable:
    its_id = _insert_first(shapes[0], unique).cte("first_row").c.id
    others = []
    for number, shape in enumerate(shapes[1:], 1):
        columns = _binds(number, shape, its_id=its_id)
        row = insert(_table(shape)).from_select(list(columns), select(*columns.values()).select_from(its_id.table))
        others.append(row.cte(f"row_{number}"))
    return select(its_id).add_cte(*others)


@lru_cache
def _insert_in_turn(shapes: tuple[Shape, ...], unique: tuple[str, ...]) -> tuple[Executable, ...]:
    its_id: BindParameter[int] = bindparam("its_id")
    return (
        _insert_first(shapes[0], unique),
        *(
            insert(_table(shape)).values(_binds(number, shape, its_id=its_id)).inline()
            for number, shape in enumerate(shapes[1:], 1)
        ),
    )


def _insert_first(shape: Shape, unique: tuple[str, ...]) -> Any:
    row = insert_into(shape[0]).values(_binds(0, shape))
    return row.on_conflict_do_nothing(index_elements=unique).returning(_table(shape).c.id)


def _binds(number: int, shape: Shape, *, its_id: Any = None) -> dict[str, BindParameter[Any]]:
    """What fills each column: a parameter of the column's type, or the id of the first row."""
    table = _table(shape)
    return {
        name: its_id if is_its_id else bindparam(f"{number}_{name}", type_=table.c[name].type)
        for name, is_its_id in shape[1]
    }


def _parameters(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        f"{number}_{name}": value
        for number, row in enumerate(rows)
        for name, value in row.values.items()
        if value is not ITS_ID
    }


def _table(shape: Shape) -> Table:
    return cast(Table, shape[0].__table__)
