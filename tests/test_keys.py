"""Keys: the ring that encrypts, its rotation, and what cannot be read."""

from pathlib import Path

import pytest
from flask import Flask

from petition import keys
from petition.keys import KEY_ID_BYTES, NONCE_BYTES, Keys, Undecipherable
from tests import make


@pytest.fixture
def ring(tmp_path: Path) -> Keys:
    return Keys.from_settings(make.settings(tmp_path))


def _ring(folder: Path, *data_keys: str) -> Keys:
    return Keys.from_settings(make.settings(folder, data_keys=",".join(data_keys), lookup_key=make.key()))


@pytest.mark.parametrize("text", ["ada@example.org", "", "bücher@例え.example.org", "x" * 1000])
def test_what_was_encrypted_is_read_again(ring: Keys, text: str) -> None:
    value = ring.encrypt(text)
    assert ring.decrypt(value) == text
    assert not text or text.encode() not in value


def test_encrypting_twice_gives_two_values(ring: Keys) -> None:
    assert ring.encrypt("ada@example.org") != ring.encrypt("ada@example.org")


def test_the_first_key_encrypts_and_every_key_of_the_ring_decrypts(tmp_path: Path) -> None:
    old, new = make.key(), make.key()
    before = _ring(tmp_path, old)
    kept = before.encrypt("ada@example.org")

    after = _ring(tmp_path, new, old)

    assert after.decrypt(kept) == "ada@example.org"
    fresh = after.encrypt("eve@example.org")
    assert fresh[:KEY_ID_BYTES] == after.current != before.current
    assert _ring(tmp_path, new).decrypt(fresh) == "eve@example.org", "the old key is needed no longer"


def test_a_key_that_left_the_ring_takes_its_values_along(tmp_path: Path) -> None:
    kept = _ring(tmp_path, make.key()).encrypt("ada@example.org")
    with pytest.raises(Undecipherable, match=kept[:KEY_ID_BYTES].hex()):
        _ring(tmp_path, make.key()).decrypt(kept)


@pytest.mark.parametrize("place", [KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES, -1])
def test_a_value_that_was_changed_is_undecipherable(ring: Keys, place: int) -> None:
    changed = bytearray(ring.encrypt("ada@example.org"))
    changed[place] ^= 1
    with pytest.raises(Undecipherable):
        ring.decrypt(bytes(changed))


@pytest.mark.parametrize(
    "length", [0, 1, KEY_ID_BYTES, KEY_ID_BYTES + 1, KEY_ID_BYTES + NONCE_BYTES, KEY_ID_BYTES + NONCE_BYTES + 5]
)
def test_a_value_that_was_cut_off_is_undecipherable(ring: Keys, length: int) -> None:
    with pytest.raises(Undecipherable):
        ring.decrypt(ring.encrypt("ada@example.org")[:length])


def test_equal_texts_are_found_and_purposes_kept_apart(ring: Keys) -> None:
    assert ring.lookup("mailbox", "ada") == ring.lookup("mailbox", "ada")
    assert ring.lookup("mailbox", "ada") != ring.lookup("domain", "ada")
    assert ring.lookup("mailbox", "ada") != ring.lookup("mailbox", "eve")
    assert len(ring.lookup("mailbox", "")) == 32


def test_another_lookup_key_finds_nothing(tmp_path: Path, ring: Keys) -> None:
    assert _ring(tmp_path, make.key()).lookup("mailbox", "ada") != ring.lookup("mailbox", "ada")


def test_the_application_has_its_ring(app: Flask) -> None:
    assert keys.ring().decrypt(keys.ring().encrypt("ada")) == "ada"


def test_no_key_shows_in_what_is_printed_of_the_settings(tmp_path: Path) -> None:
    settings = make.settings(tmp_path)
    for secret in (settings.secret_key, settings.data_keys, settings.lookup_key, settings.signing_key):
        assert secret not in repr(settings)
