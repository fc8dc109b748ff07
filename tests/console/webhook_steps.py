"""What the tests of webhooks' pages share: those of organisers and of a partner, which are the same."""

import re
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from petition.accounts.trail_models import TrailEntry
from petition.declarations.notices import ORGANISERS
from petition.extensions import db
from petition.partners.models import Partner
from petition.signatures.models import Signature
from tests import make, staff
from tests.partners.steps import through, works_for
from tests.staff import Staff, staff_post

PAGE = f"/console/declarations/{make.SLUG}/webhooks"
BYRONS = "/console/carrying/byron/webhooks"
EVENTS = ["signature.confirmed", "declaration.closed"]


@dataclass(frozen=True)
class Side:
    """Whose webhooks they are: the pages are the same."""

    page: str
    owner: str
    partner: Partner | None = None

    def sign_in(self, app: Flask, *, fresh: bool = True) -> Staff:
        if self.partner is None:
            return staff.signed_in(app, "organiser", fresh=fresh)
        return works_for(app, self.partner, fresh=fresh)

    def sign(self) -> Signature:
        """Somebody signs, and they hear of it."""
        return through(self.partner, agreed=False)

    def add(self, client: Staff, url: str) -> tuple[str, str]:
        """The id and the secret of a webhook that was added by the form."""
        answer = staff_post(client, self.page, url=url, declaration=make.SLUG, events=EVENTS)
        assert answer.status_code == 200, answer.text
        secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
        public_id = re.search(rf'href="{self.page}/([\w-]+)"', answer.text)
        assert secret and public_id
        return public_id[1], secret[0]


ORGANISERS_SIDE = Side(PAGE, ORGANISERS)


def acts() -> list[str]:
    """What the audit trail says was done to webhooks."""
    entries = db.session.scalars(select(TrailEntry.act).order_by(TrailEntry.number)).all()
    return [act for act in entries if act.startswith("webhook.")]
