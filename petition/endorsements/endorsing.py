"""Endorse: keep what was typed as a submission, and have a mail sent to the address."""

from flask_babel import force_locale, gettext

from petition import addresses, clock, keys
from petition.addresses import Address
from petition.columns import new_public_id
from petition.declarations.models import Declaration, DeclarationText, State
from petition.endorsements.forms import Statement
from petition.endorsements.models import EndorsementSubmission
from petition.endorsements.refusals import Closed, NotOpen
from petition.outbox import posting
from petition.storing import Row


def endorse(text: DeclarationText, statement: Statement, *, address: Address) -> tuple[Row, Row]:
    """Make a submission and the mail that asks to confirm it: two rows that ``store`` keeps as one fact.

    It looks at nothing that is stored, so that it does the same work whatever the address. Raises NotOpen
    and Closed.
    """
    refuse_unless_open(text.declaration)
    kept = addresses.keep(address, keys.ring())
    submission = {
        "public_id": new_public_id(),
        "declaration_id": text.declaration_id,
        "text_id": text.id,
        "language": text.language,
        "address": kept.encrypted,
        "mailbox": kept.mailbox,
        "consents": [{"purpose": "agree", "wording": wording(text.language), "language": text.language}],
        "created_at": clock.now(),
        **vars(statement),
    }
    mail = posting.waiting(
        "endorse",
        submission["public_id"],
        scope=text.declaration_id,
        mailbox=kept.mailbox,
        language=text.language,
    )
    return Row(EndorsementSubmission, submission), mail


def refuse_unless_open(declaration: Declaration) -> None:
    """Raises NotOpen and Closed."""
    state = declaration.state_at(clock.now())
    if state is State.UPCOMING:
        raise NotOpen
    if state is State.CLOSED:
        raise Closed


def wording(language: str) -> str:
    """What whoever endorses agrees to, in the exact words that are shown and kept."""
    with force_locale(language):
        words: str = gettext(
            "I may speak for this organisation. It endorses the text of this declaration, and its name, country and "
            "website may be published as such. I have read the privacy notice and consent to my name, role and email "
            "address being kept, unpublished, as those of the person responsible."
        )
    return words
