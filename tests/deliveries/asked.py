"""Orders and signatures for the tests of deliveries, with a default for whatever a test is not about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from petition import keys
from petition.deliveries import readers, snapshot
from petition.extensions import db
from petition.signatures.models import Signature
from petition.staging.orders import Order, Part, Reader, Sorting
from petition.staging.staging import Staging
from tests import make

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def order(**given: Any) -> Order:
    reader = given.get("reader", Reader.ADDRESSEE)
    values: dict[str, Any] = {
        "slug": make.SLUG,
        "reader": reader,
        "languages": ("en",),
        "sorting": Sorting.COUNTRY,
        "shows": readers.shows_by_default(reader),
        "parts": frozenset({Part.CSV}),
        **given,
    }
    return Order(**values)


def put(app: Flask, rows: Sequence[dict[str, Any]]) -> None:
    """Confirmed signatures put directly into the database, past every rule of the forms; the same ids every time."""
    with app.app_context():
        text = make.text()
        ring = keys.ring()
        for number, row in enumerate(rows):
            email = row.get("email")
            values = {
                "public_id": f"id{number:020}",
                "declaration_id": text.declaration_id,
                "text_id": text.id,
                "mailbox": number.to_bytes(32, "big"),
                "address": ring.encrypt(str(email)) if email else None,
                "name": "Ada",
                "country": "GB",
                "visibility": "public",
                "language": "en",
                "channel": "web",
                "source": "",
                "created_at": NOON,
                "confirmed_at": NOON + timedelta(seconds=number),
                **{name: value for name, value in row.items() if name != "email"},
            }
            db.session.execute(insert(Signature).values(values))
        db.session.commit()


def fill(app: Flask, path: Path, **given: Any) -> Staging:
    """The staging file of a snapshot taken now."""
    with app.app_context():
        db.session.rollback()
        snapshot.fill(order(**given), path)
    return Staging(path)
