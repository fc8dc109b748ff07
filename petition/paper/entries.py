"""Entries: a line of a signing sheet, as it was typed, and as it will be stored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from petition import addresses, clock, keys
from petition.addresses import Address
from petition.columns import new_public_id
from petition.declarations.models import Declaration
from petition.paper import days
from petition.paper.likeness import Likeness
from petition.signatures import searching, signing
from petition.signatures.consenting import REQUIRED
from petition.signatures.models import Channel
from petition.signatures.signing import Worded
from petition.signatures.statements import Statement

SOURCE = "paper"
"""The source where no other is named."""


@dataclass(frozen=True)
class Entry:
    """One line of a signing sheet: what it states, the day on it, and the address if there is one."""

    statement: Statement
    signed_on: date
    language: str
    """Of the sheet: which text was signed, and in which words the consents were given."""
    source: str = SOURCE
    address: Address | None = None
    consents: Collection[str] = ()
    """The purposes agreed to on the sheet besides ``agree``."""


@dataclass(frozen=True)
class Ready:
    """An entry as it will be stored; made without asking who is there, so that nobody waits for the work of it."""

    signed_on: date
    values: dict[str, Any]
    consents: Sequence[Worded]

    @classmethod
    def make(cls, declaration: Declaration, entry: Entry) -> Self:
        text = days.text_of(declaration, language=entry.language, day=entry.signed_on)
        kept = addresses.keep(entry.address, keys.ring()) if entry.address else None
        values = {
            "public_id": new_public_id(),
            "declaration_id": declaration.id,
            "text_id": text.id,
            "language": entry.language,
            "channel": Channel.PAPER,
            "source": entry.source,
            "partner": "",
            "created_at": clock.now(),
            "confirmed_at": days.moment(declaration, entry.signed_on),
            "mailbox": kept and kept.mailbox,
            "loose_mailbox": kept and kept.loose_mailbox,
            "domain": kept and kept.domain,
            "address": kept and kept.encrypted,
            "search_name": searching.key(entry.statement.name),
            "search_turned": searching.turned_key(entry.statement.name),
            **vars(entry.statement),
        }
        return cls(entry.signed_on, values, signing.worded(text, [REQUIRED, *entry.consents]))

    @property
    def public_id(self) -> str:
        return str(self.values["public_id"])

    @cached_property
    def likeness(self) -> Likeness:
        """By what it is compared with those that are there."""
        names = (self.values[each] for each in ("search_name", "search_turned"))
        return Likeness(self.values["mailbox"], self.values["country"], *names)
