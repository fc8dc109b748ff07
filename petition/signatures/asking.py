"""Ask for one's link: somebody types an address, and only its mailbox learns what is kept for it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

from sqlalchemy import func, select

from petition import clock, keys
from petition.addresses import Address
from petition.extensions import db
from petition.outbox import blocking, personal_links, posting
from petition.outbox.composing import Composed, NotDue
from petition.outbox.models import EVERY_SCOPE, Mail
from petition.outbox.personal_links import Held
from petition.signatures import wording
from petition.signatures.confirming import is_over
from petition.signatures.correspondence import DAY, Key, key_of
from petition.signatures.mailboxes import Mailbox
from petition.signatures.minting import personal_link, text_in
from petition.signatures.models import Signature, Submission
from petition.storing import Row

MOST_A_DAY = 2
"""Answers to one mailbox within 24 hours. Anybody may ask for them, so they count apart from every declaration's."""

Owned = TypeVar("Owned", Signature, Submission)


def ask(address: Address, *, language: str) -> Row:
    """Make the one mail that answers, for ``store``: the same row whoever's address it is.

    What it will say, or that none is due, is decided when it is written.
    """
    mailbox = keys.ring().lookup("mailbox", address.canonical)
    return posting.waiting("links", "", scope=EVERY_SCOPE, mailbox=mailbox, language=language)


def compose(mails: Sequence[Mail]) -> list[Composed]:
    """Hand over new personal links to what the mailboxes have signed; ask again to confirm what is pending."""
    kept = Kept.of(mails)
    return [_answer(mail, kept) for mail in mails]


@dataclass(frozen=True)
class Kept:
    """What these mailboxes have here, under whichever declaration; nothing of those whose owner refused mails."""

    signatures: dict[bytes, list[Signature]]
    """By mailbox, the one confirmed last at the end."""
    pending: dict[bytes, list[Submission]]
    """By mailbox, the newest under each declaration, if it is not confirmed."""
    more: dict[bytes, list[Held]]
    """By mailbox, what other rooms keep, the one confirmed last at the end."""
    sent: dict[Key, list[datetime]]
    """When other answers of the last day were written, oldest first."""

    @classmethod
    def of(cls, mails: Sequence[Mail]) -> Self:
        mailboxes = [mail.mailbox for mail in mails if mail.mailbox]
        blocked = blocking.blocked(mails)
        signatures = select(Signature).where(Signature.mailbox.in_(mailboxes)).order_by(Signature.confirmed_at)
        newest = select(func.max(Submission.id)).where(Submission.mailbox.in_(mailboxes))
        newest = newest.group_by(Submission.declaration_id, Submission.mailbox)
        pending = select(Submission).where(Submission.id.in_(newest), Submission.confirmed_at.is_(None))
        return cls(
            signatures=_by_mailbox(db.session.scalars(signatures), but=blocked),
            pending=_by_mailbox(db.session.scalars(pending), but=blocked),
            more={
                mailbox: [each for each in held if (each.scope, mailbox) not in blocked]
                for mailbox, held in personal_links.find(mailboxes).items()
            },
            sent=posting.sent_times(mails, since=clock.now() - DAY),
        )


def _answer(mail: Mail, kept: Kept) -> Composed:
    key = _scope, mailbox = key_of(mail)
    signatures = kept.signatures[mailbox]
    if len(kept.sent[key]) >= MOST_A_DAY:
        return NotDue("enough mails for one day")
    stand = {signature.declaration_id for signature in signatures if not signature.withdrawn}
    for submission in kept.pending[mailbox]:
        if submission.declaration_id not in stand:
            _ask_to_confirm(submission, mail.language)
    more = kept.more.get(mailbox, [])
    if not signatures and not more:
        if not kept.pending[mailbox]:
            # Of a mailbox that has nothing here nothing is kept, not even that somebody asked.
            mail.mailbox = None
        return NotDue("nothing is signed")
    return wording.personal_links(
        mail,
        [(text_in(mail.language, signed=each.text), _link(each, mailbox, mail.language)) for each in signatures],
        more=[(each, each.make_link(mail.language)) for each in more],
        to=_address(signatures, more),
    )


def _ask_to_confirm(submission: Submission, language: str) -> None:
    """Its own composer writes that mail, with its own rules."""
    if not is_over(Mailbox(submission.text.declaration, submission.mailbox)):
        scope, mailbox = submission.declaration_id, submission.mailbox
        posting.post("confirm", submission.public_id, scope=scope, mailbox=mailbox, language=language)


def _address(signatures: Sequence[Signature], more: Sequence[Held]) -> str:
    """The one that confirmed last."""
    ways = [(each.confirmed_at, each.address) for each in more]
    for each in signatures[-1:]:
        assert each.confirmed_at and each.address, "a signature of a mailbox has an address"
        ways.append((each.confirmed_at, keys.ring().decrypt(each.address)))
    return max(ways)[1]


def _link(signature: Signature, mailbox: bytes, language: str) -> str:
    return personal_link(Mailbox(signature.text.declaration, mailbox), language)


def _by_mailbox(rows: Iterable[Owned], *, but: set[Key]) -> dict[bytes, list[Owned]]:
    found: dict[bytes, list[Owned]] = defaultdict(list)
    for row in rows:
        if row.mailbox is not None and (row.declaration_id, row.mailbox) not in but:
            found[row.mailbox].append(row)
    return found
