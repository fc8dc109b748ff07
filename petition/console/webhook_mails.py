"""Tell a declaration's organisers by mail that a webhook of theirs was disabled."""

from collections.abc import Sequence

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select

from petition import keys, links
from petition.accounts import granting, scopes
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.console import webhook_words
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.composing import Composed, Composer, Message, NotDue
from petition.outbox.models import EVERY_SCOPE, Mail
from petition.outbox.previewing import Sample
from petition.webhooks import endpoints
from petition.webhooks.failures import Disabled
from petition.webhooks.models import WebhookEndpoint

KIND = "webhook-disabled"


def tell_organisers(endpoint: WebhookEndpoint) -> None:
    """Post one mail to each organiser; it leaves if the caller commits."""
    if endpoint.scope is None:
        return
    for account in granting.holders(Role.ORGANISER, scope=endpoint.scope):
        posting.post(KIND, endpoint.public_id, scope=EVERY_SCOPE, mailbox=account.mailbox, language=account.language)


def compose(mails: Sequence[Mail]) -> list[Composed]:
    query = select(Account).where(Account.mailbox.in_([mail.mailbox for mail in mails]))
    accounts = {account.mailbox: account for account in db.session.scalars(query)}
    return [_compose(mail, accounts.get(mail.mailbox or b"")) for mail in mails]


def sample(mail: Mail) -> Message:
    """About a webhook that nobody made."""
    with force_locale(mail.language):
        because = webhook_words.disabled(Disabled.FAILING)
    link = links.external("console_webhooks.listed", slug="child-dignity")
    return write(
        mail, to="ada.lovelace@example.org", url="https://example.org/hooks", because=because, about="", link=link
    )


def write(mail: Mail, *, to: str, url: str, because: str, about: str, link: str) -> Message:
    """The words, in the mail's language."""
    with force_locale(mail.language):
        subject = str(gettext("A webhook was disabled"))
        values = {
            "subject": subject, "language": mail.language, "url": url, "because": because, "about": about, "link": link,
        }  # fmt: skip
        return Message(
            to=to,
            subject=subject,
            text=render_template("console/mail/webhook_disabled.txt", **values),
            html=render_template("console/mail/webhook_disabled.html", **values),
        )


COMPOSERS: dict[str, Composer] = {KIND: compose}
SAMPLES: dict[tuple[str, str], Sample] = {(KIND, ""): sample}


def _compose(mail: Mail, account: Account | None) -> Composed:
    endpoint = endpoints.find(mail.reference)
    if account is None or not account.active or endpoint is None or endpoint.scope is None:
        return NotDue("no account, or disabled")
    if endpoint.on:
        return NotDue("enabled again")
    with force_locale(mail.language):
        because, about = webhook_words.disabled(endpoint.disabled_because), scopes.name(endpoint.scope)
    link = links.external("console_webhooks.listed", slug=scopes.slug(endpoint.scope))
    return write(
        mail, to=keys.ring().decrypt(account.address), url=endpoint.url, because=because, about=about, link=link
    )
