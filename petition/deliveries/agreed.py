"""Who agreed to something: a row for each, with the words, the language and the time of the consent given last."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from petition import clock, keys
from petition.declarations.models import Declaration
from petition.deliveries import exporting
from petition.extensions import db
from petition.signatures import given
from petition.signatures.models import Consent, Signature

CHUNK_ROWS = 500


class Agreed(NamedTuple):
    """As it stands in the files, under these names."""

    id: str
    email: str
    name: str
    country: str
    language: str
    source: str
    wording: str
    wording_language: str
    given_at: str


def count(declaration: Declaration, *to: ColumnElement[bool]) -> int:
    """How many rows there would be now."""
    exporting.lift_timeout()
    mine = _mine(declaration, *to)
    query = select(func.count(Signature.id.distinct())).select_from(Consent).join(Signature, _THEIRS)
    return db.session.scalar(query.where(*mine)) or 0


def rows(declaration: Declaration, *to: ColumnElement[bool]) -> Iterator[Agreed]:
    """Consents that stand, of signatures that count and have an address; ``to`` says of which consents.

    One statement reads them, however long that takes: it sees what was there when it began. Whoever gives the number
    alone is not named.
    """
    ring, last = keys.ring(), ""
    columns = (
        Signature.public_id,
        Signature.address,
        Signature.name,
        Signature.visibility,
        Signature.country,
        Signature.language,
        Signature.source,
        Consent.wording,
        Consent.language,
        Consent.given_at,
    )
    order = (Signature.confirmed_at, Signature.public_id, Consent.given_at.desc(), Consent.id.desc())
    query = select(*columns).select_from(Consent).join(Signature, _THEIRS).where(*_mine(declaration, *to))
    exporting.lift_timeout()
    # Closed whatever happens: whoever stops in between would leave a cursor open in the database.
    with db.session.execute(query.order_by(*order), execution_options={"yield_per": CHUNK_ROWS}) as found:
        for row in found:
            public_id, address, name, visibility, *rest, given_at = tuple(row)
            if public_id == last:
                continue
            last = public_id
            shown = given.name(name, visibility) or ""
            yield Agreed._make((public_id, ring.decrypt(address), shown, *rest, clock.iso(given_at)))


_THEIRS = Consent.signature_id == Signature.id


def _mine(declaration: Declaration, *to: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    counted = Signature.declaration_id == declaration.id, Signature.counted.is_(True), Signature.address.is_not(None)
    return (*to, Consent.withdrawn_at.is_(None), *counted)
