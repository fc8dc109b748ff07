"""Sign: keep what was typed as a submission, and have a mail sent to the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from petition import addresses, clock, keys
from petition.addresses import Address
from petition.columns import new_public_id
from petition.declarations.models import Declaration, DeclarationText, State
from petition.outbox import posting
from petition.signatures.models import Channel, Submission
from petition.signatures.refusals import Closed, NotOpen, Paused
from petition.signatures.statements import Statement
from petition.storing import Row

Worded = Mapping[str, str]
"""A consent: its purpose, its exact wording, the language of that, and the partner whose it is, if it is one's."""


@dataclass(frozen=True)
class Origin:
    """How a submission came: channel, source, the slug of the partner, and the network (a keyed hash)."""

    channel: Channel = Channel.WEB
    source: str = ""
    partner: str = ""
    network: bytes | None = None


def sign(
    text: DeclarationText,
    statement: Statement,
    *,
    address: Address,
    consents: Iterable[str],
    origin: Origin,
    shared: Worded | None = None,
) -> tuple[Row, Row]:
    """Make a submission and the mail that asks to confirm it: two rows that ``store`` keeps as one fact.

    It looks at no signature and at no other submission, so that it does the same work whether the address
    is new, pending or has signed; what the mail will say is decided when it is written. ``consents`` are
    the purposes agreed to besides ``agree``; ``shared`` is the partner's.
    Raises NotOpen, Paused and Closed.
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
        "loose_mailbox": kept.loose_mailbox,
        "domain": kept.domain,
        "network": origin.network,
        "channel": origin.channel,
        "source": origin.source,
        "partner": origin.partner,
        "consents": [*worded(text, ["agree", *consents]), *([shared] if shared else [])],
        "created_at": clock.now(),
        **vars(statement),
    }
    mail = posting.waiting(
        "confirm",
        submission["public_id"],
        scope=text.declaration_id,
        mailbox=kept.mailbox,
        language=text.language,
    )
    return Row(Submission, submission), mail


def refuse_unless_open(declaration: Declaration) -> None:
    """Raises NotOpen, Paused and Closed."""
    state = declaration.state_at(clock.now())
    if state is State.UPCOMING:
        raise NotOpen
    if state is State.PAUSED:
        raise Paused
    if state is State.CLOSED:
        raise Closed


def worded(text: DeclarationText, purposes: Iterable[str]) -> list[Worded]:
    """Each consent with the exact wording that was shown, in the language it was shown in."""
    wordings = text.declaration.plan.consents
    return [
        {"purpose": purpose, "wording": wordings[purpose][text.language], "language": text.language}
        for purpose in purposes
    ]
