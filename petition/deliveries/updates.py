"""Who agreed to updates: their addresses, with the words, the language and the time of each one's consent, as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from petition import clock, keys
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.keys import Keys
from petition.signatures.caring import UPDATES
from petition.signatures.models import Consent, Signature, Visibility
from petition.tables.cells import BOM, neutralise

COLUMNS = ("id", "email", "name", "country", "language", "wording", "wording_language", "given_at")
CHUNK_ROWS = 500


def lines(declaration: Declaration) -> Iterator[str]:
    """The file, line by line, the header first: consents that stand, of signatures that count and have an address.

    One line for each signatory, with the consent given last. Whoever gives the number alone is not named.
    """
    yield BOM + _line(COLUMNS)
    ring, last = keys.ring(), ""
    query = (
        select(Signature, Consent)
        .join(Consent, Consent.signature_id == Signature.id)
        .where(Signature.declaration_id == declaration.id, Signature.counted, Signature.address.is_not(None))
        .where(Consent.purpose == UPDATES, Consent.withdrawn_at.is_(None))
        .order_by(Signature.confirmed_at, Signature.public_id, Consent.given_at.desc(), Consent.id.desc())
        .with_only_columns(
            Signature.public_id,
            Signature.address,
            Signature.name,
            Signature.visibility,
            Signature.country,
            Signature.language,
            Consent.wording,
            Consent.language,
            Consent.given_at,
        )
    )
    # Closed whatever happens: whoever stops in between would leave a cursor open in the database.
    with db.session.execute(query, execution_options={"yield_per": CHUNK_ROWS}) as found:
        for public_id, *row in found:
            if public_id != last:
                yield _line(list(map(neutralise, _cells(ring, public_id, *row))))
            last = public_id


def _cells(
    ring: Keys,
    public_id: str,
    address: bytes,
    name: str,
    visibility: str,
    country: str,
    language: str,
    wording: str,
    wording_language: str,
    given_at: datetime,
) -> Sequence[str]:
    # Our own ids are guarded too: they are random, and may begin with a hyphen.
    shown = "" if visibility == Visibility.COUNTED else name
    told = clock.iso(given_at)
    return (public_id, ring.decrypt(address), shown, country, language, wording, wording_language, told)


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
