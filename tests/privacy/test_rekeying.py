"""Encrypting under the newest key: everything, in batches; killed in the middle it goes on; then the old key may go."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select

from petition import keys
from petition.defence import clients
from petition.extensions import Base, db
from petition.keys import Keys, Undecipherable
from petition.privacy import key_check, rekeying
from petition.settings import Settings
from petition.signatures.models import Signature
from tests import make, staff
from tests.privacy.test_journal import run

NOT_ENCRYPTED = {
    "passkeys.credential_id": "public",
    "passkeys.public_key": "public",
    "cards.png": "a picture",
    "delivery_preview_pages.png": "a picture",
    "delivery_members.held": "bits",
    "delivery_members.named": "bits",
    "key_checks.value": "the checks themselves, one of each key",
}
"""Columns of bytes that no data key encrypts, each with what they hold."""


@pytest.fixture
def older(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Rows of every kind, encrypted under a key that is now the second of the ring; yields the settings of before."""
    settings: Settings = app.extensions["petition.settings"]
    key_check.check()
    for _nth in range(5):
        make.signature()
    make.submission()
    make.endorsement()
    staff.account("organiser")
    with app.test_request_context("/"):
        clients.network_hash()
    db.session.commit()
    use(app, monkeypatch, f"{make.key()},{settings.data_keys}")
    key_check.check()
    db.session.commit()
    yield settings


def use(app: Flask, monkeypatch: pytest.MonkeyPatch, data_keys: str) -> None:
    settings: Settings = app.extensions["petition.settings"]
    monkeypatch.setitem(app.extensions, "petition.keys", Keys.from_settings(replace(settings, data_keys=data_keys)))


def under(key: bytes) -> set[str]:
    """The columns that hold a value encrypted under this key."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            found |= {
                f"{table.name}.{name}"
                for name, value in row._mapping.items()
                if isinstance(value, bytes) and value.startswith(key)
            }
    return found


def test_everything_is_under_the_newest_key_and_the_old_one_may_go(
    app: Flask, older: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = keys.key_id(older.data_key_ring[0])
    addresses = {keys.ring().decrypt(row.address) for row in db.session.scalars(select(Signature))}
    assert len(under(old)) >= 5

    code, said = run(app, "rekey")

    assert code == 0 and "signatures.address: 5 encrypted anew" in said and "accounts.totp_secret: 1" in said
    assert under(old) == set()
    newest = keys.ring()
    monkeypatch.setitem(
        app.extensions, "petition.keys", replace(newest, ring={newest.current: newest.ring[newest.current]})
    )
    key_check.check()
    assert {keys.ring().decrypt(row.address) for row in db.session.scalars(select(Signature))} == addresses
    assert "signatures.address: 0 encrypted anew" in run(app, "rekey")[1]


def test_one_that_was_killed_goes_on_where_it_was(app: Flask, older: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "BATCH", 2)
    old, ring = keys.key_id(older.data_key_ring[0]), keys.ring()
    fourth = db.session.scalars(select(Signature).order_by(Signature.id)).all()[3]
    whole, fourth.address = fourth.address, old + b"broken, so that it ends in the middle of the second batch"
    db.session.commit()
    with pytest.raises(Undecipherable):
        list(rekeying.rekey())
    db.session.rollback()
    done = [
        row.address.startswith(ring.current) for row in db.session.scalars(select(Signature).order_by(Signature.id))
    ]
    assert done == [True, True, False, False, False], "what was committed stays, and nothing is half done"
    assert under(old), "and the old key's check too: it is still needed"
    assert any(name.startswith("key_checks") for name in under(old))

    db.session.get_one(Signature, fourth.id).address = whole
    db.session.commit()
    told = dict(rekeying.rekey())
    assert told["signatures.address"] == 3
    assert under(old) == set()


def test_a_value_under_no_key_of_the_ring_is_told_in_one_line(app: Flask, older: Settings) -> None:
    row = db.session.scalars(select(Signature).limit(1)).one()
    row.address = b"nowhere, in no ring"
    db.session.commit()
    code, said = run(app, "rekey")
    assert code == 1 and "Error: A value cannot be read: no data key" in said


def test_every_column_of_bytes_is_encrypted_anew_or_is_known_not_to_be(app: Flask) -> None:
    told = {str(column) for column in keys.encrypted_columns()}
    there = {
        str(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        # What has a length is a digest or a keyed hash.
        if isinstance(column.type, LargeBinary) and column.type.length is None
    }
    assert told == there - NOT_ENCRYPTED.keys()
    assert there >= NOT_ENCRYPTED.keys()
