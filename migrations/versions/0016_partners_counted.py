"""The count by partner, sources by name up to 500, what finds a partner's signatures, and people who sign in for it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
MOST = 500
ROLES = ("organiser", "editor", "moderator", "exporter", "operator")
CARRIED = "partner <> ''"
KEY = "scope, kind, hour, country, source"
NAMED = """
    INSERT INTO tally_sources (scope, source)
    SELECT scope, source FROM (
        SELECT scope, source, ROW_NUMBER() OVER (PARTITION BY scope ORDER BY SUM(count) DESC, source) AS place
        FROM tally_buckets WHERE source NOT IN ('', 'other') GROUP BY scope, source
    ) AS ranked
    WHERE place <= :most
"""
"""The largest ones have a name."""
FOLDED = """
    CREATE TABLE kept_buckets AS
    SELECT scope, kind, hour, country, source, CAST(SUM(count) AS integer) AS count FROM (
        SELECT b.scope, b.kind, b.hour, b.country, b.count,
            CASE WHEN b.source = '' OR n.source IS NOT NULL THEN b.source ELSE 'other' END AS source
        FROM tally_buckets AS b LEFT JOIN tally_sources AS n ON n.scope = b.scope AND n.source = b.source
    ) AS folded
    GROUP BY scope, kind, hour, country, source
"""


def upgrade() -> None:
    op.create_table(
        "tally_sources",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("scope", "source", name=op.f("pk_tally_sources")),
    )
    op.execute(sa.text(NAMED).bindparams(most=MOST))
    op.execute(FOLDED)
    _make_buckets(sa.Column("partner", sa.String(length=40), nullable=False))
    op.execute(f"INSERT INTO tally_buckets ({KEY}, partner, count) SELECT {KEY}, '', count FROM kept_buckets")
    op.drop_table("kept_buckets")
    partner = sa.Column("partner", sa.String(length=40), nullable=False, server_default=sa.text("''"))
    op.add_column("tally_changes", partner)
    for table, columns in _INDEXES.items():
        op.create_index(f"ix_{table}_partner", table, columns, **_where(CARRIED))
    op.create_index("ix_consents_partner", "consents", ["partner", "signature_id"], **_where("partner IS NOT NULL"))

    _let_in(*ROLES, "partner")
    op.create_table(
        "partner_figures",
        sa.Column("partner_id", SERIAL, nullable=False),
        sa.Column("claimed_until", TIME, nullable=False),
        sa.Column("as_of", TIME, nullable=True),
        sa.Column("stored", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_partner_figures_partner_id")),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_partner_figures")),
    )


def downgrade() -> None:
    op.drop_table("partner_figures")
    op.execute("DELETE FROM grants WHERE role = 'partner'")
    _let_in(*ROLES)
    op.drop_index("ix_consents_partner", "consents", **_where("partner IS NOT NULL"))
    for table in _INDEXES:
        op.drop_index(f"ix_{table}_partner", table, **_where(CARRIED))
    op.drop_column("tally_changes", "partner")
    sums = f"SELECT {KEY}, CAST(SUM(count) AS integer) AS count FROM tally_buckets GROUP BY {KEY}"
    op.execute(f"CREATE TABLE kept_buckets AS {sums}")
    _make_buckets()
    op.execute(f"INSERT INTO tally_buckets ({KEY}, count) SELECT {KEY}, count FROM kept_buckets")
    op.drop_table("kept_buckets")
    op.drop_table("tally_sources")


def _let_in(*roles: str) -> None:
    """SQLite changes no constraint; its table is made anew."""
    rule = f"role IN ({', '.join(repr(role) for role in roles)})"
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_grants_role"), "grants")
        op.create_check_constraint(op.f("ck_grants_role"), "grants", rule)
        return
    op.drop_index("uq_grants_every_scope", "grants")
    op.rename_table("grants", "kept_grants")
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", TIME, nullable=False),
        sa.CheckConstraint(rule, name=op.f("ck_grants_role")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_grants_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("account_id", "role", "scope", name="uq_grants_one_per_scope"),
    )
    op.execute("INSERT INTO grants SELECT id, account_id, role, scope, granted_at FROM kept_grants")
    op.drop_table("kept_grants")
    every = {f"{database}_where": sa.text("scope IS NULL") for database in ("sqlite", "postgresql")}
    op.create_index("uq_grants_every_scope", "grants", ["account_id", "role"], unique=True, **every)


def _make_buckets(*more: sa.Column[Any]) -> None:
    """Anew, because the partner is a part of the key."""
    op.drop_table("tally_buckets")
    op.create_table(
        "tally_buckets",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        *more,
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY.split(", "), *(each.name for each in more), name=op.f("pk_tally_buckets")),
    )


_INDEXES = {
    "signatures": ["declaration_id", "partner", "language", "counted"],
    "submissions": ["declaration_id", "partner", "created_at", "confirmed_at"],
}


def _where(rule: str) -> dict[str, Any]:
    return {f"{database}_where": sa.text(rule) for database in ("sqlite", "postgresql")}
