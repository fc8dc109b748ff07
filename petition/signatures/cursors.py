"""Cursors: places in a list, written so that an address can name them."""

import base64
import binascii
from datetime import UTC, datetime, timedelta

from petition.signatures.refusals import NoSuchPlace

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 400


def at_moment(moment: datetime, public_id: str) -> str:
    """The cursor of a place in a list that goes by time."""
    return _encode(f"{(moment - _EPOCH) // timedelta(microseconds=1)}.{public_id}")


def moment_of(cursor: str) -> tuple[datetime, str]:
    """The time and the id that come before the place. Raises NoSuchPlace."""
    micros, _, public_id = _decode(cursor).partition(".")
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), public_id
    except (ValueError, OverflowError) as problem:
        raise NoSuchPlace from problem


def at_key(key: str, public_id: str) -> str:
    """The cursor of a place in a list that goes by names' keys."""
    return _encode(f"{public_id} {key}")


def key_of(cursor: str) -> tuple[str, str]:
    """The key and the id that come before the place. Raises NoSuchPlace."""
    public_id, _, key = _decode(cursor).partition(" ")
    if not key:
        raise NoSuchPlace
    return key, public_id


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise NoSuchPlace
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError) as problem:
        raise NoSuchPlace from problem
    if "\0" in text:
        raise NoSuchPlace
    return text
