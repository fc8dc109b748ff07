"""The list of signatories: keys to search names by, and indexes for its filters."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from petition.signatures import searching

revision = "0003"
down_revision = "0002"

BATCH = 5_000
KEYS = ("search_name", "search_turned")
SHOWN = {"sqlite": "counted = 1 AND visibility = 'public'", "postgresql": "counted AND visibility = 'public'"}
INDEXES = {
    "ix_signatures_country": ["declaration_id", "country", "confirmed_at", "public_id", "sector"],
    "ix_signatures_sector": ["declaration_id", "sector", "confirmed_at", "public_id", "country"],
    **{f"ix_signatures_{key}": ["declaration_id", key, "public_id", "country", "sector"] for key in KEYS},
}


def upgrade() -> None:
    for key in KEYS:
        op.add_column("signatures", sa.Column(key, sa.Text().with_variant(sa.Text(collation="C"), "postgresql")))
    connection = op.get_bind()
    for rows in _named(connection):
        _keep_keys(connection, rows)
    for name, columns in INDEXES.items():
        op.create_index(name, "signatures", columns, **_where(name))


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "signatures", **_where(name))
    for key in KEYS:
        op.drop_column("signatures", key)


def _where(index: str) -> dict[str, Any]:
    more = " AND sector IS NOT NULL" if index == "ix_signatures_sector" else ""
    return {f"{database}_where": sa.text(rule + more) for database, rule in SHOWN.items()}


def _named(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    """Ids and names, a batch at a time: a million of them need not fit the memory."""
    batch = sa.text(f"SELECT id, name FROM signatures WHERE id > :last AND name <> '' ORDER BY id LIMIT {BATCH}")
    last = -1
    while rows := connection.execute(batch, {"last": last}).all():
        yield rows
        last = rows[-1].id


def _keep_keys(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> None:
    keys = [{"id": id, "key": searching.key(name), "turned": searching.turned_key(name)} for id, name in rows]
    if connection.dialect.name == "sqlite":
        statement = "UPDATE signatures SET search_name = :key, search_turned = :turned WHERE id = :id"
        connection.execute(sa.text(statement), keys)
        return
    # One statement for a batch takes a fraction of the time of one for each row.
    statement = """
        UPDATE signatures SET search_name = found.key, search_turned = found.turned
        FROM unnest(CAST(:id AS bigint[]), CAST(:key AS text[]), CAST(:turned AS text[])) AS found (id, key, turned)
        WHERE signatures.id = found.id
    """
    columns = {name: [each[name] for each in keys] for name in ("id", "key", "turned")}
    connection.execute(sa.text(statement), columns)
