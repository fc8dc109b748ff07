"""Hand-overs move into the declaration's plan, which folders are saved from: told in one place, not in two."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
DECLARATIONS = sa.table("declarations", sa.column("id", SERIAL), sa.column("stored_plan", sa.JSON()))
DELIVERIES = sa.table(
    "deliveries", *(sa.column(name) for name in ("id", "declaration_id", "manifest_sha256")), sa.column("as_of", TIME)
)
HANDOVERS = sa.table(
    "handovers",
    *(sa.column(name) for name in ("id", "public_id", "declaration_id", "delivery_id", "place", "handed_by")),
    *(sa.column(name) for name in ("handed_to", "manifest_sha256", "count")),
    sa.column("handed_on", sa.Date()),
    sa.column("words", sa.JSON()),
    sa.column("photos", sa.JSON()),
    sa.column("published_at", TIME),
    sa.column("withdrawn_at", TIME),
)


def upgrade() -> None:
    told: dict[int, list[dict[str, Any]]] = {}
    query = sa.select(HANDOVERS, DELIVERIES.c.as_of).select_from(
        HANDOVERS.outerjoin(DELIVERIES, HANDOVERS.c.delivery_id == DELIVERIES.c.id)
    )
    # What was taken back is told no more; that it was, the audit trail knows.
    published = query.where(HANDOVERS.c.withdrawn_at.is_(None)).order_by(HANDOVERS.c.id.desc())
    for row in op.get_bind().execute(published).mappings():
        told.setdefault(row["declaration_id"], []).append(_told(row))
    for id_, plan in _plans():
        if id_ in told:
            handovers = [*told[id_], *plan.get("handovers", [])]
            _store(id_, {**plan, "handovers": sorted(handovers, key=lambda each: each["on"], reverse=True)})
    op.drop_index("ix_handovers_declaration", table_name="handovers")
    op.drop_table("handovers")


def downgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("declaration_id", SERIAL, nullable=False),
        sa.Column("delivery_id", SERIAL, nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("handed_to", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_handovers_declaration_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_handovers_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_handovers_public_id")),
    )
    op.create_index("ix_handovers_declaration", "handovers", ["declaration_id", "handed_on"])
    for id_, plan in _plans():
        told = plan.get("handovers", [])
        for each in reversed(told):
            if each.get("record"):
                op.get_bind().execute(HANDOVERS.insert().values(**_row(id_, each)))
        # The version before knows no other keys, and needs words.
        kept = [{"on": each["on"], "words": each["words"]} for each in told if each["words"] and not each.get("record")]
        _store(id_, {**plan, "handovers": kept})


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    as_of: datetime | None = row["as_of"]
    return {
        "on": row["handed_on"].isoformat(),
        **{key: row[key] for key in ("words", "place", "handed_by", "handed_to", "photos", "count")},
        "as_of": None if as_of is None else str(_aware(as_of)),
        "manifest_sha256": row["manifest_sha256"] or "",
        "record": row["public_id"],
    }


def _row(declaration_id: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """The delivery is found by its manifest, if it is here still."""
    manifest = told["manifest_sha256"] or None
    ours = DELIVERIES.c.declaration_id == declaration_id, DELIVERIES.c.manifest_sha256 == manifest
    return {
        **{key: told[key] for key in ("words", "place", "handed_by", "handed_to", "photos", "count")},
        "public_id": told["record"],
        "declaration_id": declaration_id,
        "delivery_id": op.get_bind().scalar(sa.select(DELIVERIES.c.id).where(*ours).limit(1)),
        "handed_on": date.fromisoformat(told["on"]),
        "manifest_sha256": manifest,
        "published_at": datetime.now(UTC),
    }


def _aware(moment: datetime) -> datetime:
    """SQLite keeps times in UTC and does not say so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _plans() -> list[tuple[int, dict[str, Any]]]:
    rows = op.get_bind().execute(sa.select(DECLARATIONS.c.id, DECLARATIONS.c.stored_plan)).all()
    return [(row.id, row.stored_plan) for row in rows]


def _store(id_: int, plan: Mapping[str, Any]) -> None:
    op.get_bind().execute(DECLARATIONS.update().where(DECLARATIONS.c.id == id_).values(stored_plan=plan))
