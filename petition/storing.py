"""Store a few rows as one fact: all of them or none, in one journey to the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Connection, Executable, Select, Table, Update, bindparam, insert, select, update

from petition.extensions import Base, db, insert_into, statement_bind


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
Marked = tuple[type[Base], str]
"""A mark without its values."""

ITS_ID: Final = object()
"""As a value of a row: the id of the row that it comes with."""


@dataclass(frozen=True)
class Mark:
    """A row's column that is filled in once: whatever goes with it is done while it is empty, and fills it in."""

    model: type[Base]
    id: int
    column: str
    value: Any

    @property
    def shape(self) -> "Marked":
        return self.model, self.column

    @property
    def parameters(self) -> dict[str, Any]:
        return {"marked_id": self.id, "mark": self.value}


def store(*rows: Row) -> None:
    """Insert and commit these rows; durable when it returns. No object is made, so that the big day costs little.

    PostgreSQL gets one statement, which is a transaction of its own; SQLite gets a writing transaction.
    """
    shapes = tuple(row.shape for row in rows)
    with one_transaction() as connection:
        for statement in _inserts(shapes, together=_together(connection)):
            connection.execute(statement, _parameters(rows))


def store_unless_there(row: Row, *, unique: Sequence[str], with_it: Sequence[Row], mark: Mark) -> bool:
    """Insert and commit as ``insert_unless_there`` does; PostgreSQL gets one statement, as in ``store``."""
    with one_transaction() as connection:
        return insert_unless_there(connection, row, unique=unique, with_it=with_it, mark=mark)


def insert_unless_there(
    connection: Connection, row: Row, *, unique: Sequence[str], with_it: Sequence[Row], mark: Mark | None = None
) -> bool:
    """Insert the row and those that come with it, or nothing where another has the same ``unique`` columns.

    With a mark, it is set where they are inserted, and nothing is inserted where it was set before; of two who
    try at once, the second waits for the first. Part of the connection's transaction. Returns whether it was
    inserted.
    """
    rows = [row, *with_it]
    parameters = {**_parameters(rows), **(mark.parameters if mark else {})}
    shapes, unique, marked = tuple(each.shape for each in rows), tuple(unique), mark.shape if mark else None
    if _together(connection):
        return connection.execute(_insert_together(shapes, unique, marked), parameters).first() is not None
    if marked and connection.execute(_unmarked(*marked), parameters).first() is None:
        return False
    first, *others = _insert_in_turn(shapes, unique, marked)
    its_id = connection.scalar(first, parameters)
    if its_id is None:
        return False
    for statement in others:
        connection.execute(statement, {**parameters, "its_id": its_id})
    return True


@contextmanager
def one_transaction() -> Iterator[Connection]:
    """A connection on which the statements of one call are one transaction, committed at the end."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.execution_options(writing=True).begin() as connection:
            yield connection
    elif isinstance(bind := statement_bind(), Connection):
        yield bind
    else:
        with bind.connect() as connection:
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
def _insert_together(shapes: tuple[Shape, ...], unique: tuple[str, ...], marked: Marked | None) -> Executable:
    unmarked = _unmarked(*marked).with_for_update().cte("unmarked") if marked else None
    its_id = _insert_first(shapes[0], unique, unmarked).cte("first_row").c.id
    others = []
    for number, shape in enumerate(shapes[1:], 1):
        columns = _binds(number, shape, its_id=its_id)
        row = insert(_table(shape)).from_select(list(columns), select(*columns.values()).select_from(its_id.table))
        others.append(row.cte(f"row_{number}"))
    if marked:
        others.append(_marking(*marked).where(select(its_id).exists()).cte("marked"))
    return select(its_id).add_cte(*others)


@lru_cache
def _insert_in_turn(
    shapes: tuple[Shape, ...], unique: tuple[str, ...], marked: Marked | None
) -> tuple[Executable, ...]:
    its_id: BindParameter[int] = bindparam("its_id")
    return (
        _insert_first(shapes[0], unique),
        *(
            insert(_table(shape)).values(_binds(number, shape, its_id=its_id)).inline()
            for number, shape in enumerate(shapes[1:], 1)
        ),
        *([_marking(*marked)] if marked else []),
    )


def _insert_first(shape: Shape, unique: tuple[str, ...], unmarked: Any = None) -> Any:
    columns = _binds(0, shape)
    row = insert_into(shape[0])
    if unmarked is None:
        row = row.values(columns)
    else:
        row = row.from_select(list(columns), select(*columns.values()).select_from(unmarked), include_defaults=False)
    return row.on_conflict_do_nothing(index_elements=unique).returning(_table(shape).c.id)


@lru_cache
def _unmarked(model: type[Base], column: str) -> Select[Any]:
    table = cast(Table, model.__table__)
    return select(table.c.id).where(table.c.id == bindparam("marked_id"), table.c[column].is_(None))


def _marking(model: type[Base], column: str) -> Update:
    table = cast(Table, model.__table__)
    mark: BindParameter[Any] = bindparam("mark", type_=table.c[column].type)
    return update(table).where(table.c.id == bindparam("marked_id")).values({column: mark})


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
