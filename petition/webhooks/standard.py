"""A notice on the wire, as Standard Webhooks 1.0.0 has it: its body, its headers, and the secret that signs it."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from petition import clock

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as its receiver keeps it: 256 random bits in Base64, told apart by their prefix."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def body(event: str, occurred_at: datetime, data: Mapping[str, Any]) -> bytes:
    """What is signed and what is sent, byte for byte."""
    payload = {"type": event, "timestamp": clock.iso(occurred_at), "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def headers(notice: str, content: bytes, *, signed_with: Iterable[str], at: datetime) -> dict[str, str]:
    """The three headers; during a rotation each secret signs, so that either verifies it."""
    moment = str(int(at.timestamp()))
    return {
        "webhook-id": notice,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(secret, f"{notice}.{moment}.", content) for secret in signed_with),
    }


def _signature(secret: str, before: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, before.encode() + content, hashlib.sha256)).decode()}"
