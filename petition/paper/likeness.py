"""Likeness: when somebody on a sheet is the same as, or may be the same as, somebody who is there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from petition.paper.refusals import (
    AddressAbove,
    AlreadySigned,
    NameAbove,
    NamedElsewhere,
    PerhapsSigned,
    WithdrewBefore,
)

MOST_TOLD = 10
"""Of those who have one name and country."""


@dataclass(frozen=True)
class Likeness:
    """By what people are compared: their mailbox if they gave one, and their name, either way round, and country."""

    mailbox: bytes | None
    country: str
    name: str | None
    turned: str | None

    @property
    def names(self) -> set[tuple[str, str]]:
        return {(self.country, name) for name in (self.name, self.turned) if name}


@dataclass(frozen=True)
class Known:
    """Somebody who is there: under a public id, or so far only in an earlier row of the same table."""

    likeness: Likeness
    public_id: str = ""
    withdrawn: bool = False
    row: int = 0


class There:
    """Who is there already, as far as was asked; whoever is entered is added."""

    def __init__(self) -> None:
        self._by_mailbox: dict[bytes, Known] = {}
        self._by_name: dict[tuple[str, str], list[Known]] = defaultdict(list)

    def add(self, known: Known) -> None:
        """Who withdrew is known by the mailbox alone: a name that was taken back raises no suspicion."""
        if known.likeness.mailbox:
            self._by_mailbox[known.likeness.mailbox] = known
        if known.withdrawn:
            return
        for name in known.likeness.names:
            if len(self._by_name[name]) < MOST_TOLD:
                self._by_name[name].append(known)

    def refuse(self, likeness: Likeness, *, knowingly: bool = False) -> None:
        """Who has the same mailbox is the same; who has the same name and country may be, whether or not either of
        them gave an address. A withdrawal is its owner's word, which no sheet overrides.

        Raises AlreadySigned and WithdrewBefore, and unless done ``knowingly`` PerhapsSigned.
        """
        same = self._by_mailbox.get(likeness.mailbox) if likeness.mailbox else None
        if same is not None:
            raise _same(same)
        if not knowingly and (alike := self._alike(likeness)):
            raise _alike(alike, likeness)

    def _alike(self, likeness: Likeness) -> list[Known]:
        found = (known for name in sorted(likeness.names) for known in self._by_name.get(name, ()))
        return list(dict.fromkeys(found))[:MOST_TOLD]


def _same(known: Known) -> AlreadySigned | WithdrewBefore:
    if known.row:
        return AddressAbove(known.row)
    return (WithdrewBefore if known.withdrawn else AlreadySigned)(known.public_id)


def _alike(alike: Sequence[Known], likeness: Likeness) -> PerhapsSigned:
    there = [known for known in alike if not known.row]
    if not there:
        return NameAbove(alike[0].row)
    elsewhere = likeness.mailbox and all(known.likeness.mailbox for known in there)
    return (NamedElsewhere if elsewhere else PerhapsSigned)(*(known.public_id for known in there))
