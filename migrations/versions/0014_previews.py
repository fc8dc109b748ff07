"""Previews of deliveries: what was asked for, and pictures of the book's first pages."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "delivery_previews",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("stored_order", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME, nullable=True),
        sa.Column("made_at", TIME, nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declarations.id"], name=op.f("fk_delivery_previews_declaration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_previews")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_previews_public_id")),
    )
    op.create_index(op.f("ix_delivery_previews_declaration_id"), "delivery_previews", ["declaration_id"])
    op.create_table(
        "delivery_preview_pages",
        sa.Column("preview_id", SERIAL, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preview_id"],
            ["delivery_previews.id"],
            name=op.f("fk_delivery_preview_pages_preview_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("preview_id", "place", name=op.f("pk_delivery_preview_pages")),
    )


def downgrade() -> None:
    for table in ("delivery_preview_pages", "delivery_previews"):
        op.drop_table(table)
