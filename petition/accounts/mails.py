"""Write the invitations, each with a link of its own, for the state found at the moment of sending."""

from collections.abc import Sequence

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select

from petition import keys, links
from petition.accounts import inviting
from petition.accounts.models import Account
from petition.extensions import db
from petition.outbox.composing import Composed, Composer, Message, NotDue
from petition.outbox.models import Mail
from petition.outbox.previewing import Sample


def compose_invitations(mails: Sequence[Mail]) -> list[Composed]:
    """Invite whoever has not taken up an account yet, or is to take it up again."""
    query = select(Account).where(Account.public_id.in_([mail.reference for mail in mails]))
    accounts = {account.public_id: account for account in db.session.scalars(query)}
    return [_invite(mail, accounts.get(mail.reference)) for mail in mails]


def sample_invitation(mail: Mail) -> Message:
    """To somebody made up, with a link that opens nothing."""
    return write(mail, to="ada.lovelace@example.org", token="a-made-up-token-that-opens-nothing-at-all-0")


def write(mail: Mail, *, to: str, token: str) -> Message:
    """The words, in the mail's language."""
    with force_locale(mail.language):
        subject = str(gettext("You are invited to the console"))
        values = {
            "subject": subject,
            "language": mail.language,
            "invitation": links.external("accounts.invitation", token=token),
        }
        return Message(
            to=to,
            subject=subject,
            text=render_template("accounts/mail/invitation.txt", **values),
            html=render_template("accounts/mail/invitation.html", **values),
        )


COMPOSERS: dict[str, Composer] = {inviting.KIND: compose_invitations}
SAMPLES: dict[tuple[str, str], Sample] = {(inviting.KIND, ""): sample_invitation}


def _invite(mail: Mail, account: Account | None) -> Composed:
    if account is None or not account.active:
        return NotDue("no account, or disabled")
    if not inviting.is_invited(account):
        return NotDue("taken up or over")
    return write(mail, to=keys.ring().decrypt(account.address), token=inviting.mint(account))
