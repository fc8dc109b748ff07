"""Corrections: what a signatory's name, affiliation or role said before."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("signature_id", SERIAL, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("field IN ('name', 'affiliation', 'role')", name=op.f("ck_corrections_field")),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"], name=op.f("fk_corrections_signature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index("ix_corrections_signature_id", ["signature_id"], unique=False)


def downgrade() -> None:
    op.drop_table("corrections")
