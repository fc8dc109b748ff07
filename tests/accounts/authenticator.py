"""An authenticator in software: makes passkeys and answers challenges, honestly or not, as a browser hands it on."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

ORIGIN = "http://localhost:8000"
HOST = "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey. What a test is about is given by name; everything else is as it should be."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    count: int = 0

    def register(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        host: str = HOST,
        challenge: str | None = None,
        type: str = "webauthn.create",
        flags: int = PRESENT | VERIFIED,
    ) -> dict[str, Any]:
        """What ``navigator.credentials.create`` gives for these options."""
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + self._public_key()
        data = self._data(host, flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client_data(type, challenge or options["challenge"], origin)
        return self._credential(
            {"clientDataJSON": _text(client), "attestationObject": _text(attestation), "transports": ["internal"]}
        )

    def answer(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        host: str = HOST,
        challenge: str | None = None,
        type: str = "webauthn.get",
        flags: int = PRESENT | VERIFIED,
        count: int | None = None,
    ) -> dict[str, Any]:
        """What ``navigator.credentials.get`` gives for these options."""
        self.count = self.count + 1 if count is None else count
        data = self._data(host, flags)
        client = _client_data(type, challenge or options["challenge"], origin)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {"clientDataJSON": _text(client), "authenticatorData": _text(data), "signature": _text(signed)}
        )

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = _text(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _public_key(self) -> bytes:
        """The key as COSE writes it (RFC 9053, section 7.1): ES256 on P-256."""
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def _client_data(type: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": type, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _text(value: bytes) -> str:
    return bytes_to_base64url(value)
