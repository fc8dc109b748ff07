"""Confirm: the mailbox's owner makes a submission their signature."""

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from petition import addresses, clock, keys
from petition.addresses import AddressRefused
from petition.columns import new_public_id
from petition.declarations import reading
from petition.declarations.models import Declaration
from petition.extensions import begin_writing, db
from petition.outbox import posting
from petition.signatures import counting, searching, signing
from petition.signatures.mailboxes import CONFIRM_WITHIN, Mailbox
from petition.signatures.models import CodeTry, Consent, Signature, Submission
from petition.signatures.refusals import Closed, CodeRefused
from petition.signatures.signing import Worded
from petition.signatures.statements import Statement
from petition.storing import ITS_ID, Row, insert_unless_there
from petition.tally import noting
from petition.tally.noting import Place

AFTER_CLOSING = timedelta(hours=24)
"""How long confirmation links go on working when the form has closed."""
MOST_TRIES = 5
"""Codes that may be typed for one address since its newest mail."""
REQUIRED = "agree"
"""The consent without which there is no signature; it ends with the signature."""

_TAKE = (
    update(Submission)
    .where(Submission.id == bindparam("which"), Submission.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("now"))
)


class Mailed(NamedTuple):
    """What of a submission a typed code is compared with."""

    public_id: str
    code_hash: bytes
    mailed_at: datetime
    declaration_id: int


_NOTHING_MAILED = Mailed("", bytes(32), datetime(1970, 1, 1, tzinfo=UTC), 0)
"""Compared with where no code was mailed, so that the time it takes does not tell; no code fits it."""


def confirm(mailbox: Mailbox, submission: Submission, statement: Statement, *, consents: Collection[str]) -> None:
    """Make the signature, or update it, from the submission that was shown; twice is once.

    ``statement`` and ``consents`` are what the owner left standing or corrected. An invalidated signature
    stays invalidated. Raises Closed.
    """
    refuse_if_over(mailbox)
    # Of two who confirm it at once, the second waits here for the first, and then has nothing left to do.
    if not _take(submission):
        return
    given = _agreed_to(submission, consents)
    if not _make(mailbox, submission, statement, given):
        _update(mailbox, submission, statement, given)


def refuse_if_over(mailbox: Mailbox) -> None:
    """Raises Closed when even the time for late confirmations has passed."""
    if is_over(mailbox):
        raise Closed


def is_over(mailbox: Mailbox) -> bool:
    """Whether even late confirmations come too late."""
    closes_at = mailbox.declaration.closes_at
    return closes_at is not None and clock.now() >= closes_at + AFTER_CLOSING


def try_code(typed_address: str, typed_code: str) -> Mailbox:
    """The mailbox whose newest submission this code was mailed for. Raises CodeRefused, whatever is wrong.

    It commits the try before it looks, so that of many tries at once no more than five can count, and it
    does so for every address, so that nothing tells which ones have signed. For the same reason it asks and
    compares the same for each of them until the code is known to be right.
    """
    mailbox_key = _mailbox_key(typed_address)
    db.session.add(CodeTry(mailbox=mailbox_key, tried_at=clock.now()))
    db.session.commit()
    newest, tries = _newest_mailed(mailbox_key), _last_tries(mailbox_key)
    digits = "".join(char for char in typed_code if char.isdigit())
    right = [mailed for mailed in newest or [_NOTHING_MAILED] if _is_right(mailed, digits) & _may_try(mailed, tries)]
    if not right:
        raise CodeRefused
    # Only now is there something to write; begun as a reader, SQLite's transaction could not wait its turn.
    begin_writing()
    return Mailbox(db.session.get_one(Declaration, right[0].declaration_id), mailbox_key)


def hash_code(public_id: str, code: str) -> bytes:
    """How a code is kept: a keyed hash, good for the one submission of this id."""
    return keys.ring().lookup("code", f"{public_id} {code}")


def give_consents(signature: Signature, given: Iterable[Worded]) -> None:
    """Record each consent in the words that were shown; one that stands in these very words stays as it is."""
    standing = {(consent.purpose, consent.wording) for consent in signature.consents if not consent.withdrawn_at}
    for entry in given:
        if (entry["purpose"], entry["wording"]) not in standing:
            signature.consents.append(Consent(given_at=clock.now(), **entry))


def end_consents(signature: Signature, *, but: Collection[str] = ()) -> None:
    """Record the end of every consent that stands, in whatever words, except for these purposes."""
    for consent in signature.consents:
        if consent.withdrawn_at is None and consent.purpose not in but:
            consent.withdrawn_at = clock.now()


