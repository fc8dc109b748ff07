"""Tables of an import lie in the database; the journal of erasures names each subject once."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "handed_tables",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("owner", sa.String(length=22), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_handed_tables_declaration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_tables")),
        sa.UniqueConstraint("public_id", name=op.f("uq_handed_tables_public_id")),
    )
    op.create_index(op.f("ix_handed_tables_expires_at"), "handed_tables", ["expires_at"])
    # The oldest entry stays: it tells when somebody was erased first.
    op.execute(
        "DELETE FROM erasures WHERE id NOT IN (SELECT oldest FROM"
        " (SELECT min(id) AS oldest FROM erasures GROUP BY subject) AS kept)"
    )
    with op.batch_alter_table("erasures") as erasures:
        erasures.create_unique_constraint(op.f("uq_erasures_subject"), ["subject"])


def downgrade() -> None:
    with op.batch_alter_table("erasures") as erasures:
        erasures.drop_constraint(op.f("uq_erasures_subject"), type_="unique")
    op.drop_table("handed_tables")
