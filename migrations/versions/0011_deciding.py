"""Decisions about signatures, and the indexes by which staff find every signature whatever its state."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDER = ["declaration_id", "confirmed_at", "public_id"]
INDEXES: dict[str, tuple[list[str], str | None]] = {
    "all": ([*_ORDER, "country", "visibility"], None),
    "all_country": (["declaration_id", "country", "confirmed_at", "public_id", "visibility"], None),
    "all_search_name": (["declaration_id", "search_name", "public_id", "country", "visibility"], None),
    "all_search_turned": (["declaration_id", "search_turned", "public_id", "country", "visibility"], None),
    "held": (_ORDER, "held_at IS NOT NULL"),
    "invalidated": (_ORDER, "invalidated_at IS NOT NULL"),
    "withdrawn": (_ORDER, "withdrawn_at IS NOT NULL"),
    "erased": (_ORDER, "erased_at IS NOT NULL"),
    "paper": (_ORDER, "channel <> 'web'"),
    "source": (["declaration_id", "source", "confirmed_at", "public_id"], "source <> ''"),
    "no_mailbox": (["declaration_id", "id"], "mailbox IS NULL AND erased_at IS NULL"),
}
PENDING = ["declaration_id", "created_at", "public_id", "country"]


def upgrade() -> None:
    op.create_table(
        "signature_decisions",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("signature_id", SERIAL, nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=22), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('held', 'approved', 'invalidated', 'reinstated')",
            name=op.f("ck_signature_decisions_verdict"),
        ),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"], name=op.f("fk_signature_decisions_signature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_decisions")),
    )
    op.create_index("ix_signature_decisions_signature_id", "signature_decisions", ["signature_id"])
    for name, (columns, rule) in INDEXES.items():
        op.create_index(f"ix_signatures_{name}", "signatures", columns, **_where(rule))
    op.create_index("ix_submissions_pending", "submissions", PENDING, **_where("confirmed_at IS NULL"))


def downgrade() -> None:
    op.drop_index("ix_submissions_pending", "submissions", **_where("confirmed_at IS NULL"))
    for name, (_columns, rule) in INDEXES.items():
        op.drop_index(f"ix_signatures_{name}", "signatures", **_where(rule))
    op.drop_table("signature_decisions")


def _where(rule: str | None) -> dict[str, Any]:
    return {} if rule is None else {f"{database}_where": sa.text(rule) for database in ("sqlite", "postgresql")}
