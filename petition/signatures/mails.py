"""Write this room's mails, for the state found at the moment of sending; or decide that none is due."""

from collections.abc import Sequence
from datetime import timedelta

from petition import clock, keys, links
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.composing import Composed, Composer, Later, Message, NotDue
from petition.outbox.models import Mail
from petition.signatures import asking, carrying, codes, wording
from petition.signatures.confirming import is_over
from petition.signatures.correspondence import DAY, MOST_A_DAY, Correspondence, is_last, key_of
from petition.signatures.mailboxes import Mailbox
from petition.signatures.minting import personal_link, text_in
from petition.signatures.models import Channel, Purpose, Signature, Submission
from petition.storing import Row

REMIND_AFTER = timedelta(days=2)


def compose_confirm(mails: Sequence[Mail]) -> list[Composed]:
    """Ask the mailboxes' owners to confirm; tell them instead if they have signed; or send nothing.

    Whoever is asked for the first time is reminded later, once.
    """
    known = Correspondence.of(mails)
    not_asked = [submission for submission in known.submissions.values() if submission.mailed_at is None]
    composed = [_confirm(mail, known) for mail in mails]
    posting.add_all([_reminder(submission) for submission in not_asked if submission.mailed_at is not None])
    return composed


def compose_remind(mails: Sequence[Mail]) -> list[Composed]:
    """Remind once of what is still pending; only of the newest submission."""
    known = Correspondence.of(mails)
    return [_remind(mail, known) for mail in mails]


def compose_signed(mails: Sequence[Mail]) -> list[Composed]:
    """Thank signatories and hand over their personal links, on another day if today's mails are used up."""
    known = Correspondence.of(mails)
    return [_thank(mail, known) for mail in mails]


COMPOSERS: dict[str, Composer] = {
    "confirm": compose_confirm,
    "remind": compose_remind,
    "signed": compose_signed,
    "links": asking.compose,
}


def _confirm(mail: Mail, known: Correspondence) -> Composed:
    key = key_of(mail)
    submission = known.submissions.get(mail.reference)
    if submission is None or submission.confirmed_at is not None:
        return NotDue("confirmed or gone")
    mailbox = _mailbox(submission)
    if is_over(mailbox):
        return NotDue("confirming is over")
    if key in known.blocked:
        db.session.delete(submission)
        return NotDue("the mailbox's owner refused")
    if known.repeats_another(submission):
        db.session.delete(submission)
        return NotDue("the same submission again")
    sent = known.sent[key]
    if len(sent) >= MOST_A_DAY:
        return NotDue("enough mails for one day")
    signature = known.signatures.get(key)
    if signature is not None and not signature.withdrawn:
        return _signed_already(mail, mailbox, signature, last_today=is_last(sent))
    return _request(mail, mailbox, submission, last_today=is_last(sent))


def _remind(mail: Mail, known: Correspondence) -> Composed:
    key = key_of(mail)
    submission = known.submissions.get(mail.reference)
    if submission is None or submission.confirmed_at is not None:
        return NotDue("confirmed or gone")
    mailbox, signature = _mailbox(submission), known.signatures.get(key)
    if key in known.blocked or is_over(mailbox) or (signature and not signature.withdrawn):
        return NotDue("nothing to remind of")
    if mailbox.newest_submission is not submission:
        return NotDue("there is a newer submission")
    sent = known.sent[key]
    if len(sent) >= MOST_A_DAY:
        return NotDue("enough mails for one day")
    return _request(mail, mailbox, submission, last_today=is_last(sent))


def _thank(mail: Mail, known: Correspondence) -> Composed:
    key = key_of(mail)
    signature = known.signatures.get(key)
    if signature is None or signature.withdrawn:
        return NotDue("withdrawn or erased")
    if key in known.blocked:
        return NotDue("the mailbox's owner refused")
    sent = known.sent[key]
    if len(sent) >= MOST_A_DAY:
        return Later(sent[0] + DAY)
    declaration = signature.text.declaration
    mailbox = Mailbox(declaration, key[1])
    return wording.thanks(
        mail,
        text_in(mail.language, signed=signature.text),
        to=_address(signature),
        name=signature.name,
        personal=personal_link(mailbox, mail.language),
        query=carrying.passed_on(signature, declaration.slug).query,
        standing=signature.state,
        on_paper=signature.channel == Channel.PAPER,
        last_today=is_last(sent),
    )


def _mailbox(submission: Submission) -> Mailbox:
    return Mailbox(submission.text.declaration, submission.mailbox)


def _reminder(submission: Submission) -> Row:
    return posting.waiting(
        "remind",
        submission.public_id,
        scope=submission.declaration_id,
        mailbox=submission.mailbox,
        language=submission.language,
        due_at=clock.now() + REMIND_AFTER,
    )


def _request(mail: Mail, mailbox: Mailbox, submission: Submission, *, last_today: bool) -> Message:
    code = links.new_code()
    submission.code_hash = codes.keep(submission.public_id, code)
    submission.mailed_at = clock.now()
    confirm, refuse = mailbox.mint(Purpose.CONFIRM), mailbox.mint(Purpose.REFUSE)
    return wording.request(
        mail,
        submission.text,
        to=_address(submission),
        code=code,
        confirm=links.external("mailed.confirm", language=mail.language, token=confirm),
        refuse=links.external("mailed.refuse", language=mail.language, token=refuse),
        query=carrying.passed_on(submission, submission.text.declaration.slug).query,
        reminding=mail.kind == "remind",
        last_today=last_today,
    )


def _signed_already(mail: Mail, mailbox: Mailbox, signature: Signature, *, last_today: bool) -> Message:
    """Goes only to the address that confirmed: another one of the same mailbox may be somebody's guess."""
    return wording.signed_already(
        mail,
        text_in(mail.language, signed=signature.text),
        to=_address(signature),
        personal=personal_link(mailbox, mail.language),
        standing=signature.state,
        last_today=last_today,
    )


def _address(row: Submission | Signature) -> str:
    assert row.address is not None, "a row that is mailed about has an address"
    return keys.ring().decrypt(row.address)
