"""Keys: what is encrypted at rest, and how it is found again without being read."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any, Self, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from petition.settings import Settings, decode_key

KEY_ID_BYTES = 4
NONCE_BYTES = 12


class Undecipherable(Exception):
    """The value was encrypted under a key that is not in the ring, or it was changed since."""


@dataclass(frozen=True)
class Keys:
    """The ring of data keys, each known by the first bytes of its SHA-256, and the key of the lookups."""

    current: bytes
    ring: dict[bytes, AESGCM]
    lookup_key: bytes

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        keys = settings.data_key_ring
        ring = {key_id(key): AESGCM(key) for key in keys}
        return cls(current=key_id(keys[0]), ring=ring, lookup_key=decode_key(settings.lookup_key))

    def encrypt(self, text: str) -> bytes:
        """AES-256-GCM under the current key; key id and nonce stand before the ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return self.current + nonce + self.ring[self.current].encrypt(nonce, text.encode(), None)

    def decrypt(self, value: bytes) -> str:
        """The text again. Raises Undecipherable."""
        key = self.ring.get(value[:KEY_ID_BYTES])
        if key is None:
            raise Undecipherable(f"no data key {value[:KEY_ID_BYTES].hex()} in the ring")
        nonce = value[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        try:
            return key.decrypt(nonce, value[KEY_ID_BYTES + NONCE_BYTES :], None).decode()
        except (InvalidTag, ValueError) as problem:
            # ValueError: so much was cut off that not even a nonce is left.
            raise Undecipherable("the value was changed since it was encrypted") from problem

    def lookup(self, purpose: str, text: str) -> bytes:
        """A keyed hash (HMAC-SHA-256) by which equal texts are found; one purpose's says nothing of another's."""
        return hmac.digest(self.lookup_key, f"{purpose}\0{text}".encode(), hashlib.sha256)


def key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]


def ring() -> Keys:
    """The current application's keys."""
    return cast(Keys, current_app.extensions["petition.keys"])


def encrypts(app: Flask, *columns: Any) -> None:
    """Tell of columns whose values are encrypted under the ring, so that they can be under another key of it."""
    app.extensions.setdefault("petition.encrypted", []).extend(each.property.columns[0] for each in columns)


def encrypted_columns() -> list[Any]:
    """The columns of tables that rooms told of."""
    found: list[Any] = current_app.extensions.get("petition.encrypted", [])
    return found
