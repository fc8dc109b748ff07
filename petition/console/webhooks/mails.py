"""Tell by mail that a webhook was disabled: a declaration’s organisers of theirs, a partner of its own."""

from collections.abc import Sequence

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select

from petition import addresses, keys, links
from petition.accounts import granting, scopes
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.console.webhooks import words
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.composing import Composed, Composer, Message, NotDue
from petition.outbox.models import EVERY_SCOPE, Mail
from petition.outbox.previewing import Sample
from petition.partners import notices as partner_notices
from petition.partners import reading as partners
from petition.partners.models import Partner
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


def tell_partner(endpoint: WebhookEndpoint) -> None:
    """Post one mail to the partner's desk, if it has one; it leaves if the caller commits."""
    partner = _partner(endpoint)
    if partner is not None and partner.contact_address:
        mailbox = addresses.keep(addresses.parse(partner.contact_address), keys.ring()).mailbox
        language = next(iter(partner.languages), "en")
        posting.post(KIND, endpoint.public_id, scope=EVERY_SCOPE, mailbox=mailbox, language=language)


def compose(mails: Sequence[Mail]) -> list[Composed]:
    query = select(Account).where(Account.mailbox.in_([mail.mailbox for mail in mails]))
    accounts = {account.mailbox: account for account in db.session.scalars(query)}
    return [_compose(mail, accounts.get(mail.mailbox or b"")) for mail in mails]


def sample(mail: Mail) -> Message:
    """About a webhook that nobody made."""
    with force_locale(mail.language):
        because = words.disabled(Disabled.FAILING)
    link = links.external("console_webhooks.listed", slug="child-dignity")
    return write(
        mail, to="ada.lovelace@example.org", url="https://example.org/hooks", because=because, about="", link=link
    )


def sample_partner(mail: Mail) -> Message:
    """The same to a partner's desk."""
    with force_locale(mail.language):
        because = words.disabled(Disabled.GONE)
    url = "https://example.org/hooks"
    return write(mail, to="desk@example.org", url=url, because=because, about="", link=None)


def write(mail: Mail, *, to: str, url: str, because: str, about: str, link: str | None) -> Message:
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
SAMPLES: dict[tuple[str, str], Sample] = {(KIND, ""): sample, (KIND, "partner"): sample_partner}


def _compose(mail: Mail, account: Account | None) -> Composed:
    endpoint = endpoints.find(mail.reference)
    if endpoint is None or endpoint.on:
        return NotDue("enabled again")
    partner = _partner(endpoint)
    if partner is not None:
        return _compose_for(partner, endpoint, mail)
    if account is None or not account.active or endpoint.scope is None:
        return NotDue("no account, or disabled")
    with force_locale(mail.language):
        because, about = words.disabled(endpoint.disabled_because), scopes.name(endpoint.scope)
    link = links.external("console_webhooks.listed", slug=scopes.slug(endpoint.scope))
    return write(
        mail, to=keys.ring().decrypt(account.address), url=endpoint.url, because=because, about=about, link=link
    )


def _compose_for(partner: Partner, endpoint: WebhookEndpoint, mail: Mail) -> Composed:
    """Partners find it on no page of theirs: the organisers enable it."""
    if not partner.contact_address:
        return NotDue("no contact")
    with force_locale(mail.language):
        because = words.disabled(endpoint.disabled_because)
        about = scopes.name(endpoint.scope) if endpoint.scope is not None else ""
    return write(mail, to=partner.contact_address, url=endpoint.url, because=because, about=about, link=None)


def _partner(endpoint: WebhookEndpoint) -> Partner | None:
    slug = partner_notices.slug_of(endpoint.owner)
    return partners.find(slug) if slug else None
