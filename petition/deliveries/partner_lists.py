"""Who agreed that a partner may be given them, with the words, the language and the time of each one's consent."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import pyrage
import xlsxwriter
from sqlalchemy import Select, func, select

from petition import clock, keys
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.packages.zipping import ENCRYPTED, read_age_key
from petition.partners.models import Partner
from petition.signatures import given
from petition.signatures.models import Consent, Signature
from petition.tables.cells import BOM, neutralise

Format = Literal["csv", "xlsx", "jsonl"]
FORMATS: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}
"""With the media type of each."""
COLUMNS = ("id", "email", "name", "country", "language", "source", "wording", "wording_language", "given_at")
CHUNK_ROWS = 500
MOST_IN_WORKBOOK = 100_000
"""A workbook is made in memory."""
Row = tuple[str, ...]


def count(partner: Partner, declaration: Declaration) -> int:
    return db.session.scalar(_agreed(partner, declaration, func.count(Signature.id.distinct()))) or 0


def write(partner: Partner, declaration: Declaration, format: Format) -> Iterable[bytes]:
    """The file in pieces; whole and encrypted where the partner has a key, so that nobody between can read it."""
    pieces = _WRITERS[format](_rows(partner, declaration))
    if partner.age_key is None:
        return pieces
    return [pyrage.encrypt(b"".join(pieces), [read_age_key(partner.age_key)])]


def file_name(partner: Partner, declaration: Declaration, format: Format) -> str:
    name = f"{declaration.slug}-{partner.slug}-{clock.now():%Y-%m-%d}.{format}"
    return name + ENCRYPTED if partner.age_key else name


def _rows(partner: Partner, declaration: Declaration) -> Iterator[Row]:
    """One for each signatory whose signature counts, with the consent given last."""
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
    query = _agreed(partner, declaration, *columns).order_by(*order)
    # Closed whatever happens: whoever stops in between would leave a cursor open in the database.
    with db.session.execute(query, execution_options={"yield_per": CHUNK_ROWS}) as found:
        for row in found:
            public_id, address, name, visibility, *rest, given_at = tuple(row)
            if public_id == last:
                continue
            last = public_id
            shown = given.name(name, visibility) or ""
            yield public_id, ring.decrypt(address), shown, *rest, clock.iso(given_at)


def _agreed(partner: Partner, declaration: Declaration, *columns: Any) -> Select[Any]:
    """Consents to this very partner that stand, of signatures that count and have an address."""
    return (
        select(*columns)
        .select_from(Consent)
        .join(Signature, Consent.signature_id == Signature.id)
        .where(Signature.declaration_id == declaration.id, *given.to(partner.slug))
    )


def _as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    yield (BOM + _line(COLUMNS)).encode()
    for row in rows:
        # Our own ids are random, and may begin with a hyphen.
        yield _line([neutralise(cell) for cell in row]).encode()


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


def _as_jsonl(rows: Iterable[Row]) -> Iterator[bytes]:
    for row in rows:
        yield (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n").encode()


def _as_workbook(rows: Iterable[Row]) -> Iterator[bytes]:
    file = io.BytesIO()
    # Every cell is text, whatever it looks like.
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("people")
    for nth, row in enumerate([COLUMNS, *rows]):
        for column, cell in enumerate(row):
            sheet.write_string(nth, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    yield file.getvalue()


_WRITERS = {"csv": _as_csv, "jsonl": _as_jsonl, "xlsx": _as_workbook}
