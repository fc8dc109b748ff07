"""Who may read the outgoing mails of the embedded default, where they lie as files and leave for nobody.

They hold everybody's links: who reads them can confirm, change and erase any signature, and accept any invitation.
So they are for operators, and for organisers of every declaration, and for nobody else; each look is in the trail.
"""

from flask import current_app

from petition.accounts import guarding
from petition.accounts.duties import Duty, Role
from petition.settings import Settings


def may_read() -> bool:
    """Whether there are such mails, and the account in hand may read them."""
    ours: Settings = current_app.extensions["petition.settings"]
    return are_files(ours) and (guarding.may(Duty.ACCOUNTS) or _organises_all())


def are_files(settings: Settings) -> bool:
    return settings.embedded and not settings.mail_url


def _organises_all() -> bool:
    return any(grant.role == Role.ORGANISER and grant.scope is None for grant in guarding.current().grants)
