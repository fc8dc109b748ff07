"""Erase on request: staff does what the signatory could do by the personal link, also where there is no address."""

from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures import keeping
from petition.signatures.models import Signature
from petition.signatures.refusals import Erased


def erase(signature: Signature) -> None:
    """Withdraw, and forget the person everywhere; only an anonymous row stays. The row must be locked.

    Raises Erased.
    """
    if signature.erased_at is not None:
        raise Erased
    if signature.mailbox is None:
        # Nothing else can be about them: every other row is found by its mailbox.
        personal.enter_into_journal(keeping.forget_signature(signature))
        return
    personal.erase(Person(scope=signature.declaration_id, mailbox=signature.mailbox))
