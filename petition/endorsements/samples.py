"""This room's mails about a made-up organisation, for ``petition outbox preview``: the real words, and no database."""

from petition import clock, links
from petition.declarations.sampling import sample_text
from petition.endorsements import wording
from petition.endorsements.models import Decision, Endorsement
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.outbox.previewing import Sample

TO = "ada.lovelace@example.org"
TOKEN = "a-made-up-token-that-opens-nothing-at-all-0"


def endorse(mail: Mail) -> Message:
    confirm, refuse = _link(mail, "confirm"), _link(mail, "refuse")
    return wording.request(mail, sample_text(mail.language), to=TO, confirm=confirm, refuse=refuse)


def endorsed_already(mail: Mail) -> Message:
    return _told(mail, approved=True, already=True)


def endorsed(mail: Mail) -> Message:
    return _told(mail, approved=False)


def approved(mail: Mail) -> Message:
    return _told(mail, approved=True)


def declined(mail: Mail) -> Message:
    return _told(mail, approved=False, reason="We could not reach the organisation to ask.")


SAMPLES: dict[tuple[str, str], Sample] = {
    ("endorse", ""): endorse,
    ("endorse", "already"): endorsed_already,
    ("endorsed", ""): endorsed,
    ("endorsement-approved", ""): approved,
    ("endorsement-declined", ""): declined,
}
"""By kind and shape."""


def _told(mail: Mail, *, approved: bool, already: bool = False, reason: str = "") -> Message:
    now = clock.now()
    endorsement = Endorsement(
        organisation="Society of Analysts",
        person="Ada Lovelace",
        confirmed_at=now,
        counted=approved,
        declined_at=now if reason else None,
        decisions=[Decision(verdict="declined", reason=reason, decided_at=now)] if reason else [],
        text=sample_text(mail.language),
    )
    personal = _link(mail, "endorsement")
    return wording.told(mail, endorsement, to=TO, personal=personal, already=already)


def _link(mail: Mail, page: str) -> str:
    return links.external(f"mailed_endorsements.{page}", language=mail.language, token=TOKEN)
