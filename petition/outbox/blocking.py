"""Who wants no more mail: each room tells which mailboxes told it so, and every room heeds all of them."""

from collections.abc import Callable, Iterable, Sequence

from flask import Flask, current_app

from petition.outbox.models import Mail

Key = tuple[int, bytes]
"""A scope and a mailbox."""
Finder = Callable[[Sequence[bytes]], Iterable[Key]]
"""Those of these mailboxes that a room was told to leave alone, each with the scope that this holds for."""


def register(app: Flask, finder: Finder) -> None:
    app.extensions.setdefault("petition.blocks", []).append(finder)


def blocked(mails: Sequence[Mail]) -> set[Key]:
    """Which mailboxes of this batch get nothing, whatever it is about."""
    mailboxes = [mail.mailbox for mail in mails if mail.mailbox]
    return {key for finder in current_app.extensions.get("petition.blocks", ()) for key in finder(mailboxes)}
