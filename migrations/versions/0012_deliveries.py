"""Deliveries: who asked, what became of it, which signatures it held; their readers; hand-overs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
PUBLIC_ID = sa.String(length=22)


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("stored_order", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", PUBLIC_ID, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        *(
            sa.Column(name, TIME, nullable=True)
            for name in ("started_at", "finished_at", "failed_at", "cancelled_at", "removed_at")
        ),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("claimed_by", PUBLIC_ID, nullable=False),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("as_of", TIME, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "finished_at IS NULL OR (manifest_sha256 IS NOT NULL AND size IS NOT NULL AND as_of IS NOT NULL)",
            name=op.f("ck_deliveries_finished_is_whole"),
        ),
        sa.CheckConstraint("finished_at IS NULL OR failed_at IS NULL", name=op.f("ck_deliveries_finished_or_failed")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_deliveries_declaration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deliveries_public_id")),
    )
    op.create_index(op.f("ix_deliveries_declaration_id"), "deliveries", ["declaration_id"])
    op.create_table(
        "delivery_readers",
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("age_key", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('addressee', 'press', 'archive', 'partner')", name=op.f("ck_delivery_readers_kind")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declarations.id"], name=op.f("fk_delivery_readers_declaration_id")
        ),
        sa.PrimaryKeyConstraint("declaration_id", "kind", name=op.f("pk_delivery_readers")),
    )
    op.create_table(
        "delivery_members",
        sa.Column("delivery_id", SERIAL, nullable=False),
        sa.Column("block", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.Column("named", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_members_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "block", name=op.f("pk_delivery_members")),
    )
    op.create_table(
        "handovers",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("delivery_id", SERIAL, nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("handed_to", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_handovers_declaration_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_handovers_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_handovers_public_id")),
    )
    op.create_index("ix_handovers_declaration", "handovers", ["declaration_id", "handed_on"])


def downgrade() -> None:
    for table in ("handovers", "delivery_members", "delivery_readers", "deliveries"):
        op.drop_table(table)
