"""The key check: keys that do not fit the database refuse to start it."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from petition import keys
from petition.extensions import db
from petition.keys import Keys, Undecipherable
from petition.privacy import key_check
from petition.privacy.key_check import WrongKeys
from petition.privacy.models import KeyCheck
from petition.settings import Settings
from tests import make


class Start:
    """Starts the application with other keys, on the same database."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.monkeypatch = monkeypatch
        self.settings: Settings = app.extensions["petition.settings"]

    def __call__(self, **changed: str) -> None:
        ring = Keys.from_settings(replace(self.settings, **changed))
        self.monkeypatch.setitem(self.app.extensions, "petition.keys", ring)
        key_check.check()
        db.session.commit()


@pytest.fixture
def start(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Start:
    starting = Start(app, monkeypatch)
    starting()
    return starting


def _kept() -> dict[str, bytes]:
    return {row.name: row.value for row in db.session.scalars(select(KeyCheck))}


def test_starting_again_with_the_same_keys_changes_nothing(start: Start) -> None:
    before = _kept()

    start()

    assert _kept() == before
    assert len(before) == 2, "one for the lookups, one for the data key"


def test_another_lookup_key_is_refused_and_named(start: Start) -> None:
    before = _kept()

    with pytest.raises(WrongKeys, match="PETITION_LOOKUP_KEY"):
        start(lookup_key=make.key())

    assert _kept() == before


def test_a_ring_without_the_key_in_use_is_refused_and_the_key_is_named(start: Start) -> None:
    missing = keys.ring().current.hex()

    with pytest.raises(WrongKeys, match=f"PETITION_DATA_KEYS lacks the key {missing}"):
        start(data_keys=make.key())


def test_keys_are_rotated_by_putting_a_new_one_first(start: Start) -> None:
    address = "ada@example.org"
    old = make.submission(address)
    new_key = make.key()

    start(data_keys=f"{new_key},{start.settings.data_keys}")

    new = make.submission(address, name="Ada King")
    assert [keys.ring().decrypt(each.address) for each in (old, new)] == [address, address]
    assert old.address[:4] != new.address[:4] == keys.ring().current
    assert old.mailbox == new.mailbox, "found by the same lookup"
    assert len(_kept()) == 3
    start(data_keys=f"{new_key},{start.settings.data_keys}")
    assert len(_kept()) == 3
    with pytest.raises(WrongKeys, match="PETITION_DATA_KEYS lacks"):
        start(data_keys=new_key)
    with pytest.raises(WrongKeys, match="PETITION_DATA_KEYS lacks"):
        start(data_keys=start.settings.data_keys)
    for each in (old, new):
        make.confirm_link(each)


def test_the_order_of_the_ring_only_says_which_key_encrypts(start: Start) -> None:
    new_key = make.key()
    start(data_keys=f"{new_key},{start.settings.data_keys}")

    start(data_keys=f"{start.settings.data_keys},{new_key}")

    assert len(_kept()) == 3


def test_a_key_check_that_was_tampered_with_is_refused(start: Start) -> None:
    row = db.session.scalars(select(KeyCheck).where(KeyCheck.name.startswith("data "))).one()
    row.value = row.value[:-1] + bytes([row.value[-1] ^ 1])
    db.session.commit()

    with pytest.raises(WrongKeys):
        start()


def test_the_check_gives_no_key_away(start: Start) -> None:
    stored = b"".join(_kept().values())

    for secret in (start.settings.lookup_key, start.settings.data_keys):
        assert secret.encode() not in stored
    ring = Keys.from_settings(start.settings)
    assert ring.lookup_key not in stored


def test_a_value_that_was_changed_or_is_cut_short_is_undecipherable(app: Flask) -> None:
    value = keys.ring().encrypt("ada@example.org")

    for broken in (value[:-1], value[:10], b"", b"\0" * 40, value[:20] + bytes([value[20] ^ 1]) + value[21:]):
        with pytest.raises(Undecipherable):
            keys.ring().decrypt(broken)
