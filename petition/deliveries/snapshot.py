"""Fill the staging file: one consistent snapshot, read once, sorted on disk, whole or not there."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, String, func, null, select, type_coerce
from sqlalchemy.exc import DBAPIError

from petition import countries, keys, whole
from petition.declarations import reading
from petition.declarations.models import Declaration, DeclarationText
from petition.deliveries import exporting, selection
from petition.deliveries.collating import sort_key
from petition.deliveries.describing import Numbers, describe
from petition.deliveries.members import Members
from petition.deliveries.refusals import MakingFailed
from petition.extensions import db
from petition.keys import Undecipherable
from petition.signatures.models import Signature, Visibility
from petition.staging import staging
from petition.staging.orders import Order, Showing, Sorting
from petition.staging.staging import StagedRow

ROWS_AT_ONCE = 5_000
CACHE_KIB = {"main": 32 * 1024, "heap": 4 * 1024}
"""Memory for sorting, which is the first's; what does not fit is merged on the disk."""
NAMED, NUMBERED = b"\1", b"\2"
"""Those shown by number only come after all names of their country."""

Progress = Callable[[int, int], None]
"""Takes the rows done and the rows in all; what it raises ends the filling, and nothing stays."""


@dataclass(frozen=True)
class Sample:
    """So many rows for a preview, the oldest; or all of these countries, and of the last what there is room for."""

    most: int
    countries: tuple[str, ...] = ()


def fill(order: Order, path: Path, *, progress: Progress | None = None, sample: Sample | None = None) -> None:
    """Read the counted signatures as this order shows them, and write them in its sorting into ``path``.

    The session's transaction must not have begun.
    Raises MakingFailed, and DBAPIError where the database breaks off.
    """
    draft, heap = path.with_suffix(".part"), path.with_suffix(".heap")
    try:
        for leftover in (draft, heap):
            leftover.unlink(missing_ok=True)
        _fill(order, draft, heap, progress or _silent, sample)
        whole.finish(draft, path)
    except (sqlite3.Error, OSError) as problem:
        raise MakingFailed(f"The staging file cannot be written: {_cause(problem)}.") from problem
    except DBAPIError:
        db.session().invalidate()
        raise
    finally:
        db.session.rollback()
        with suppress(OSError):
            draft.unlink(missing_ok=True)
            heap.unlink(missing_ok=True)


def _fill(order: Order, draft: Path, heap: Path, progress: Progress, sample: Sample | None) -> None:
    as_of = exporting.begin_snapshot().replace(microsecond=0)
    declaration = reading.find(order.slug)
    if declaration is None:
        raise MakingFailed(f"There is no declaration “{order.slug}”.")
    total = selection.count(declaration)
    heap.touch(mode=0o600)
    database = staging.create(draft)
    try:
        _prepare(database, heap)
        numbers, members, signed = Numbers(), Members(), Counter[int]()
        read = _read(declaration, order, numbers, members, signed, sample)
        _keep(database, read, lambda done: progress(done, total))
        if sample is None and numbers.count != total:
            raise MakingFailed(f"{numbers.count} rows were read, but the count is {total}.")
        facts = describe(declaration, numbers, signed=signed, as_of=as_of)
        db.session.rollback()
        _sort(database)
        database.executemany(
            "INSERT INTO members VALUES (?, ?, ?)",
            ((block, bytes(bits.held), bytes(bits.named)) for block, bits in sorted(members.blocks.items())),
        )
        database.execute("INSERT INTO facts VALUES (?)", (facts.to_json(),))
        database.commit()
    finally:
        database.close()


def _prepare(database: sqlite3.Connection, heap: Path) -> None:
    """The heap is a file of its own, so that the sorted rows lie in the staging file without gaps."""
    database.execute("ATTACH ? AS heap", (str(heap),))
    for schema, cache in CACHE_KIB.items():
        # A draft that was interrupted is thrown away, so nothing need be undone in it.
        database.execute(f"PRAGMA {schema}.journal_mode = OFF")
        database.execute(f"PRAGMA {schema}.synchronous = OFF")
        database.execute(f"PRAGMA {schema}.cache_size = -{cache}")
    database.execute(f"PRAGMA temp_store_directory = '{str(heap.parent.absolute()).replace(chr(39), chr(39) * 2)}'")
    columns = ", ".join(StagedRow._fields[1:])
    database.execute(f"CREATE TABLE heap.heap (place BLOB, key BLOB, {columns})")
    database.execute("CREATE TABLE members (block INTEGER PRIMARY KEY, held BLOB NOT NULL, named BLOB NOT NULL)")


