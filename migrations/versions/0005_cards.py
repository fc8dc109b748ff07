"""Cards: the pictures that are shown with links."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("claimed_until", TIME, nullable=False),
        sa.Column("made_at", TIME, nullable=True),
        sa.Column("content", sa.String(length=64), nullable=True),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_cards_declaration_id")),
        sa.PrimaryKeyConstraint("declaration_id", "language", name=op.f("pk_cards")),
    )


def downgrade() -> None:
    op.drop_table("cards")
