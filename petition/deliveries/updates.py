"""Who agreed to updates: their addresses, with the words, the language and the time of each one's consent, as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from petition import clock, keys
from petition.declarations.models import Declaration
from petition.deliveries.cells import neutralise
from petition.extensions import db
from petition.signatures.caring import UPDATES
from petition.signatures.models import Consent, Signature, Visibility

COLUMNS = ("id", "email", "name", "country", "language", "wording", "wording_language", "given_at")
BOM = "\ufeff"
"""Without it spreadsheet programs take UTF-8 for something else."""
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
    for row in db.session.execute(query, execution_options={"yield_per": CHUNK_ROWS}):
        public_id, address, name, visibility, country, language, wording, wording_language, given_at = row
        if public_id == last:
            continue
        last = public_id
        shown = "" if visibility == Visibility.COUNTED else name
        told = (ring.decrypt(address or b""), shown, country, language, wording, wording_language, clock.iso(given_at))
        # Our own ids are random, and may begin with a hyphen.
        yield _line([neutralise(cell) for cell in (public_id, *told)])


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
