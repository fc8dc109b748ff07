"""What the rooms of level 1 do for each other, though they do not know each other: their rounds and their keepers."""

from datetime import timedelta

from flask import Flask

from petition.defence import clients
from petition.extensions import writing
from petition.outbox import sending, sweeping
from petition.outbox.handing_over import PostOffice
from petition.privacy import keepers, personal
from petition.privacy.keepers import Keeper, Person
from petition.settings import Settings
from petition.tally import moving
from petition.worker import rounds
from petition.worker.rounds import Work


def join(app: Flask) -> None:
    """Have the worker send, move and purge, and privacy ask the outbox and the defence."""
    settings: Settings = app.extensions["petition.settings"]
    rounds.register(app, "outbox", every=timedelta(seconds=1), make_work=lambda _app: _send_mails(settings))
    rounds.register(app, "tally", every=settings.tally_every, make_work=lambda _app: moving.move)
    rounds.register(app, "purge", every=timedelta(hours=1), make_work=lambda _app: purge)
    keepers.register(app, _OUTBOX)
    keepers.register(app, _NETWORKS)


def purge() -> bool:
    """One batch, committed by itself, so that nobody waits long for the write lock."""
    with writing():
        removed = personal.purge()
    return personal.more_waits(removed)


def _send_mails(settings: Settings) -> Work:
    office = PostOffice.from_settings(settings)
    return lambda: sending.send_due(office) > 0


def _forget_mails(person: Person) -> list[str]:
    sweeping.forget(person.mailbox, scope=person.scope)
    return []


_OUTBOX = Keeper(
    "outbox",
    access=lambda person: {"mails": sweeping.access(person.mailbox, scope=person.scope)},
    forget=_forget_mails,
    purge=sweeping.sweep,
    discloses=(sweeping.MAILS,),
)
_NETWORKS = Keeper("defence", access=lambda person: {}, forget=lambda person: [], purge=clients.destroy_old_keys)
