"""Organisations' endorsements, and a tally that counts kinds apart."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
COUNTED = (
    "approved_at IS NOT NULL AND approved_at >= confirmed_at"
    " AND (declined_at IS NULL OR declined_at < approved_at)"
    " AND (withdrawn_at IS NULL OR withdrawn_at < confirmed_at)"
)

_NEW = (
    "endorsement_blocks",
    "endorsement_links",
    "endorsement_decisions",
    "endorsements",
    "endorsement_submissions",
)
_COUNTED = {"tallies": ["scope"], "tally_buckets": ["scope", "hour", "country", "source"]}
"""Tables whose key the kind becomes a part of, with the rest of it."""


def upgrade() -> None:
    _count_kinds()
    op.create_table(
        "endorsement_submissions",
        *_stated("endorsement_submissions"),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("mailed_at", TIME, nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
    )
    with op.batch_alter_table("endorsement_submissions") as batch_op:
        batch_op.create_index("ix_endorsement_submissions_mailbox", ["mailbox", "declaration_id", "id"])
    op.create_table(
        "endorsements",
        *_stated("endorsements"),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=True),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=False),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("declined_at", TIME, nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("erased_at", TIME, nullable=True),
        sa.Column("counted", sa.Boolean(), sa.Computed(COUNTED, persisted=True), nullable=False),
        sa.UniqueConstraint("declaration_id", "mailbox", name="uq_endorsements_one_per_mailbox"),
    )
    with op.batch_alter_table("endorsements") as batch_op:
        batch_op.create_index(
            "ix_endorsements_shown",
            ["declaration_id", "approved_at", "public_id"],
            sqlite_where=sa.text("counted = 1"),
            postgresql_where=sa.text("counted"),
        )
    _make_what_belongs_to_them()


def _stated(table: str) -> list[sa.Column[Any] | sa.Constraint]:
    """What is stated for an organisation, alike in both tables."""
    return [
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("text_id", SERIAL, nullable=False),
        _declaration(table),
        sa.ForeignKeyConstraint(["text_id"], ["declaration_texts.id"], name=f"fk_{table}_text_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("public_id", name=f"uq_{table}_public_id"),
    ]


def _declaration(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=f"fk_{table}_declaration_id")


def _make_what_belongs_to_them() -> None:
    op.create_table(
        "endorsement_decisions",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("endorsement_id", SERIAL, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.CheckConstraint("verdict IN ('approved', 'declined')", name=op.f("ck_endorsement_decisions_verdict")),
        sa.ForeignKeyConstraint(
            ["endorsement_id"], ["endorsements.id"], name="fk_endorsement_decisions_endorsement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_endorsement_decisions"),
    )
    with op.batch_alter_table("endorsement_decisions") as batch_op:
        batch_op.create_index("ix_endorsement_decisions_endorsement_id", ["endorsement_id"])
    op.create_table(
        "endorsement_links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        _declaration("endorsement_links"),
        sa.PrimaryKeyConstraint("digest", name="pk_endorsement_links"),
    )
    with op.batch_alter_table("endorsement_links") as batch_op:
        batch_op.create_index("ix_endorsement_links_mailbox", ["mailbox", "declaration_id"])
    op.create_table(
        "endorsement_blocks",
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _declaration("endorsement_blocks"),
        sa.PrimaryKeyConstraint("declaration_id", "mailbox", name="pk_endorsement_blocks"),
    )


def _count_kinds() -> None:
    for table in ("tally_changes", *_COUNTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("kind", sa.String(length=12), nullable=False, server_default="person"))
    for table, (scope, *rest) in _COUNTED.items():
        _change_key(table, [scope, "kind", *rest])
    for table in ("tally_changes", *_COUNTED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("kind", server_default=None, existing_type=sa.String(length=12))


def downgrade() -> None:
    for table in _NEW:
        op.drop_table(table)
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
