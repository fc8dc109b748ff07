"""What this room brings: pages and commands for organisations, their mails, and what is kept and counted of them."""

from flask import Flask

from petition import keys
from petition.endorsements import (
    asking,
    commands,
    counting,
    keeping,
    mailboxes,
    mailed_views,
    mails,
    samples,
    views,
)
from petition.endorsements.models import Endorsement, EndorsementSubmission
from petition.outbox import blocking, composing, personal_links, previewing
from petition.privacy import keepers
from petition.tally import recounting


def move_in(app: Flask) -> None:
    keys.encrypts(app, EndorsementSubmission.address, Endorsement.address)
    for blueprint in (views.views, mailed_views.views, commands.commands):
        app.register_blueprint(blueprint)
    for kind, composer in mails.COMPOSERS.items():
        composing.register(app, kind, composer)
    for (kind, shape), sample in samples.SAMPLES.items():
        previewing.register(app, kind, sample, shape=shape)
    blocking.register(app, mailboxes.find_blocked)
    personal_links.register(app, asking.find_held)
    keepers.register(app, keeping.KEEPER)
    recounting.register(app, counting.count_rows)
