"""Compare: find those who are there and are like somebody on a sheet, for many at once."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from petition.declarations.models import Declaration
from petition.extensions import db
from petition.paper.likeness import Known, Likeness, There
from petition.signatures.models import Signature
from petition.signatures.states import WITHDRAWN

MOST_ASKED = 500
"""Rows that one statement asks about."""


def find(declaration: Declaration, likenesses: Sequence[Likeness]) -> There:
    """Those who are there and are like any of these."""
    there = There()
    for start in range(0, len(likenesses), MOST_ASKED):
        for known in _like(declaration, likenesses[start : start + MOST_ASKED]):
            there.add(known)
    return there


def _like(declaration: Declaration, likenesses: Sequence[Likeness]) -> Iterator[Known]:
    mailboxes = {each.mailbox for each in likenesses if each.mailbox}
    countries = {each.country for each in likenesses}
    names = {name for each in likenesses for name in (each.name, each.turned) if name}
    plain = {each.name for each in likenesses if each.name}
    of_country = _standing(declaration).where(Signature.country.in_(countries))
    found: dict[str, Known] = {}
    # Each is answered by an index; one statement with OR would read them all.
    for query in (
        _all(declaration).where(Signature.mailbox.in_(mailboxes)),
        of_country.where(Signature.search_name.in_(names)),
        of_country.where(Signature.search_turned.in_(plain)),
    ):
        for row in db.session.execute(query):
            found[row.public_id] = _known(row)
    yield from found.values()


def _all(declaration: Declaration) -> Any:
    columns = (
        Signature.public_id,
        Signature.mailbox,
        Signature.country,
        Signature.search_name,
        Signature.search_turned,
        WITHDRAWN.label("withdrawn"),
    )
    query = select(*columns).where(Signature.declaration_id == declaration.id)
    return query.order_by(Signature.confirmed_at, Signature.public_id)


def _standing(declaration: Declaration) -> Any:
    return _all(declaration).where(Signature.erased_at.is_(None), ~WITHDRAWN)


def _known(row: Any) -> Known:
    likeness = Likeness(row.mailbox, row.country, row.search_name, row.search_turned)
    return Known(likeness, row.public_id, withdrawn=bool(row.withdrawn))
