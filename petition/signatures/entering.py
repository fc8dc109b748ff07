"""Enter: a signature that was given on paper becomes one here, counted on the day that stands on the sheet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from petition import addresses, clock, keys
from petition.addresses import Address
from petition.columns import new_public_id
from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db
from petition.outbox import posting
from petition.signatures import searching, signing
from petition.signatures.consenting import REQUIRED
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Channel, Consent, Signature
from petition.signatures.refusals import (
    AlreadySigned,
    Closed,
    InTheFuture,
    NotOpenThen,
    PerhapsSigned,
    WithdrewBefore,
)
from petition.signatures.statements import Statement
from petition.storing import ITS_ID, Row, insert_unless_there
from petition.tally import noting
from petition.tally.noting import Place

SOURCE = "paper"
"""The source where no other is named."""


@dataclass(frozen=True)
class Entry:
    """One line of a signing sheet: what it states, the day on it, and the address if there is one."""

    statement: Statement
    signed_on: date
    language: str
    """Of the sheet: which text was signed, and in which words the consents were given."""
    source: str = SOURCE
    address: Address | None = None
    consents: Collection[str] = ()
    """The purposes agreed to on the sheet besides ``agree``."""


def enter(declaration: Declaration, entry: Entry, *, knowingly: bool = False) -> str:
    """Make the signature; returns its public id.

    The sheet is the proof, so nothing is confirmed by mail; but who gave an address is mailed the personal link,
    because they must be able to look after what somebody typed for them. Without an address only the name and
    the country can tell that it is there already: that must be overridden ``knowingly``. The declaration must be
    locked. Raises Closed, InTheFuture, NotOpenThen, AlreadySigned, WithdrewBefore and PerhapsSigned.
    """
    _check_day(declaration, entry.signed_on)
    if entry.address is not None:
        _refuse_known(declaration, entry.address)
    elif not knowingly:
        _refuse_alike(declaration, entry.statement)
    values = _values(declaration, entry)
    assert _insert(declaration, values, entry), "the declaration is locked, so nobody came between"
    return str(values["public_id"])


def lock(declaration: Declaration) -> None:
    """Let nobody else enter for this declaration until the transaction ends; signing goes on."""
    query = select(Declaration.id).where(Declaration.id == declaration.id)
    db.session.execute(query.with_for_update(key_share=True)).all()


def alike(declaration: Declaration, statement: Statement) -> list[Signature]:
    """Signatures of this name and country that stand, whichever way round the name is written."""
    found = {key for key in (searching.key(statement.name), searching.turned_key(statement.name)) if key}
    query = select(Signature).where(
        Signature.declaration_id == declaration.id,
        Signature.country == statement.country,
        Signature.search_name.in_(found),
        Signature.erased_at.is_(None),
        or_(Signature.withdrawn_at.is_(None), Signature.withdrawn_at < Signature.confirmed_at),
    )
    return list(db.session.scalars(query.order_by(Signature.confirmed_at, Signature.public_id).limit(10)))


def text_of(declaration: Declaration, *, language: str, day: date) -> DeclarationText:
    """The version that was to be signed in this language on this day; the first where none was published yet."""
    versions = [text for text in declaration.texts if text.language == language] or list(declaration.texts)
    versions.sort(key=lambda text: text.number)
    end = _start_of(day + timedelta(days=1), declaration)
    return next((text for text in reversed(versions) if text.published_at < end), versions[0])


def _check_day(declaration: Declaration, day: date) -> None:
    zone = declaration.plan.time_zone
    if day > clock.in_zone(clock.now(), zone).date():
        raise InTheFuture
    if day < clock.in_zone(declaration.opens_at, zone).date():
        raise NotOpenThen
    if declaration.closes_at is None:
        return
    if day > clock.in_zone(declaration.closes_at, zone).date():
        raise NotOpenThen
    if clock.now() >= declaration.closes_at + timedelta(days=declaration.plan.retention_days):
        raise Closed


def _refuse_known(declaration: Declaration, address: Address) -> None:
    """A withdrawal is its owner's word, which no sheet overrides: they may sign again themselves."""
    mailbox = Mailbox(declaration, keys.ring().lookup("mailbox", address.canonical))
    signature = mailbox.find_signature()
    if signature is None:
        return
    raise (WithdrewBefore if signature.withdrawn else AlreadySigned)(signature.public_id)


def _refuse_alike(declaration: Declaration, statement: Statement) -> None:
    if found := alike(declaration, statement):
        raise PerhapsSigned(*(signature.public_id for signature in found))


def _values(declaration: Declaration, entry: Entry) -> dict[str, Any]:
    kept = addresses.keep(entry.address, keys.ring()) if entry.address else None
    return {
        "public_id": new_public_id(),
        "declaration_id": declaration.id,
        "text_id": text_of(declaration, language=entry.language, day=entry.signed_on).id,
        "language": entry.language,
        "channel": Channel.PAPER,
        "source": entry.source,
        "partner": "",
        "created_at": clock.now(),
        "confirmed_at": _moment(declaration, entry.signed_on),
        "mailbox": kept and kept.mailbox,
        "loose_mailbox": kept and kept.loose_mailbox,
        "domain": kept and kept.domain,
        "address": kept and kept.encrypted,
        "search_name": searching.key(entry.statement.name),
        "search_turned": searching.turned_key(entry.statement.name),
        **vars(entry.statement),
    }


def _insert(declaration: Declaration, signature: dict[str, Any], entry: Entry) -> bool:
    text = db.session.get_one(DeclarationText, signature["text_id"])
    at = signature["confirmed_at"]
    given = signing.worded(text, [REQUIRED, *entry.consents])
    with_it = [Row(Consent, {"signature_id": ITS_ID, "given_at": at, **each}) for each in given]
    with_it.append(noting.change(Place(declaration.id, at, entry.statement.country, entry.source), +1))
    if mailbox := signature["mailbox"]:
        with_it.append(
            posting.waiting(
                "signed", signature["public_id"], scope=declaration.id, mailbox=mailbox, language=entry.language
            )
        )
    row, unique = Row(Signature, signature), ("declaration_id", "mailbox")
    return insert_unless_there(db.session.connection(), row, unique=unique, with_it=with_it)


def _moment(declaration: Declaration, day: date) -> datetime:
    """Noon of that day, because a sheet tells no hour; never later than now."""
    return min(_start_of(day, declaration) + timedelta(hours=12), clock.now())


def _start_of(day: date, declaration: Declaration) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(declaration.plan.time_zone))