def _take(submission: Submission) -> bool:
    """Mark the submission as confirmed, unless it is already, or gone; its row is locked from here on."""
    taken = db.session.connection().execute(_TAKE, {"which": submission.id, "now": clock.now()})
    return taken.rowcount == 1


def _agreed_to(submission: Submission, consents: Collection[str]) -> list[Worded]:
    """The signature's consents; the required one in the words that were shown, whatever the text says by now."""
    agreed = [entry for entry in submission.consents if entry["purpose"] == REQUIRED]
    return [*agreed, *signing.worded(reading.get_text(submission.text_id), consents)]


def _make(mailbox: Mailbox, submission: Submission, statement: Statement, given: Iterable[Worded]) -> bool:
    """The mailbox's one row, with all that goes with it; False if there is one, also one made at this very moment."""
    now = clock.now()
    signature = {
        "public_id": new_public_id(),
        "declaration_id": mailbox.declaration.id,
        "mailbox": mailbox.key,
        "channel": submission.channel,
        "source": submission.source,
        "created_at": submission.created_at,
        "confirmed_at": now,
        "search_name": searching.key(statement.name),
        "search_turned": searching.turned_key(statement.name),
        **_values(submission, statement),
    }
    consents = [Row(Consent, {"signature_id": ITS_ID, "given_at": now, **entry}) for entry in given]
    change = noting.change(Place(mailbox.declaration.id, now, statement.country, submission.source), +1)
    return insert_unless_there(
        db.session.connection(),
        Row(Signature, signature),
        unique=("declaration_id", "mailbox"),
        with_it=[*consents, change, _thanks(mailbox, signature["public_id"], submission.language)],
    )


def _update(mailbox: Mailbox, submission: Submission, statement: Statement, given: Sequence[Worded]) -> None:
    signature = mailbox.lock_signature()
    assert signature is not None, "where none could be made, there is one"
    with counting.noted(signature):
        for name, value in _values(submission, statement).items():
            setattr(signature, name, value)
        if signature.confirmed_at is None or signature.withdrawn:
            signature.confirmed_at = clock.now()
    end_consents(signature, but=[entry["purpose"] for entry in given])
    give_consents(signature, given)
    posting.add(_thanks(mailbox, signature.public_id, signature.language))


def _thanks(mailbox: Mailbox, public_id: str, language: str) -> Row:
    return posting.waiting("signed", public_id, scope=mailbox.declaration.id, mailbox=mailbox.key, language=language)


def _values(submission: Submission, statement: Statement) -> dict[str, Any]:
    """What a signature takes over from the submission and from its owner's corrections."""
    return {
        **vars(statement),
        "text_id": submission.text_id,
        "language": submission.language,
        "address": submission.address,
        "loose_mailbox": submission.loose_mailbox,
        "domain": submission.domain,
        "network": submission.network,
        "answers": submission.answers,
    }


def _mailbox_key(typed_address: str) -> bytes:
    try:
        canonical = addresses.parse(typed_address).canonical
    except AddressRefused:
        canonical = typed_address
    return keys.ring().lookup("mailbox", canonical)


def _newest_mailed(mailbox_key: bytes) -> list[Mailed]:
    """For each declaration, the newest submission of this mailbox that a code was mailed for."""
    newest = (
        select(func.max(Submission.id))
        .where(Submission.mailbox == mailbox_key, Submission.code_hash.is_not(None))
        .where(Submission.mailed_at > clock.now() - CONFIRM_WITHIN)
        .group_by(Submission.declaration_id)
    )
    columns = Submission.public_id, Submission.code_hash, Submission.mailed_at, Submission.declaration_id
    return list(map(Mailed._make, db.session.execute(select(*columns).where(Submission.id.in_(newest)))))


def _last_tries(mailbox_key: bytes) -> Sequence[datetime]:
    """When codes were last typed for this address: as many as it takes to see that it was too often."""
    tries = select(CodeTry.tried_at).where(CodeTry.mailbox == mailbox_key).order_by(CodeTry.tried_at.desc())
    return db.session.scalars(tries.limit(MOST_TRIES + 1)).all()


def _is_right(mailed: Mailed, digits: str) -> bool:
    return hmac.compare_digest(hash_code(mailed.public_id, digits), mailed.code_hash)


def _may_try(mailed: Mailed, tries: Iterable[datetime]) -> bool:
    return sum(tried_at > mailed.mailed_at for tried_at in tries) <= MOST_TRIES
