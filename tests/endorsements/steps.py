"""The steps of an organisation, taken as a browser takes them: what a page shows is what is posted."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from petition.endorsements import deciding
from petition.endorsements.models import Endorsement, EndorsementSubmission
from petition.extensions import db
from petition.tally import noting, recounting
from petition.tally.models import ORGANISATION
from petition.tally.sources import Names
from tests import make
from tests.conftest import Mailbag
from tests.signatures.steps import declaration, look

LIST = f"/en/{make.SLUG}/endorsements"


def endorse(client: FlaskClient, address: str, **given: Any) -> None:
    """Post the form and be told to look into the mailbox."""
    answer = client.post(make.ENDORSE, data=make.endorse_form(email=address, **given))
    assert answer.status_code == 303, answer.get_data(as_text=True)


def ask(client: FlaskClient, mails: Mailbag, address: str, **given: Any) -> str:
    """Endorse; returns the path of the confirmation link that was mailed."""
    endorse(client, address, **given)
    return make.link(mails.take_one().message, "endorsement/confirm")


def confirm(client: FlaskClient, link: str) -> None:
    """Open the mailed link and press its button."""
    assert client.post(link, data=look(client, link).forms[0].values).status_code == 303


def become_held(client: FlaskClient, mails: Mailbag, address: str, **given: Any) -> str:
    """Endorse and confirm; returns the path of the personal link that was mailed."""
    confirm(client, ask(client, mails, address, **given))
    return make.link(mails.take_one().message, "endorsement")


def approve(endorsement: Endorsement) -> None:
    deciding.approve(endorsement.public_id)
    db.session.commit()


def decline(endorsement: Endorsement, reason: str = "Not an organisation.") -> None:
    deciding.decline(endorsement.public_id, reason=reason)
    db.session.commit()


def endorsements() -> list[Endorsement]:
    """All there are, read afresh."""
    db.session.commit()
    return list(db.session.scalars(select(Endorsement).order_by(Endorsement.id)))


def the_endorsement() -> Endorsement:
    found = endorsements()
    assert len(found) == 1
    return found[0]


def submissions() -> list[EndorsementSubmission]:
    db.session.commit()
    return list(db.session.scalars(select(EndorsementSubmission).order_by(EndorsementSubmission.id)))


def counted(app: Flask) -> int:
    """The organisations' number once the tally has moved; a count of the rows must agree with it."""
    make.move_tally(app)
    app.extensions["petition.shelf"].clear()
    db.session.commit()
    assert not recounting._drift(recounting._counted(), Names())
    assert not recounting._totals_off()
    tally = noting.find(declaration().id, kind=ORGANISATION)
    shown = tally.count if tally else 0
    assert shown == db.session.scalar(select(func.count()).where(Endorsement.counted))
    return shown


def listed(app: Flask, client: FlaskClient, path: str = LIST) -> str:
    """The public list, freshly made."""
    app.extensions["petition.shelf"].clear()
    return look(client, path).html
