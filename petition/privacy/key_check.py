"""Refuse to start with wrong keys: what they lock could not be found or read, and would look lost."""

from sqlalchemy import select

from petition import keys
from petition.extensions import db
from petition.keys import Undecipherable
from petition.privacy.models import KeyCheck

_KNOWN = "petition key check"


class WrongKeys(Exception):
    """The configured keys are not those that this database was made with."""


def check() -> None:
    """Compare the keys with the database's check; at the first start, and for a new key, make it.

    Raises WrongKeys.
    """
    ring = keys.ring()
    kept = {row.name: row.value for row in db.session.scalars(select(KeyCheck))}
    _check_lookup_key(ring, kept)
    for name, value in kept.items():
        if name.startswith("data "):
            _check_data_key(ring, name, value)
    current = f"data {ring.current.hex()}"
    if current not in kept:
        db.session.add(KeyCheck(name=current, value=ring.encrypt(_KNOWN)))


def _check_lookup_key(ring: keys.Keys, kept: dict[str, bytes]) -> None:
    value = ring.lookup("key check", _KNOWN)
    if "lookup" not in kept:
        db.session.add(KeyCheck(name="lookup", value=value))
    elif kept["lookup"] != value:
        raise WrongKeys("PETITION_LOOKUP_KEY is not the key that this database was made with.")


def _check_data_key(ring: keys.Keys, name: str, value: bytes) -> None:
    try:
        readable = ring.decrypt(value) == _KNOWN
    except Undecipherable:
        readable = False
    if not readable:
        raise WrongKeys(f"PETITION_DATA_KEYS lacks the key {name.removeprefix('data ')}, which this database uses.")
