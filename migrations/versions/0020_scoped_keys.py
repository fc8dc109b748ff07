"""Partner keys for chosen declarations only, and what finds the submissions from a partner's frame."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

INDEX = "ix_submissions_partner"
COLUMNS = ["declaration_id", "partner", "created_at", "confirmed_at"]
CARRIED = "partner <> ''"


def upgrade() -> None:
    op.add_column("partner_keys", sa.Column("carries", sa.JSON(none_as_null=True), nullable=True))
    _index(*COLUMNS, "channel")


def downgrade() -> None:
    _index(*COLUMNS)
    op.drop_column("partner_keys", "carries")


def _index(*columns: str) -> None:
    where: dict[str, Any] = {f"{database}_where": sa.text(CARRIED) for database in ("sqlite", "postgresql")}
    op.drop_index(INDEX, "submissions", **where)
    op.create_index(INDEX, "submissions", list(columns), **where)
