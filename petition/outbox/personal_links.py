"""What else a mailbox's owner can look after: each room tells, so that one mail hands over every personal link."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app
from flask_babel import LazyString


@dataclass(frozen=True)
class Held:
    """One thing that a room keeps for a mailbox, and how its owner gets to it."""

    scope: int
    mailbox: bytes
    address: str
    """The one that confirmed it."""
    confirmed_at: datetime
    title: str
    """Of the declaration, in this ``language``."""
    language: str
    words: LazyString
    """What the link leads to."""
    make_link: Callable[[str], str]
    """A new personal link, for a mail in the given language; minted in the mail's transaction."""


Finder = Callable[[Sequence[bytes]], Iterable[Held]]
"""What a room keeps for any of these mailboxes."""


def register(app: Flask, finder: Finder) -> None:
    app.extensions.setdefault("petition.personal_links", []).append(finder)


def find(mailboxes: Sequence[bytes]) -> dict[bytes, list[Held]]:
    """By mailbox, what the registered rooms keep, the one confirmed last at the end."""
    finders = current_app.extensions.get("petition.personal_links", ())
    found: dict[bytes, list[Held]] = defaultdict(list)
    for held in sorted((each for finder in finders for each in finder(mailboxes)), key=lambda each: each.confirmed_at):
        found[held.mailbox].append(held)
    return found
