"""What of this room is entered into the audit trail, and in which words it is shown there."""

from typing import Any

from flask_babel import LazyString, lazy_gettext

from petition import clock
from petition.accounts import trail
from petition.declarations.models import Declaration
from petition.declarations.plans import Handover
from petition.deliveries.models import Delivery, DeliveryReader
from petition.deliveries.preview_models import DeliveryPreview

ACTS: dict[str, LazyString] = {
    "delivery.asked": lazy_gettext("Delivery asked for"),
    "delivery.finished": lazy_gettext("Delivery made"),
    "delivery.failed": lazy_gettext("Delivery failed"),
    "delivery.cancelled": lazy_gettext("Delivery cancelled"),
    "delivery.downloaded": lazy_gettext("Delivery downloaded"),
    "delivery.removed": lazy_gettext("Delivery’s file removed"),
    "delivery.previewed": lazy_gettext("Delivery previewed"),
    "delivery.exported": lazy_gettext("Signatures exported into a file"),
    "delivery.reader": lazy_gettext("Reader of deliveries changed"),
    "handover.recorded": lazy_gettext("Hand-over recorded"),
    "handover.withdrawn": lazy_gettext("Hand-over taken back"),
}


def record_asked(delivery: Delivery) -> None:
    _record("delivery.asked", delivery, why=delivery.reason, order=delivery.stored_order)


def record_finished(delivery: Delivery) -> None:
    _record(
        "delivery.finished",
        delivery,
        as_of=delivery.as_of and clock.iso(delivery.as_of),
        count=delivery.count,
        manifest_sha256=delivery.manifest_sha256,
    )


def record_failed(delivery: Delivery) -> None:
    _record("delivery.failed", delivery, failure=delivery.failure)


def record_cancelled(delivery: Delivery) -> None:
    _record("delivery.cancelled", delivery)


def record_downloaded(delivery: Delivery) -> None:
    _record("delivery.downloaded", delivery, manifest_sha256=delivery.manifest_sha256)


def record_removed(delivery: Delivery) -> None:
    _record("delivery.removed", delivery)


def record_previewed(preview: DeliveryPreview) -> None:
    """A preview shows names too, though nobody may keep it."""
    order = {key: preview.stored_order[key] for key in ("reader", "shows", "parts")}
    trail.record("delivery.previewed", scope=preview.declaration_id, subject=preview.public_id, **order)


def record_exported(declaration_id: int, *, why: str = "", **detail: Any) -> None:
    trail.record("delivery.exported", scope=declaration_id, why=why, **detail)


def record_reader(reader: DeliveryReader) -> None:
    trail.record("delivery.reader", scope=reader.declaration_id, reader=reader.kind, age_key=reader.age_key)


def record_handover(declaration: Declaration, handover: Handover, delivery: Delivery | None) -> None:
    trail.record(
        "handover.recorded",
        scope=declaration.id,
        subject=handover.record,
        on=handover.on.isoformat(),
        delivery=delivery.public_id if delivery else None,
    )


def record_handover_withdrawn(declaration: Declaration, handover: Handover) -> None:
    trail.record("handover.withdrawn", scope=declaration.id, subject=handover.record)


def _record(act: str, delivery: Delivery, *, why: str = "", **detail: Any) -> None:
    trail.record(act, scope=delivery.declaration_id, subject=delivery.public_id, why=why, **detail)
