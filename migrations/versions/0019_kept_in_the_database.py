"""The journal of erasures names each subject once."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
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
