"""Tell by mail that a webhook was disabled: whoever may enable it, and a partner’s desk."""

from collections.abc import Sequence

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select

from petition import addresses, keys, links
from petition.accounts import granting
from petition.accounts.models import Account
from petition.console.webhooks import whose, words
from petition.console.webhooks.whose import Owner
from petition.extensions import db
from petition.outbox import posting
from petition.outbox.composing import Composed, Composer, Message, NotDue
from petition.outbox.models import EVERY_SCOPE, Mail
from petition.outbox.previewing import Sample
from petition.partners.models import Partner
from petition.webhooks import endpoints
from petition.webhooks.failures import Disabled
from petition.webhooks.models import WebhookEndpoint

KIND = "webhook-disabled"


def tell(endpoint: WebhookEndpoint) -> None:
    """Post a mail to each of them; it leaves if the caller commits."""
    owner = whose.of(endpoint)
    for mailbox, language in (_readers(owner) if owner else {}).items():
        posting.post(KIND, endpoint.public_id, scope=EVERY_SCOPE, mailbox=mailbox, language=language)


def compose(mails: Sequence[Mail]) -> list[Composed]:
    query = select(Account).where(Account.mailbox.in_([mail.mailbox for mail in mails]))
    accounts = {account.mailbox: account for account in db.session.scalars(query)}
    return [_compose(mail, accounts.get(mail.mailbox or b"")) for mail in mails]


def sample(mail: Mail) -> Message:
    """About a webhook that nobody made."""
    link = links.external(f"{whose.OF_DECLARATIONS}.listed", slug="child-dignity")
    return _sample(mail, to="ada.lovelace@example.org", because=Disabled.FAILING, link=link)


def sample_partner(mail: Mail) -> Message:
    """The same to a partner's desk."""
    link = links.external(f"{whose.OF_PARTNERS}.listed", partner="byron")
    return _sample(mail, to="desk@example.org", because=Disabled.GONE, link=link)


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
SAMPLES: dict[tuple[str, str], Sample] = {(KIND, ""): sample, (KIND, "partner"): sample_partner}


def _readers(owner: Owner) -> dict[bytes, str]:
    """Their mailboxes, with the language of each."""
    people = granting.holders(owner.role, scope=owner.within)
    found = {account.mailbox: account.language for account in people}
    if owner.partner is not None and (desk := _desk(owner.partner)):
        found.setdefault(desk, next(iter(owner.partner.languages), "en"))
    return found


def _compose(mail: Mail, account: Account | None) -> Composed:
    endpoint = endpoints.find(mail.reference)
    if endpoint is None or endpoint.on:
        return NotDue("enabled again")
    owner = whose.of(endpoint)
    address = _address(owner, mail, account) if owner else ""
    if owner is None or not address:
        return NotDue("nobody to tell")
    with force_locale(mail.language):
        because, about = words.disabled(endpoint.disabled_because), words.about(endpoint.scope)
    return write(mail, to=address, url=endpoint.url, because=because, about=about, link=owner.link)


def _address(owner: Owner, mail: Mail, account: Account | None) -> str:
    """Of the person or of the desk, whose mailbox this is; nothing where neither is there any more."""
    if account is not None and account.active:
        return keys.ring().decrypt(account.address)
    partner = owner.partner
    return partner.contact_address if partner and _desk(partner) == mail.mailbox else ""


def _desk(partner: Partner) -> bytes | None:
    address = partner.contact_address
    return addresses.keep(addresses.parse(address), keys.ring()).mailbox if address else None


def _sample(mail: Mail, *, to: str, because: Disabled, link: str) -> Message:
    with force_locale(mail.language):
        said = words.disabled(because)
    return write(mail, to=to, url="https://example.org/hooks", because=said, about="", link=link)
