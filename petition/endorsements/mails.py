"""Write this room's mails, for the state found at the moment of sending; or decide that none is due."""

from collections.abc import Sequence

from petition import clock, keys, links
from petition.endorsements import wording
from petition.endorsements.confirming import is_over
from petition.endorsements.correspondence import DAY, Correspondence
from petition.endorsements.mailboxes import Mailbox
from petition.endorsements.models import Endorsement, EndorsementSubmission, Purpose, State
from petition.extensions import db
from petition.outbox.composing import Composed, Composer, Later, Message, NotDue
from petition.outbox.models import Mail

MOST_A_DAY = 5
"""Mails to one mailbox for one declaration within 24 hours, those of other rooms among them."""


def compose_endorse(mails: Sequence[Mail]) -> list[Composed]:
    """Ask the mailboxes' owners to confirm; tell them instead if they have endorsed; or send nothing."""
    known = Correspondence.of(mails)
    return [_confirm(mail, known) for mail in mails]


def compose_endorsed(mails: Sequence[Mail]) -> list[Composed]:
    """Say where the endorsement stands, and hand over the personal link."""
    known = Correspondence.of(mails)
    return [_thank(mail, known) for mail in mails]


COMPOSERS: dict[str, Composer] = {
    "endorse": compose_endorse,
    "endorsed": compose_endorsed,
    "endorsement-approved": compose_endorsed,
    "endorsement-declined": compose_endorsed,
}
_STATES = {"endorsement-approved": State.APPROVED, "endorsement-declined": State.DECLINED}
"""The decision that a mail is about, if it is about one."""


def _confirm(mail: Mail, known: Correspondence) -> Composed:
    submission = known.submissions.get(mail.reference)
    if submission is None or submission.confirmed_at is not None:
        return NotDue("confirmed or gone")
    key = submission.declaration_id, submission.mailbox
    mailbox = Mailbox(submission.text.declaration, submission.mailbox)
    if is_over(mailbox):
        return NotDue("confirming is over")
    if key in known.blocked:
        db.session.delete(submission)
        return NotDue("the mailbox's owner refused")
    if known.repeats_another(submission):
        db.session.delete(submission)
        return NotDue("the same submission again")
    if len(known.sent[key]) >= MOST_A_DAY:
        return NotDue("enough mails for one day")
    endorsement = known.endorsements.get(key)
    if endorsement is not None and not endorsement.withdrawn:
        return _tell(mail, mailbox, endorsement, already=True)
    return _request(mail, mailbox, submission)


def _thank(mail: Mail, known: Correspondence) -> Composed:
    key = mail.scope, mail.mailbox or b""
    endorsement = known.endorsements.get(key)
    if endorsement is None or endorsement.withdrawn:
        return NotDue("withdrawn or erased")
    if key in known.blocked:
        return NotDue("the mailbox's owner refused")
    if mail.kind in _STATES and not _is_newest(mail, endorsement):
        return NotDue("decided otherwise since")
    if mail.kind == "endorsed" and endorsement.state is State.DECLINED:
        return NotDue("declined since, which another mail tells")
    sent = known.sent[key]
    if len(sent) >= MOST_A_DAY:
        return Later(sent[0] + DAY)
    return _tell(mail, Mailbox(endorsement.text.declaration, key[1]), endorsement)


def _is_newest(mail: Mail, endorsement: Endorsement) -> bool:
    """Whether the decision that the mail was posted with is the one that stands."""
    last = endorsement.decisions[-1].decided_at if endorsement.decisions else mail.created_at
    return endorsement.state is _STATES[mail.kind] and mail.created_at >= last


def _request(mail: Mail, mailbox: Mailbox, submission: EndorsementSubmission) -> Message:
    submission.mailed_at = clock.now()
    return wording.request(
        mail,
        submission.text,
        to=keys.ring().decrypt(submission.address),
        confirm=_link(mailbox, Purpose.CONFIRM, "confirm", mail.language),
        refuse=_link(mailbox, Purpose.REFUSE, "refuse", mail.language),
    )


def _tell(mail: Mail, mailbox: Mailbox, endorsement: Endorsement, *, already: bool = False) -> Message:
    """Goes only to the address that confirmed: another one of the same mailbox may be somebody's guess."""
    assert endorsement.address is not None, "an endorsement that is mailed about has an address"
    return wording.told(
        mail,
        endorsement,
        to=keys.ring().decrypt(endorsement.address),
        personal=_link(mailbox, Purpose.PERSONAL, "endorsement", mail.language),
        already=already,
    )


def _link(mailbox: Mailbox, purpose: Purpose, page: str, language: str) -> str:
    return links.external(f"mailed_endorsements.{page}", language=language, token=mailbox.mint(purpose))
