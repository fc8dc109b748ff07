"""Write the counted signatures into one file: from one snapshot, streamed, whole or not at all."""

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import psycopg
from sqlalchemy import Select, func, literal, select, text
from sqlalchemy.exc import DBAPIError

from petition import clock, keys, whole
from petition.declarations.models import Declaration
from petition.deliveries import selection
from petition.deliveries.selection import Column
from petition.extensions import db
from petition.keys import Keys
from petition.tables.cells import BOM, neutralise
from petition.tables.lines import csv_line

Format = Literal["csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "jsonl")
CHUNK_ROWS = 1_000
LF = "\n"
"""As PostgreSQL ends lines, so that the file is the same whoever writes it."""
BLOCK_LINES = 2_000
"""Lines that are written and hashed at once; progress is told after each block."""

Progress = Callable[[int, int], None]
"""Takes the rows written and the rows in all."""


class ExportRefused(Exception):
    """The file cannot be written; the message says why."""


@dataclass(frozen=True)
class Export:
    """A file that was written: its rows, the count then, its SHA-256, and the moment whose state it holds."""

    path: Path
    rows: int
    count: int
    sha256: str
    as_of: datetime


def export(
    declaration: Declaration,
    columns: Sequence[Column],
    *,
    format: Format,
    path: Path,
    language: str,
    progress: Progress | None = None,
) -> Export:
    """Write the file beside its final name and rename it when it is whole.

    The session's transaction must not have begun. Raises ExportRefused when the disk refuses, the database
    breaks off, or the rows are not as many as the count says.
    """
    try:
        as_of = begin_snapshot()
        query = selection.rows(declaration, columns, language=language, guarded=format == "csv")
        # Closed whatever happens: a COPY left open would hold its connection for ever.
        with whole.open_file(path) as file, closing(_lines(query, columns, format)) as lines:
            written, sha256 = _write(file, lines, _counting(progress, declaration))
            rows = written - 1 if format == "csv" else written
            count = selection.count(declaration)
            if rows != count:
                raise ExportRefused(f"{rows} rows were written, but the count is {count}.")
    except OSError as problem:
        raise ExportRefused(f"{path} cannot be written: {problem.strerror}.") from problem
    except (psycopg.Error, DBAPIError) as problem:
        # What is left of the connection is of no use to anybody.
        db.session().invalidate()
        cause = problem.orig if isinstance(problem, DBAPIError) else problem
        raise ExportRefused(f"The database broke off ({type(cause).__name__}).") from problem
    except BaseException:
        # A COPY that was interrupted leaves a connection that may not even roll back.
        db.session().invalidate()
        raise
    return Export(path, rows, count, sha256, as_of)


def begin_snapshot() -> datetime:
    """One consistent view of all signatures, however long the export takes; signing goes on meanwhile.

    Returns its moment.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        db.session.execute(text("SET TRANSACTION READ ONLY"))
        lift_timeout()
        # Rows come from the index in their order: the first are wanted at once, and no sort fills the disk.
        db.session.execute(text("SET LOCAL enable_sort = off"))
    # Both databases take the snapshot not when the transaction begins, but when it first reads a table.
    db.session.scalar(select(Declaration.id).limit(1))
    return clock.now()


def lift_timeout() -> None:
    """Until this transaction ends its statements may take as long as they need, as whoever reads all rows must."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = 0"))


def _counting(progress: Progress | None, declaration: Declaration) -> Callable[[int], None]:
    """Tells how far it is. The rows are counted beforehand only for somebody who watches."""
    if progress is None:
        return lambda done: None
    total = selection.count(declaration)
    return lambda done: progress(done, total)


def _write(file: IO[bytes], lines: Iterator[bytes], progress: Callable[[int], None]) -> tuple[int, str]:
    """Write all lines; returns how many there were, and their SHA-256."""
    digest = hashlib.sha256()
    written = 0
    while block := list(islice(lines, BLOCK_LINES)):
        content = b"".join(block)
        file.write(content)
        digest.update(content)
        written += len(block)
        progress(written)
    return written, digest.hexdigest()


def _lines(query: Select[Any], columns: Sequence[Column], format: Format) -> Generator[bytes, None, None]:
    """The file's lines, one row each, a CSV's header first."""
    if format == "csv":
        yield (BOM + csv_line([column.name for column in columns], end=LF)).encode()
    if db.engine.dialect.name == "postgresql" and not any(column.encrypted for column in columns):
        yield from _copied(query, columns, format)
        return
    for row in _streamed(query, columns, guarded=format == "csv"):
        if format == "csv":
            yield csv_line(row, end=LF).encode()
        else:
            names = [column.name for column in columns]
            yield (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n").encode()


def _copied(query: Select[Any], columns: Sequence[Column], format: Format) -> Iterator[bytes]:
    """PostgreSQL writes the lines itself."""
    options = "FORMAT csv, ENCODING 'UTF8', NULL '', FORCE_QUOTE *"
    if format == "jsonl":
        query = _as_json(query, columns)
        # JSON holds no raw control characters, so these two leave every line as it is.
        options = "FORMAT csv, ENCODING 'UTF8', QUOTE E'\\x01', DELIMITER E'\\x02'"
    compiled = query.compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
    statement = f"COPY ({compiled}) TO STDOUT WITH ({options})"
    driver = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
        for line in copy:
            yield bytes(line)


def _as_json(query: Select[Any], columns: Sequence[Column]) -> Select[Any]:
    # json_build_object would put a space before each colon, and Python none.
    names = [json.dumps(cell.key) for cell in query.selected_columns]
    heads = ["{" + names[0], *(", " + key for key in names[1:])]
    cells = zip(heads, query.selected_columns, strict=True)
    parts = [part for head, cell in cells for part in (literal(head + ": "), func.to_json(cell))]
    line = func.concat(*parts, literal("}"))
    return query.with_only_columns(line.label("line"), maintain_column_froms=True)


def _streamed(query: Select[Any], columns: Sequence[Column], *, guarded: bool) -> Iterator[list[str]]:
    """Rows through Python, a thousand at a time, what is encrypted read (and guarded) here."""
    ring = keys.ring()
    encrypted = [column.encrypted for column in columns]
    result = db.session.execute(query, execution_options={"yield_per": CHUNK_ROWS})
    for row in result:
        yield [
            _read(ring, cell, guarded=guarded) if secret else cell for cell, secret in zip(row, encrypted, strict=True)
        ]


def _read(ring: Keys, cell: bytes | None, *, guarded: bool) -> str:
    text = ring.decrypt(cell) if cell else ""
    return neutralise(text) if guarded else text
