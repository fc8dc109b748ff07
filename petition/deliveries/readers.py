"""What each reader may be shown, and what is shown to them unless the organiser says otherwise."""

import pyrage
from sqlalchemy import select

from petition.declarations.models import Declaration
from petition.deliveries.models import DeliveryReader
from petition.extensions import db
from petition.signatures.models import Visibility
from petition.staging.orders import Reader, Showing

NAMES_AT_MOST = {
    Reader.ADDRESSEE: frozenset({Visibility.PUBLIC, Visibility.ADDRESSEE}),
    # Who chose the addressee alone did not choose the press, nor a partner.
    Reader.PRESS: frozenset({Visibility.PUBLIC}),
    Reader.ARCHIVE: frozenset({Visibility.PUBLIC, Visibility.ADDRESSEE}),
    Reader.PARTNER: frozenset({Visibility.PUBLIC}),
}
NAMES_BY_DEFAULT = {**NAMES_AT_MOST, Reader.PARTNER: frozenset[Visibility]()}
MAY_HAVE_ADDRESSES = frozenset({Reader.ARCHIVE})
"""Only the organisers' own archive; nobody signs for their address to be handed on."""


def shows_by_default(reader: Reader) -> dict[str, Showing]:
    named = NAMES_BY_DEFAULT[reader]
    return {each.value: Showing.NAME if each in named else Showing.NUMBER for each in Visibility}


def find(declaration: Declaration, reader: Reader) -> DeliveryReader | None:
    return db.session.get(DeliveryReader, (declaration.id, reader.value))


def of(declaration: Declaration) -> dict[Reader, DeliveryReader]:
    query = select(DeliveryReader).where(DeliveryReader.declaration_id == declaration.id)
    return {Reader(each.kind): each for each in db.session.scalars(query)}


def keep(declaration: Declaration, reader: Reader, *, name: str, age_key: str | None) -> DeliveryReader:
    """Remember by which name a reader is called, and their key; the key must be one."""
    row = find(declaration, reader) or DeliveryReader(declaration_id=declaration.id, kind=reader.value)
    row.name, row.age_key = name, age_key
    db.session.add(row)
    return row


def is_age_key(key: str) -> bool:
    """Whether this is an age recipient (X25519), ``age1…``."""
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return False
    return True
