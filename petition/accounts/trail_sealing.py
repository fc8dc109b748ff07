"""How an entry of the audit trail is hashed, so that emptying a detail breaks nothing and any other change shows."""

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

from petition import clock
from petition.accounts.trail_models import TrailEntry

SALT_BYTES = 32
START = bytes(32)
"""What the first entry has for ``previous``."""
SEALED = ("number", "at", "account", "act", "scope", "subject", "detail_digest", "network_digest", "previous")
"""The columns under an entry's digest: all that can never be emptied."""


def new_salt() -> bytes:
    """Without it an emptied detail could be guessed: there are few reasons and only 2³² addresses."""
    return os.urandom(SALT_BYTES)


def canonical(value: Mapping[str, Any]) -> str:
    """JSON as RFC 8785 has it; times, sets and bytes as texts."""
    return rfc8785.dumps(_plain(value)).decode()


def hashed(salt: bytes, text: str) -> bytes:
    """SHA-256 of salt and text, one after the other."""
    return hashlib.sha256(salt + text.encode()).digest()


def digest_of(entry: TrailEntry | Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON of the columns in SEALED: bytes in hexadecimal, times in UTC to microseconds."""
    values = entry if isinstance(entry, Mapping) else {name: getattr(entry, name) for name in SEALED}
    return hashlib.sha256(rfc8785.dumps({name: _told(values[name]) for name in SEALED})).digest()


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.hex() if isinstance(value, bytes) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(_plain(each) for each in value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)