def _keep(database: sqlite3.Connection, rows: Iterator[tuple[Any, ...]], progress: Callable[[int], None]) -> None:
    marks = ", ".join("?" * (len(StagedRow._fields) + 1))
    done, block = 0, []
    for row in rows:
        block.append(row)
        if len(block) == ROWS_AT_ONCE:
            database.executemany(f"INSERT INTO heap.heap VALUES ({marks})", block)
            done += len(block)
            progress(done)
            block = []
    database.executemany(f"INSERT INTO heap.heap VALUES ({marks})", block)
    progress(done + len(block))


def _sort(database: sqlite3.Connection) -> None:
    columns = ", ".join(StagedRow._fields[1:])
    database.execute(
        f"INSERT INTO rows (number, {columns}) SELECT NULL, {columns} FROM heap.heap ORDER BY place, key, id"
    )


def _read(
    declaration: Declaration,
    order: Order,
    numbers: Numbers,
    members: Members,
    signed: "Counter[int]",
    sample: Sample | None,
) -> Iterator[tuple[Any, ...]]:
    """Each row with what puts it in order before it; counted and remembered as it passes."""
    ring = keys.ring()
    language = order.languages[0]
    by_country = order.sorting is Sorting.COUNTRY
    sha256 = dict(db.session.execute(select(DeclarationText.id, DeclarationText.sha256)).all())
    named_for = {each: order.shows.get(each) is Showing.NAME and each != Visibility.COUNTED for each in Visibility}
    places: dict[str, bytes] = {}
    query = _query(declaration, with_addresses=order.with_addresses, sample=sample)
    for row in db.session.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        serial, text_id, country, visibility, moment, address, *stated, public_id, spoken, channel, source = row
        name = stated[0]
        # Whoever was erased has no name, whatever the order shows.
        named = named_for[visibility] and name != ""
        shown = [each or "" for each in stated] if named else _NOTHING
        email = _decrypt(ring, address) if named and address else ""
        day = moment[:10]
        numbers.rows[country, day, visibility, channel, source, spoken, named] += 1
        members.add(serial, named=named)
        signed[text_id] += 1
        if by_country:
            place = places.get(country)
            if place is None:
                place = places[country] = sort_key(countries.name(country, language)) + country.encode()
            key = NAMED + sort_key(name) if named else NUMBERED
        else:
            place, key = moment.encode(), b""
        yield (
            place, key, public_id, *shown, country, visibility, spoken, channel, source, sha256[text_id],
            f"{day}T{moment[11:19]}Z", email,
        )  # fmt: skip


_NOTHING = [""] * 5


def _query(declaration: Declaration, *, with_addresses: bool, sample: Sample | None) -> Select[Any]:
    moment: Any = type_coerce(Signature.confirmed_at, String)
    if db.engine.dialect.name == "postgresql":
        moment = func.to_char(Signature.confirmed_at, "YYYY-MM-DD HH24:MI:SS.US")
    query = select(
        Signature.id,
        Signature.text_id,
        Signature.country,
        Signature.visibility,
        moment,
        Signature.address if with_addresses else null(),
        Signature.name,
        Signature.affiliation,
        Signature.role,
        Signature.sector,
        Signature.comment,
        Signature.public_id,
        Signature.language,
        Signature.channel,
        Signature.source,
    ).where(Signature.declaration_id == declaration.id, Signature.counted)
    if sample is None:
        return query
    order: list[Any] = [Signature.confirmed_at, Signature.public_id]
    if sample.countries:
        query = query.where(Signature.country.in_(sample.countries))
        order.insert(0, Signature.country == sample.countries[-1])
    return query.order_by(*order).limit(sample.most)


def _decrypt(ring: keys.Keys, address: bytes) -> str:
    try:
        return ring.decrypt(address)
    except Undecipherable as problem:
        raise MakingFailed(f"A mail address cannot be read: {problem}.") from problem


def _silent(_done: int, _total: int) -> None:
    pass


def _cause(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return str(problem) or type(problem).__name__
