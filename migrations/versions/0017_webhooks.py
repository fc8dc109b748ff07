"""Webhooks: endpoints, the notices for them, and which closing of a declaration was told."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
PUBLIC_ID = sa.String(length=22)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.Column("disabled_because", sa.String(length=20), nullable=True),
        sa.Column("enabled_at", TIME, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("rests_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_endpoints_public_id")),
    )
    op.create_table(
        "webhook_notices",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("endpoint_id", SERIAL, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(sa.Column(name, TIME, nullable=True) for name in ("claimed_until", "first_tried_at", "tried_at")),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        *(sa.Column(name, TIME, nullable=True) for name in ("sent_at", "dropped_at")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoints.id"], name=op.f("fk_webhook_notices_endpoint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_notices")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_notices_public_id")),
    )
    op.create_index("ix_webhook_notices_endpoint", "webhook_notices", ["endpoint_id", "occurred_at"])
    op.create_index("ix_webhook_notices_reference", "webhook_notices", ["reference"])
    waiting = sa.text("sent_at IS NULL AND dropped_at IS NULL")
    op.create_index(
        "ix_webhook_notices_waiting",
        "webhook_notices",
        ["endpoint_id", "due_at", "attempts"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.add_column("declarations", sa.Column("closing_told", TIME, nullable=True))


def downgrade() -> None:
    op.drop_column("declarations", "closing_told")
    op.drop_table("webhook_notices")
    op.drop_table("webhook_endpoints")
