"""Write this room's mails, for the state found at the moment of sending; or decide that none is due."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select

from petition import clock, keys, links
from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.composing import Composed, Later, Message, NotDue
from petition.outbox.models import Mail
from petition.signatures.confirming import hash_code, is_over
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Purpose, Signature, Submission
from petition.signatures.statements import Statement

MOST_A_DAY = 5
"""Mails to one mailbox for one declaration within 24 hours, or the form would be a mail bomb."""
DAY = timedelta(hours=24)
REMIND_AFTER = timedelta(days=2)
SAME_WITHIN = timedelta(minutes=10)
"""Identical values within this time are one submission: a double click is not two people."""


def compose_confirm(mail: Mail) -> Composed:
    """Ask the mailbox's owner to confirm; tell them instead if they have signed; or send nothing."""
    submission = _by_reference(Submission, mail)
    if submission is None or submission.confirmed_at is not None:
        return NotDue("confirmed or gone")
    mailbox = _mailbox(submission)
    if is_over(mailbox):
        return NotDue("confirming is over")
    if mailbox.find_block():
        db.session.delete(submission)
        return NotDue("the mailbox's owner refused")
    if _repeats_another(submission):
        db.session.delete(submission)
        return NotDue("the same submission again")
    sent = posting.sent_times(mailbox.key, scope=mail.scope, since=clock.now() - DAY, but=mail)
    if len(sent) >= MOST_A_DAY:
        return NotDue("enough mails for one day")
    signature = mailbox.find_signature()
    if signature is not None and not signature.withdrawn and signature.confirmed_at is not None:
        return _signed_already(mail, mailbox, signature, last_today=len(sent) == MOST_A_DAY - 1)
    if submission.mailed_at is None:
        _post_reminder(submission)
    return _request(mail, mailbox, submission, last_today=len(sent) == MOST_A_DAY - 1)


def compose_remind(mail: Mail) -> Composed:
    """Remind once of what is still pending; only of the newest submission."""
    submission = _by_reference(Submission, mail)
    if submission is None or submission.confirmed_at is not None:
        return NotDue("confirmed or gone")
    mailbox = _mailbox(submission)
    newest, signature = mailbox.newest_submission, mailbox.find_signature()
    if newest is not submission or is_over(mailbox) or mailbox.find_block() or (signature and not signature.withdrawn):
        return NotDue("nothing to remind of")
    sent = posting.sent_times(mailbox.key, scope=mail.scope, since=clock.now() - DAY, but=mail)
    if len(sent) >= MOST_A_DAY:
        return NotDue("enough mails for one day")
    return _request(mail, mailbox, submission, last_today=len(sent) == MOST_A_DAY - 1)


def compose_signed(mail: Mail) -> Composed:
    """Thank the signatory and hand over the personal link, on another day if today's mails are used up."""
    signature = _by_reference(Signature, mail)
    if signature is None or signature.mailbox is None or signature.withdrawn:
        return NotDue("withdrawn or erased")
    mailbox = Mailbox(signature.text.declaration, signature.mailbox)
    if mailbox.find_block():
        return NotDue("the mailbox's owner refused")
    sent = posting.sent_times(mailbox.key, scope=mail.scope, since=clock.now() - DAY, but=mail)
    if len(sent) >= MOST_A_DAY:
        return Later(sent[0] + DAY)
    return _written(
        mail,
        signature.address,
        _text_in(mailbox.declaration, signature.text, mail.language),
        subject=lambda: gettext("Your signature is confirmed"),
        template="signed",
        signature=signature,
        last_today=len(sent) == MOST_A_DAY - 1,
        personal=_personal_link(mailbox, mail.language),
        page=links.external("pages.declaration", language=mail.language, slug=mailbox.declaration.slug),
    )


Row = TypeVar("Row", Submission, Signature)

COMPOSERS: dict[str, Callable[[Mail], Composed]] = {
    "confirm": compose_confirm,
    "remind": compose_remind,
    "signed": compose_signed,
}


def _by_reference(table: type[Row], mail: Mail) -> Row | None:
    return db.session.scalar(select(table).where(table.public_id == mail.reference))


def _mailbox(submission: Submission) -> Mailbox:
    return Mailbox(submission.text.declaration, submission.mailbox)


def _repeats_another(submission: Submission) -> bool:
    """Whether an earlier, still pending submission of this mailbox says the very same."""
    earlier = select(Submission).where(
        Submission.mailbox == submission.mailbox,
        Submission.declaration_id == submission.declaration_id,
        Submission.id < submission.id,
        Submission.confirmed_at.is_(None),
        Submission.created_at >= submission.created_at - SAME_WITHIN,
    )
    return any(_values(other) == _values(submission) for other in db.session.scalars(earlier))


def _values(submission: Submission) -> tuple[object, ...]:
    address = keys.ring().decrypt(submission.address)
    return Statement.of(submission), address, submission.text_id, submission.consents


def _post_reminder(submission: Submission) -> None:
    posting.post(
        "remind",
        submission.public_id,
        scope=submission.declaration_id,
        mailbox=submission.mailbox,
        language=submission.language,
        due_at=clock.now() + REMIND_AFTER,
    )


def _request(mail: Mail, mailbox: Mailbox, submission: Submission, *, last_today: bool) -> Message:
    code = links.new_code()
    submission.code_hash = hash_code(submission, code)
    submission.mailed_at = clock.now()
    confirm = mailbox.mint(Purpose.CONFIRM)
    refuse = mailbox.mint(Purpose.REFUSE)
    reminding = mail.kind == "remind"
    return _written(
        mail,
        submission.address,
        submission.text,
        subject=lambda: (
            gettext("Reminder: please confirm your signature")
            if reminding
            else gettext("Please confirm your signature")
        ),
        template="confirm",
        reminding=reminding,
        last_today=last_today,
        code=code,
        confirm=links.external("mailed.confirm", language=mail.language, token=confirm),
        refuse=links.external("mailed.refuse", language=mail.language, token=refuse),
        code_page=links.external("mailed.code", language=mail.language),
    )


def _signed_already(mail: Mail, mailbox: Mailbox, signature: Signature, *, last_today: bool) -> Message:
    """Goes only to the address that confirmed: another one of the same mailbox may be somebody's guess."""
    return _written(
        mail,
        signature.address,
        _text_in(mailbox.declaration, signature.text, mail.language),
        subject=lambda: gettext("You have already signed"),
        template="signed_already",
        last_today=last_today,
        personal=_personal_link(mailbox, mail.language),
    )


def _personal_link(mailbox: Mailbox, language: str) -> str:
    return links.external("mailed.signature", language=language, token=mailbox.mint(Purpose.PERSONAL))


def _text_in(declaration: Declaration, signed: DeclarationText, language: str) -> DeclarationText:
    """The text whose title the mail shows: the current one in the mail's language, or the one signed."""
    current = (text for text in declaration.texts if text.current and text.language == language)
    return next(current, signed)


def _written(
    mail: Mail,
    address: bytes | None,
    text: DeclarationText,
    *,
    subject: Callable[[], str],
    template: str,
    **values: object,
) -> Message:
    assert address is not None, "a row that is mailed about has an address"
    with force_locale(mail.language):
        values = {"text": text, "plan": text.declaration.plan, "language": mail.language, **values}
        return Message(
            to=keys.ring().decrypt(address),
            subject=subject(),
            text=render_template(f"signatures/mail/{template}.txt", **values),
            html=render_template(f"signatures/mail/{template}.html", **values),
        )
