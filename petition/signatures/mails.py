"""Write this room's mails, for the state found at the moment of sending; or decide that none is due."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask import render_template
from flask_babel import force_locale, gettext

from petition import clock, keys, links
from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.composing import Composed, Composer, Later, Message, NotDue
from petition.outbox.models import Mail
from petition.signatures.confirming import hash_code, is_over
from petition.signatures.correspondence import DAY, Correspondence, key_of
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Purpose, Signature, Submission

MOST_A_DAY = 5
"""Mails to one mailbox for one declaration within 24 hours, or the form would be a mail bomb."""
REMIND_AFTER = timedelta(days=2)


def compose_confirm(mails: Sequence[Mail]) -> list[Composed]:
    """Ask the mailboxes' owners to confirm; tell them instead if they have signed; or send nothing."""
    known = Correspondence.of(mails)
    return [_confirm(mail, known) for mail in mails]


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
        return _signed_already(mail, mailbox, signature, last_today=_is_last(sent))
    if submission.mailed_at is None:
        _post_reminder(submission)
    return _request(mail, mailbox, submission, last_today=_is_last(sent))


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
    return _request(mail, mailbox, submission, last_today=_is_last(sent))


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
    mailbox = Mailbox(signature.text.declaration, key[1])
    text = _text_in(mailbox.declaration, signature.text, mail.language)
    return _written(
        mail,
        signature.address,
        text,
        subject=lambda: gettext("Your signature is confirmed"),
        template="signed",
        signature=signature,
        last_today=_is_last(sent),
        personal=_personal_link(mailbox, mail.language),
        page=links.external("pages.declaration", language=text.language, slug=mailbox.declaration.slug),
    )


def _is_last(sent: list[datetime]) -> bool:
    return len(sent) == MOST_A_DAY - 1


def _mailbox(submission: Submission) -> Mailbox:
    return Mailbox(submission.text.declaration, submission.mailbox)


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
    submission.code_hash = hash_code(submission.public_id, code)
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
