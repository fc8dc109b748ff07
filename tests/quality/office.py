"""The staff's side of the site: who works there in each language, and what lies on their desks."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from petition import clock
from petition.accounts import granting, sessions
from petition.accounts.cookies import COOKIE
from petition.columns import new_public_id
from petition.console import counting
from petition.declarations.drafts import TEXT
from petition.declarations.notices import ORGANISERS
from petition.deliveries import previews
from petition.deliveries.models import Delivery
from petition.extensions import db
from petition.languages import CODES
from petition.paper import tables, uploads
from petition.partners import notices as partner_notices
from petition.signatures import caring, moderating
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Verdict
from petition.signatures.notices import CONFIRMED
from petition.webhooks import endpoints, targets
from tests import make, staff
from tests.accounts import steps as accounts_steps
from tests.conftest import browser
from tests.declarations import steps as declarations_steps
from tests.deliveries import asked
from tests.signatures import steps as signatures_steps
from tests.staff import Staff

BELOW = f"/console/declarations/{make.SLUG}"
LONG_NAME = "María de los Ángeles Concepción Fernández-Villaverde y Bustamante-Saavedra Wolfeschlegelsteinhausenberger"
LONG_AFFILIATION = "International Interdisciplinary Institute for the Study of Childhood, Technology and Human Dignity"
TABLE = (
    f"Name;Country;Email;Day\n{LONG_NAME};Italien;x;2026-03-04\nفاطمة الفهرية;MA;;2026-03-05\n=1;Narnia;;soon\nA;IT;;\n"
)
ROLES = ("organiser", "operator")
FIRST = {Verdict.APPROVED: Verdict.HELD, Verdict.REINSTATED: Verdict.INVALIDATED}


@dataclass
class Desk:
    """Somebody at work in one language, with every right, and others in whose place they are not."""

    at_work: Staff
    tired: Staff
    """Whose proof is no longer fresh."""
    visitor: FlaskClient
    half_in: FlaskClient
    """Whose password was right."""
    unequipped: FlaskClient
    """The same, without a second factor."""
    ids: dict[str, str] = field(default_factory=dict)
    """By name, of what is looked at."""

    def get(self, path: str) -> TestResponse:
        return self.at_work.get(path.format(**self.ids))

    def post(self, path: str, /, **fields: Any) -> TestResponse:
        return staff.staff_post(self.at_work, path.format(**self.ids), **fields)


def furnish(app: Flask) -> dict[str, Desk]:
    """A desk for each language; before anything serves, so that nobody else writes."""
    ids = {**_signatures(), **_deliveries(), **_people(), "webhook": _webhook(ORGANISERS), "preview": preview()}
    ids["partner"] = make.partner("casa-dei-bambini").slug
    ids["partners_webhook"] = _webhook(partner_notices.owner(ids["partner"]))
    declarations_steps.draft(TEXT, "en", title="A new title")
    db.session.commit()
    counting.count_all()
    desks = {language: _desk(app, language) for language in CODES}
    for language, desk in desks.items():
        desk.ids.update(ids)
        _account, desk.ids["invitation"] = accounts_steps.invited(language=language)
        desk.ids["table"] = _table(desk.at_work)
    db.session.commit()
    return desks


def _desk(app: Flask, language: str) -> Desk:
    given = {"slug": None, "language": language, "name": LONG_NAME}
    return Desk(
        staff.signed_in(app, *ROLES, **given),
        staff.signed_in(app, *ROLES, fresh=False, **given),
        _browser(app, language),
        _half_in(app, language),
        _half_in(app, language, totp_secret=None),
    )


def _browser(app: Flask, language: str) -> FlaskClient:
    client = browser(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return client


def _half_in(app: Flask, language: str, **given: Any) -> FlaskClient:
    _row, token = sessions.begin(staff.account("organiser", language=language, **given), proved=False)
    db.session.commit()
    client = _browser(app, language)
    client.set_cookie(COOKIE, token, domain="localhost", secure=True)
    return client


def _table(who: Staff) -> str:
    """Handed in by them; the path at which it is looked at."""
    read = tables.read(TABLE.encode(), limits=tables.HERE)
    token = uploads.keep(signatures_steps.declaration(), read, owner=who.account.public_id)
    db.session.commit()
    return f"{BELOW}/signatures/import/{token}"


def _people() -> dict[str, str]:
    other, gone = staff.account("editor", name="Katherine Johnson"), staff.account("moderator", name="فاطمة")
    granting.disable(gone)
    db.session.commit()
    return {"person": other.public_id, "gone": gone.public_id}


def preview() -> str:
    """That was taken up, and is not made yet; whoever has themselves erased takes it along."""
    found = previews.ask(declarations_steps.declaration(), asked.order(slug=make.SLUG), chosen=[])
    found.claimed_at = clock.now()
    public_id = found.public_id
    db.session.commit()
    return public_id


def _webhook(owner: str) -> str:
    target = targets.parse("https://www.example.org/hook")
    endpoint, _secret = endpoints.add(target, owner=owner, scope=staff.scope(), hears=[CONFIRMED])
    public_id = endpoint.public_id
    db.session.commit()
    return public_id


def _signatures() -> dict[str, str]:
    """One in each state, by the word for it."""
    made = {}
    for verdict in Verdict:
        signature = make.signature(name=LONG_NAME, affiliation=LONG_AFFILIATION, comment="A comment.")
        for each in filter(None, (FIRST.get(verdict), verdict)):
            moderating.decide(moderating.lock(signature.public_id), each, reason="It looks like a machine.")
        made[str(verdict)] = signature.public_id
        db.session.commit()
    withdrawn = make.signature()
    caring.withdraw(Mailbox(withdrawn.text.declaration, withdrawn.mailbox))
    made["withdrawn"] = withdrawn.public_id
    db.session.commit()
    make.endorsement(organisation=LONG_AFFILIATION, country="IT", approved=False)
    db.session.commit()
    made["submission"] = make.submission(name=LONG_NAME).public_id
    db.session.commit()
    return made


def _deliveries() -> dict[str, str]:
    """As rows that no worker takes up."""
    now = clock.now()
    ended = {"finished_at": now, "manifest_sha256": "0" * 64, "size": 4_000_000, "as_of": now, "count": 70}
    states: dict[str, dict[str, Any]] = {
        "working": {
            "started_at": now,
            "claimed_until": now + timedelta(days=1),
            "stage": "book",
            "done": 1,
            "total": 3,
        },
        "ready": {**ended, "file_name": "child-dignity.zip"},
        "removed": {**ended, "removed_at": now},
        "cancelled": {"cancelled_at": now},
        "failed": {"failed_at": now, "failure": "No space left on device"},
    }
    order = {"slug": make.SLUG, "reader": "addressee"}
    found = {name: new_public_id() for name in states}
    same = {"declaration_id": staff.scope(), "stored_order": order, "asked_at": now}
    for name, facts in states.items():
        db.session.execute(insert(Delivery).values(public_id=found[name], **same, **facts))
    db.session.commit()
    return found
