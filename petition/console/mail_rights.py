"""Who may read the outgoing mails of the embedded default, where they lie as files and leave for nobody.

They hold everybody's links: who reads them can confirm, change and erase any signature. So they are for operators, and
for organisers of every declaration, and for nobody else; each look is in the trail. Who accepts an invitation becomes
whom it invites, so these are for operators alone.
"""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import select

from petition.accounts import guarding, inviting
from petition.accounts.duties import Duty
from petition.extensions import db
from petition.outbox.models import Mail
from petition.settings import Settings


def may_read() -> bool:
    """Whether there are such mails, and the account in hand may read them."""
    ours: Settings = current_app.extensions["petition.settings"]
    return are_files(ours) and (guarding.may(Duty.ACCOUNTS) or guarding.everywhere(Duty.STATE))


def readable(names: Collection[str]) -> set[str]:
    """Those of these mails that the account in hand may read, if it may read any.

    A mail of which nobody knows any more what it is, because its person was erased, is for operators too.
    """
    if guarding.may(Duty.ACCOUNTS):
        return set(names)
    query = select(Mail.public_id).where(Mail.public_id.in_(names), Mail.kind != inviting.KIND)
    return set(db.session.scalars(query))


def are_files(settings: Settings) -> bool:
    return settings.embedded and not settings.mail_url
