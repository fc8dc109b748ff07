"""Which events there are: the rooms in which they happen register them, each with who composes its notices."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from flask_babel import LazyString

from petition.webhooks.failures import Unsent
from petition.webhooks.models import Notice


@dataclass(frozen=True)
class NotDue:
    """Nothing is to be told, now or later."""

    reason: Unsent


Composed = Mapping[str, Any] | NotDue
Composer = Callable[[Sequence[Notice]], Sequence[Composed]]
"""Writes the data of notices of one event: a batch at once, so that it asks the database little."""


@dataclass(frozen=True)
class Event:
    name: str
    """As receivers know it; it never changes."""
    label: LazyString
    compose: Composer
    owners: str | None = None
    """The kind of owner that alone hears of it; None where every kind does."""


def register(app: Flask, *events: Event) -> None:
    known: dict[str, Event] = app.extensions.setdefault("petition.webhook_events", {})
    known.update({event.name: event for event in events})


def known() -> Mapping[str, Event]:
    found: dict[str, Event] = current_app.extensions.get("petition.webhook_events", {})
    return dict(sorted(found.items()))


def open_to(owner: str) -> Mapping[str, Event]:
    """The events of which this owner, or every one of this kind, can hear."""
    kind = owner.partition(":")[0]
    return {name: event for name, event in known().items() if event.owners in (None, kind)}


def compose(notices: Sequence[Notice]) -> list[tuple[Notice, Composed]]:
    """Write the notices for the state found now; an event of a room that is no more is not due."""
    batches: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        batches[notice.event].append(notice)
    registered = known()
    written: list[tuple[Notice, Composed]] = []
    for name, batch in batches.items():
        event = registered.get(name)
        composed = event.compose(batch) if event else [NotDue(Unsent.NO_EVENT)] * len(batch)
        written += zip(batch, composed, strict=True)
    return written
