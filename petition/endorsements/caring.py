"""Look after an endorsement, by the personal link: see it, withdraw it, erase everything."""

from petition import clock
from petition.endorsements.counting import noted
from petition.endorsements.mailboxes import Mailbox
from petition.endorsements.models import Endorsement
from petition.endorsements.refusals import LinkUnknown
from petition.privacy import personal
from petition.privacy.keepers import Person


def get_endorsement(mailbox: Mailbox) -> Endorsement:
    """The endorsement that a personal link leads to. Raises LinkUnknown."""
    endorsement = mailbox.find_endorsement()
    if endorsement is None:
        raise LinkUnknown
    return endorsement


def withdraw(mailbox: Mailbox) -> Endorsement:
    """Take it back: it is neither shown nor counted any more. Twice is once. Raises LinkUnknown."""
    endorsement = mailbox.lock_endorsement()
    if endorsement is None:
        raise LinkUnknown
    if not endorsement.withdrawn:
        with noted(endorsement):
            endorsement.withdrawn_at = clock.now()
    return endorsement


def erase(mailbox: Mailbox) -> None:
    """Withdraw, and forget the person everywhere; only an anonymous row stays."""
    personal.erase(Person(scope=mailbox.declaration.id, mailbox=mailbox.key))
