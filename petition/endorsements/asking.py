"""What this room adds to the mail with which people who lost their links are answered."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask_babel import lazy_gettext
from sqlalchemy import select

from petition import keys, links
from petition.endorsements.mailboxes import Mailbox
from petition.endorsements.models import Endorsement, Purpose
from petition.extensions import db
from petition.outbox.personal_links import Held


def find_held(mailboxes: Sequence[bytes]) -> Iterator[Held]:
    """The endorsements of these mailboxes, withdrawn ones too."""
    for endorsement in db.session.scalars(select(Endorsement).where(Endorsement.mailbox.in_(mailboxes))):
        if endorsement.mailbox and endorsement.address:
            yield Held(
                scope=endorsement.declaration_id,
                mailbox=endorsement.mailbox,
                address=keys.ring().decrypt(endorsement.address),
                confirmed_at=endorsement.confirmed_at,
                title=endorsement.text.title,
                language=endorsement.text.language,
                words=lazy_gettext("Your organisation’s endorsement"),
                make_link=partial(_link, Mailbox(endorsement.text.declaration, endorsement.mailbox)),
            )


def _link(mailbox: Mailbox, language: str) -> str:
    token = mailbox.mint(Purpose.PERSONAL)
    return links.external("mailed_endorsements.endorsement", language=language, token=token)
