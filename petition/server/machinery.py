"""What the rooms of level 1 do for each other, though they do not know each other: their rounds and their keepers."""

from datetime import timedelta

from flask import Flask

from petition import keys
from petition.defence import clients
from petition.defence.models import NetworkKey
from petition.extensions import writing
from petition.outbox import sending, sweeping
from petition.outbox.handing_over import PostOffice
from petition.partners.models import Partner
from petition.privacy import keepers, personal
from petition.privacy.keepers import Keeper, Person
from petition.settings import Settings
from petition.tally import moving
from petition.webhooks import sweeping as webhook_sweeping
from petition.webhooks.calling import Caller
from petition.webhooks.models import WebhookEndpoint
from petition.webhooks.switchboard import Switchboard
from petition.worker import rounds
from petition.worker.rounds import Work


def join(app: Flask) -> None:
    """Have the worker send, call, move and purge, and privacy ask the outbox, the defence and the webhooks."""
    settings: Settings = app.extensions["petition.settings"]
    keys.encrypts(app, NetworkKey.sealed_key, WebhookEndpoint.secret, WebhookEndpoint.old_secret, Partner.contact)
    rounds.register(app, "outbox", every=timedelta(seconds=1), make_work=lambda _app: _send_mails(settings))
    rounds.register(app, "webhooks", every=timedelta(seconds=1), make_work=_call_webhooks)
    rounds.register(app, "tally", every=settings.tally_every, make_work=lambda _app: moving.move)
    rounds.register(app, "purge", every=timedelta(hours=1), make_work=lambda _app: purge)
    keepers.register(app, _OUTBOX)
    keepers.register(app, _NETWORKS)
    keepers.register(app, _NOTICES)


def purge() -> bool:
    """One batch, committed by itself, so that nobody waits long for the write lock."""
    with writing():
        removed = personal.purge()
    return personal.more_waits(removed)


def _send_mails(settings: Settings) -> Work:
    office = PostOffice.from_settings(settings)
    return lambda: sending.send_due(office) > 0


def _call_webhooks(app: Flask) -> Work:
    return Switchboard(app, Caller.from_settings(app.extensions["petition.settings"])).work


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
# A notice names a signature by its public id alone, and that stays with the anonymous row.
_NOTICES = Keeper("webhooks", access=lambda person: {}, forget=lambda person: [], purge=webhook_sweeping.sweep)
