"""Organisations' endorsements, and a tally that counts kinds apart."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COUNTED = {"tallies": ["scope"], "tally_buckets": ["scope", "hour", "country", "source"]}
"""Tables whose key the kind becomes a part of, with the rest of it."""


def upgrade() -> None:
    for table in ("tally_changes", *_COUNTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("kind", sa.String(length=12), nullable=False, server_default="person"))
    for table, (scope, *rest) in _COUNTED.items():
        _change_key(table, [scope, "kind", *rest])
    for table in ("tally_changes", *_COUNTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("kind", server_default=None, existing_type=sa.String(length=12))


def downgrade() -> None:
    for table, key in _COUNTED.items():
        op.execute(f"DELETE FROM {table} WHERE kind <> 'person'")
        _change_key(table, key)
    op.execute("DELETE FROM tally_changes WHERE kind <> 'person'")
    for table in ("tally_changes", *_COUNTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("kind")


def _change_key(table: str, key: list[str]) -> None:
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(f"pk_{table}", type_="primary")
        batch_op.create_primary_key(f"pk_{table}", key)
