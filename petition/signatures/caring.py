"""Look after a signature, by the owner's mailed link: correct it, choose who sees it, withdraw it."""

from collections.abc import Collection

from petition import clock
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures import consenting, correcting, signing
from petition.signatures.consenting import PARTNER, REQUIRED
from petition.signatures.counting import noted
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Signature
from petition.signatures.refusals import LinkUnknown, Withdrawn
from petition.signatures.statements import Statement

UPDATES = "updates"
"""The purpose of the consent to be told how the declaration fares."""


def get_signature(mailbox: Mailbox) -> Signature:
    """The signature that a personal link leads to. Raises LinkUnknown."""
    signature = mailbox.find_signature()
    if signature is None:
        raise LinkUnknown
    return signature


def correct(mailbox: Mailbox, statement: Statement, *, consents: Collection[str]) -> Signature:
    """Replace what is stated, and the optional consents; what was agreed to stays.

    What stood in the book of names before is kept as a correction. Raises LinkUnknown and Withdrawn.
    """
    signature = _lock(mailbox)
    if signature.withdrawn:
        raise Withdrawn
    correcting.keep(signature, statement)
    with noted(signature):
        statement.put_into(signature)
    consenting.end(signature, but=[REQUIRED, PARTNER, *consents])
    consenting.give(signature, signing.worded(signature.text, consents))
    return signature


def withdraw(mailbox: Mailbox) -> Signature:
    """Take the name back, and every consent with it; it is neither shown nor counted nor delivered any more.

    Twice is once. Raises LinkUnknown.
    """
    signature = _lock(mailbox)
    if not signature.withdrawn:
        # First, so that no partner hears of a consent's end that has not heard of the signature yet.
        consenting.end(signature)
        with noted(signature):
            signature.withdrawn_at = clock.now()
    return signature


def unsubscribe(mailbox: Mailbox) -> Signature:
    """End the consent to updates, in whatever words it was given, and nothing else; twice is once.

    Raises LinkUnknown.
    """
    signature = _lock(mailbox)
    consenting.end(signature, but={consent.purpose for consent in signature.consents} - {UPDATES})
    return signature


def end_sharing(mailbox: Mailbox, partner: str) -> Signature:
    """End the consent that was given to this partner, by its slug, and nothing else; twice is once.

    Raises LinkUnknown.
    """
    signature = _lock(mailbox)
    consenting.end_partners(signature, partner)
    return signature


def has_updates(signature: Signature) -> bool:
    """Whether the signatory has agreed to updates and not taken that back."""
    return any(consent.purpose == UPDATES and not consent.withdrawn_at for consent in signature.consents)


def erase(mailbox: Mailbox) -> None:
    """Withdraw, and forget the person everywhere; only an anonymous row stays."""
    personal.erase(Person(scope=mailbox.declaration.id, mailbox=mailbox.key))


def _lock(mailbox: Mailbox) -> Signature:
    signature = mailbox.lock_signature()
    if signature is None:
        raise LinkUnknown
    return signature
