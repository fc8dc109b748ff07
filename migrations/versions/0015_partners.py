"""Partners and their keys, and through which of them a signature came."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
PUBLIC_ID = sa.String(length=22)
STATED = ("submissions", "signatures")
CHANNELS = "channel IN ('web', 'embed', 'api', 'paper')"


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("origins", "builders", "languages")),
        sa.Column("carries", sa.JSON(none_as_null=True), nullable=True),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("stored_colours", "wordings")),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("may_share", sa.Boolean(), nullable=False),
        sa.Column("age_key", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.Column("enabled_at", TIME, nullable=True),
        sa.CheckConstraint("length(slug) BETWEEN 2 AND 40", name=op.f("ck_partners_slug")),
        sa.CheckConstraint("NOT may_share OR notice <> ''", name=op.f("ck_partners_shares_with_a_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("public_id", name=op.f("uq_partners_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_partners_slug")),
    )
    op.create_table(
        "partner_keys",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("partner_id", SERIAL, nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_keys_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_partner_keys_digest")),
        sa.UniqueConstraint("prefix", name=op.f("uq_partner_keys_prefix")),
        sa.UniqueConstraint("public_id", name=op.f("uq_partner_keys_public_id")),
    )
    op.create_index(op.f("ix_partner_keys_partner_id"), "partner_keys", ["partner_id"])
    for table in STATED:
        _add_partner(table)


def _add_partner(table: str) -> None:
    """SQLite adds a constraint to a table only with a column; the other way, it would copy every signature."""
    name = f"ck_{table}_channel"
    if op.get_bind().dialect.name == "sqlite":
        column = "partner VARCHAR(40) NOT NULL DEFAULT ''"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} CONSTRAINT {name} CHECK ({CHANNELS})")
        return
    op.add_column(table, sa.Column("partner", sa.String(length=40), nullable=False, server_default=sa.text("''")))
    op.create_check_constraint(op.f(name), table, CHANNELS)


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in STATED:
        # In SQLite the constraint is the column's and goes with it.
        if not on_sqlite:
            op.drop_constraint(op.f(f"ck_{table}_channel"), table)
        op.drop_column(table, "partner")
    op.drop_table("partner_keys")
    op.drop_table("partners")
