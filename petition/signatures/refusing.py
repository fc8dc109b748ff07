"""Refuse: the mailbox's owner says "this was not me", and may take that back."""

from collections.abc import Sequence

from sqlalchemy import select

from petition import clock
from petition.extensions import db, insert_into
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import MailBlock


def refuse(mailbox: Mailbox) -> None:
    """Drop what is pending at once, and send this mailbox nothing more for this declaration; twice is once."""
    block = insert_into(MailBlock).values(
        declaration_id=mailbox.declaration.id, mailbox=mailbox.key, created_at=clock.now()
    )
    db.session.execute(block.on_conflict_do_nothing())
    mailbox.drop_pending()


def lift(mailbox: Mailbox) -> None:
    """Let mails for this declaration reach the mailbox again."""
    block = mailbox.find_block()
    if block is not None:
        db.session.delete(block)


def find_blocked(mailboxes: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """For the outbox: those of these mailboxes that refused, each with its declaration's id."""
    query = select(MailBlock.declaration_id, MailBlock.mailbox).where(MailBlock.mailbox.in_(mailboxes))
    return [(declaration_id, mailbox) for declaration_id, mailbox in db.session.execute(query)]
