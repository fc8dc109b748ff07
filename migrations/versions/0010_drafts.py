"""Drafts of declarations, what a translation follows, and how many signed which version."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DECLARATIONS = sa.table("declarations", sa.column("id", sa.BigInteger()), sa.column("stored_plan", sa.JSON()))
TEXTS = sa.table(
    "declaration_texts",
    sa.column("id", sa.BigInteger()),
    sa.column("declaration_id", sa.BigInteger()),
    sa.column("language", sa.String()),
    sa.column("sha256", sa.String()),
    sa.column("follows", sa.String()),
)


def upgrade() -> None:
    op.create_table(
        "declaration_drafts",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declarations.id"], name=op.f("fk_declaration_drafts_declaration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_drafts")),
        sa.UniqueConstraint("declaration_id", "part", "language", name="uq_declaration_drafts_one"),
    )
    op.add_column("declaration_texts", sa.Column("follows", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_signatures_text",
        "signatures",
        ["text_id"],
        sqlite_where=sa.text("counted = 1"),
        postgresql_where=sa.text("counted"),
    )
    _follow()


def _follow() -> None:
    """Each translation follows the version of the first language that was the newest when it was published."""
    bind = op.get_bind()
    for declaration_id, plan in bind.execute(sa.select(DECLARATIONS.c.id, DECLARATIONS.c.stored_plan)).all():
        texts = sa.select(TEXTS).where(TEXTS.c.declaration_id == declaration_id).order_by(TEXTS.c.id)
        followed = None
        for text in bind.execute(texts).all():
            if text.language == plan["languages"][0]:
                followed = text.sha256
            elif followed:
                bind.execute(sa.update(TEXTS).where(TEXTS.c.id == text.id).values(follows=followed))


def downgrade() -> None:
    op.drop_index("ix_signatures_text", table_name="signatures")
    op.drop_column("declaration_texts", "follows")
    op.drop_table("declaration_drafts")
