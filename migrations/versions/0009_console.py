"""The staff's home: figures that the worker keeps, its pulse, and indexes by which it counts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
WAITING = "sent_at IS NULL AND dropped_at IS NULL"
REFUSED = "dropped_at IS NOT NULL AND attempts > 0"
UNCOUNTED = {"sqlite": "counted = 0", "postgresql": "NOT counted"}
WHY = ("confirmed_at", "withdrawn_at", "invalidated_at", "reinstated_at", "held_at", "approved_at")


def upgrade() -> None:
    op.create_table(
        "console_figures",
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("claimed_until", TIME, nullable=False),
        sa.Column("as_of", TIME, nullable=True),
        sa.Column("stored", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declarations.id"], name=op.f("fk_console_figures_declaration_id")
        ),
        sa.PrimaryKeyConstraint("declaration_id", name=op.f("pk_console_figures")),
    )
    op.create_table(
        "worker_pulses",
        sa.Column("worker", sa.String(length=22), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_pulses")),
    )
    op.create_index("ix_submissions_created", "submissions", ["declaration_id", "created_at", "confirmed_at"])
    op.create_index("ix_signatures_uncounted", "signatures", ["declaration_id", *WHY], **_where(UNCOUNTED))
    op.drop_index("ix_mails_waiting", "mails", **_where(WAITING))
    op.create_index("ix_mails_waiting", "mails", ["due_at", "scope", "attempts"], **_where(WAITING))
    op.create_index("ix_mails_refused", "mails", ["scope", "dropped_at"], **_where(REFUSED))


def downgrade() -> None:
    op.drop_index("ix_mails_refused", "mails", **_where(REFUSED))
    op.drop_index("ix_mails_waiting", "mails", **_where(WAITING))
    op.create_index("ix_mails_waiting", "mails", ["due_at"], **_where(WAITING))
    op.drop_index("ix_signatures_uncounted", "signatures", **_where(UNCOUNTED))
    op.drop_index("ix_submissions_created", "submissions")
    op.drop_table("worker_pulses")
    op.drop_table("console_figures")


def _where(rule: str | dict[str, str]) -> dict[str, Any]:
    rules = rule if isinstance(rule, dict) else {"sqlite": rule, "postgresql": rule}
    return {f"{database}_where": sa.text(each) for database, each in rules.items()}
