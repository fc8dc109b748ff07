"""The eight-digit code from the mail: how it is kept, and how often it may be tried."""

import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import func, select

from petition import addresses, clock, keys
from petition.addresses import AddressRefused
from petition.declarations.models import Declaration
from petition.extensions import begin_writing, db
from petition.signatures.mailboxes import CONFIRM_WITHIN, Mailbox
from petition.signatures.models import CodeTry, Submission
from petition.signatures.refusals import CodeRefused

MOST_TRIES = 5
"""Codes that may be typed for one address since its newest mail."""


class Mailed(NamedTuple):
    """What of a submission a typed code is compared with."""

    public_id: str
    code_hash: bytes
    mailed_at: datetime
    declaration_id: int


_NOTHING_MAILED = Mailed("", bytes(32), datetime(1970, 1, 1, tzinfo=UTC), 0)
"""Compared with where no code was mailed, so that the time it takes does not tell; no code fits it."""


def try_one(typed_address: str, typed_code: str) -> Mailbox:
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


def keep(public_id: str, code: str) -> bytes:
    """How a code is kept: a keyed hash, good for the one submission of this id."""
    return keys.ring().lookup("code", f"{public_id} {code}")


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
    return hmac.compare_digest(keep(mailed.public_id, digits), mailed.code_hash)


def _may_try(mailed: Mailed, tries: Iterable[datetime]) -> bool:
    return sum(tried_at > mailed.mailed_at for tried_at in tries) <= MOST_TRIES
