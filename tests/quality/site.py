"""A site with a life behind it: people and organisations, declarations in every state, links that were mailed."""

import gc
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import update

from petition import addresses, clock, links
from petition.application import create_app
from petition.declarations import folders, publishing
from petition.endorsements import caring as endorsement_caring
from petition.endorsements import endorsing, tickets
from petition.endorsements.forms import Statement as EndorsementStatement
from petition.endorsements.mailboxes import Mailbox as EndorsementMailbox
from petition.endorsements.models import Purpose as EndorsementPurpose
from petition.extensions import db, writing
from petition.languages import CODES
from petition.signatures import caring, refusing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import MailedLink, Purpose, Signature, Submission
from petition.signatures.statements import Statement
from petition.storing import store
from petition.tally import moving
from petition.tally.models import PERSON
from tests import make
from tests.conftest import browser
from tests.quality.office import Desk
from tests.running import Answer, Served, secrets
from tests.services import free_port

UPCOMING, PAUSED, CLOSED, EMPTY = "not-yet-open", "in-a-pause", "now-closed", "just-opened"
PARTNER = "byron"
COLOURS = {
    "light": {"accent": "#7a0019", "background": "#f2e4b8"},
    "dark": {"accent": "#ffd24d", "background": "#3a2440"},
}
LONG_NAME = "María de los Ángeles Concepción Fernández-Villaverde y Bustamante-Saavedra Wolfeschlegelsteinhausenberger"
LONG_AFFILIATION = (
    "International Interdisciplinary Institute for the Study of Childhood, Technology and Human Dignity at the "
    "Faculty of Social Sciences of the Pontifical Gregorian University, Department of Safeguarding"
)
PEOPLE: tuple[dict[str, Any], ...] = (
    {"name": "Ada Lovelace", "country": "GB", "affiliation": "Analytical Society", "role": "Mathematician"},
    {"name": "فاطمة الفهرية", "country": "MA", "affiliation": "جامعة القرويين", "role": "مؤسِّسة"},
    {"name": "李清照", "country": "CN", "affiliation": "山东大学", "role": "诗人"},
    {"name": "सावित्रीबाई फुले", "country": "IN", "role": "शिक्षिका"},
    {"name": LONG_NAME, "country": "BO", "affiliation": LONG_AFFILIATION, "role": "Professor emerita"},
    {"name": "Łucja Żółkiewska", "country": "PL", "sector": "education"},
    {"name": "Nguyễn Thị Minh Khai", "country": "VN"},
    {"name": "Maria Montessori", "country": "IT", "affiliation": "Casa dei Bambini", "sector": "education"},
    {"name": "O", "country": "JP"},
)
COUNTRIES = ("IT", "GB", "CN", "IN", "MA", "PL", "DE", "FR", "BR", "US")


@dataclass
class Site:
    """The server that is asked, and the application on the same database that makes what is asked for."""

    served: Served
    app: Flask
    links: dict[str, str] = field(default_factory=dict)
    """By name, addresses that were mailed, without the language."""
    desks: dict[str, Desk] = field(default_factory=dict)
    """By language, where the staff works, if it was furnished."""

    def get(self, language: str, path: str) -> Answer:
        return self.served.get(f"/{language}{path}")

    def post(self, language: str, path: str, fields: Mapping[str, str]) -> Answer:
        return self.served.post(f"/{language}{path}", fields)

    def ticket(self, language: str) -> str:
        with self.app.app_context():
            return make.ticket(language)

    def endorse_ticket(self, language: str) -> str:
        with self.app.app_context():
            return tickets.make(make.text(language), at=clock.now())

    def over_the_limit(self, language: str) -> Answer:
        """What a second person behind the same connection is told when the first used up the limit."""
        settings = self.app.extensions["petition.settings"]
        self.app.extensions["petition.settings"] = replace(settings, sign_limits="1/minute")
        client = browser(self.app, _address(language))
        fields = make.form(ticket="x", name="فاطمة الفهرية")
        try:
            client.post(f"/{language}/{make.SLUG}/sign", data=fields)
            return _answer(client, "POST", f"/{language}/{make.SLUG}/sign", fields)
        finally:
            self.app.extensions["petition.settings"] = settings

    def broken(self, language: str) -> Answer:
        return _answer(browser(self.app), "GET", f"/{language}/{make.SLUG}/broken")

    def without_database(self, language: str) -> Answer:
        """What the declaration's page says while nothing listens where the database should be."""
        app = create_app(
            make.settings(self.served.folder, database_url=f"postgresql+psycopg://127.0.0.1:{_nobody()}/x")
        )
        try:
            return _answer(browser(app), "GET", f"/{language}/{make.SLUG}")
        finally:
            _dispose(app)


@contextmanager
def running(folder: Path, furnish: Callable[[Flask], dict[str, Desk]] | None = None) -> Iterator[Site]:
    """Fill a database through the verbs, then serve it."""
    port = free_port()
    keys = secrets()
    instance = folder / "instance"
    instance.mkdir()
    settings = make.settings(
        instance, **keys, base_url=f"http://localhost:{port}", sign_limits="1000000/minute", log_level="error"
    )
    app = create_app(settings)
    app.add_url_rule(f"/<language:language>/{make.SLUG}/broken", view_func=_break, endpoint="broken")
    try:
        with app.app_context():
            upgrade()
            _load(folder)
            made = _live()
        make.move_tally(app)
        with app.app_context():
            desks = furnish(app) if furnish else {}
        with Served.start(instance, port=port, tally_every="3600", **keys) as served:
            yield Site(served, app, made, desks)
    finally:
        _dispose(app)


# Declarations


def _load(folder: Path) -> None:
    now = clock.now()
    copies: dict[str, dict[str, str]] = {
        make.SLUG: {},
        UPCOMING: {"opens_at": (now + timedelta(days=30)).isoformat()},
        PAUSED: {"paused": "true"},
        CLOSED: {"closes_at": (now - timedelta(days=3)).isoformat(), "blocks": _HANDOVERS},
        EMPTY: {"closes_at": (now + timedelta(days=90)).isoformat(), "blocks": _FOUNDING},
    }
    for slug, values in copies.items():
        copy = folder / slug
        copy.mkdir()
        for file in folders.SAMPLE.iterdir():
            (copy / file.name).write_bytes(file.read_bytes())
        frame = copy / "declaration.toml"
        frame.write_text(_changed(frame.read_text(), slug, values))
        with writing():
            declaration = publishing.publish(folders.read(copy)).declaration
            if slug in (PAUSED, CLOSED):
                moving.add(Counter({(declaration.id, PERSON, clock.hour_of(now), "IT", "", ""): 8_412}))


def _changed(toml: str, slug: str, values: Mapping[str, str]) -> str:
    given = dict(values)
    blocks = given.pop("blocks", "")
    if slug != make.SLUG:
        toml = re.sub(r"(?m)^slug = .*$", f'slug = "{slug}"', toml)
        toml = re.sub(r"(?m)^featured = .*$", "featured = false", toml)
    for name, value in given.items():
        toml = re.sub(rf"(?m)^(# )?{name} = .*$", f"{name} = {value}", toml)
        assert f"\n{name} = {value}\n" in toml, name
    return toml + blocks


_HANDOVERS = """
[[handovers]]
on = 2026-02-06
en = "The declaration was handed over in a private audience, with the names of all who had signed."
it = "La dichiarazione è stata consegnata in un’udienza privata, con i nomi di tutti i firmatari."
fr = "La déclaration a été remise lors d’une audience privée, avec les noms de tous les signataires."
es = "La declaración se entregó en una audiencia privada, con los nombres de todos los firmantes."
de = "Die Erklärung wurde in einer Privataudienz mit den Namen aller Unterzeichnenden übergeben."
pt = "A declaração foi entregue numa audiência privada, com os nomes de todos os signatários."
pl = "Deklarację przekazano podczas prywatnej audiencji wraz z nazwiskami wszystkich sygnatariuszy."
ar = "سُلِّم الإعلان في مقابلة خاصة، مع أسماء جميع الموقّعين."
hi = "घोषणापत्र एक निजी भेंट में सभी हस्ताक्षरकर्ताओं के नामों के साथ सौंपा गया।"
zh = "宣言已在一次私人接见中连同所有签名者的姓名一并递交。"
"""
_FOUNDING = f"""
[[founding]]
name = "Sor Juana Inés de la Cruz"
role = "President"
affiliation = "{LONG_AFFILIATION[:93]}"
country = "MX"

[[founding]]
name = "ابن رشد"
affiliation = "قرطبة"
country = "ES"
"""


# People


def _live() -> dict[str, str]:
    """Signatures, endorsements, counts, and the links that were mailed; the links by name."""
    made = {**_signatory_links(), **_organisation_links(), **_dead_links(), **_links_to_erase()}
    make.partner(PARTNER, colours=COLOURS)
    make.crowd(70, name=[f"Visitor {number} of Many" for number in range(70)], country=list(COUNTRIES))
    for stated in reversed(PEOPLE):
        make.signature(**stated)
    for name, country in (("جمعية حماية الطفل", "MA"), ("Analytical Society", "GB"), (LONG_AFFILIATION, "IT")):
        make.endorsement(organisation=name, country=country, site="https://www.example.org/about/our-work")
    now = clock.now()
    make.counts(*((now - timedelta(days=day), COUNTRIES[day % 10], 17 + day * 37 % 90) for day in range(1, 90)))
    return made


def _signatory_links() -> dict[str, str]:
    """Nothing here is opened by a button, so that each link leads every reader to the same page."""
    stated = {"name": LONG_NAME, "affiliation": LONG_AFFILIATION, "role": "Professor"}
    waiting = make.submission(consents=("updates",), **stated)
    found = {
        "confirm": _mint(waiting, Purpose.CONFIRM, "/confirm/"),
        "not-me": _mint(waiting, Purpose.REFUSE, "/not-me/"),
        "expired": _mint(make.submission(), Purpose.CONFIRM, "/confirm/", expired=True),
    }
    signature, found["signature"] = _signed(consents=("updates",), affiliation="Analytical Society")
    found["unsubscribe"] = _mint(signature, Purpose.UNSUBSCRIBE, "/unsubscribe/")
    found["confirmed"] = _mint(signature, Purpose.CONFIRM, "/confirm/")
    corrected, found["corrected"] = _signed(name="فاطمة الفهري", affiliation="القرويين", country="MA")
    for name in ("Fatima al-Fihri", "فاطمة الفهرية"):
        said = Statement(name=name, country="MA", visibility="public", affiliation="جامعة القرويين")
        caring.correct(_mailbox(corrected), said, consents=())
    db.session.commit()
    withdrawn, found["withdrawn"] = _signed()
    caring.withdraw(_mailbox(withdrawn))
    db.session.commit()
    found["unsubscribed"] = _mint(withdrawn, Purpose.UNSUBSCRIBE, "/unsubscribe/")
    blocked = make.submission()
    found["blocked"] = _mint(blocked, Purpose.REFUSE, "/not-me/")
    refusing.refuse(_mailbox(blocked))
    db.session.commit()
    return found


def _organisation_links() -> dict[str, str]:
    said = EndorsementStatement(
        organisation=LONG_AFFILIATION, country="IT", site="https://www.example.org", person=LONG_NAME, role="President"
    )
    rows = endorsing.endorse(make.text(), said, address=addresses.parse(make.email()))
    store(*rows)
    box = EndorsementMailbox(make.text().declaration, rows[0].values["mailbox"])
    found = {
        "endorsement-confirm": f"/endorsement/confirm/{box.mint(EndorsementPurpose.CONFIRM)}",
        "endorsement-not-me": f"/endorsement/not-me/{box.mint(EndorsementPurpose.REFUSE)}",
    }
    db.session.commit()
    held, found["endorsement-held"] = _endorsed(approved=False)
    found["endorsement-confirmed"] = f"/endorsement/confirm/{held.mint(EndorsementPurpose.CONFIRM)}"
    db.session.commit()
    _, found["endorsement-approved"] = _endorsed(organisation="Casa dei Bambini", country="IT")
    gone, found["endorsement-withdrawn"] = _endorsed()
    endorsement_caring.withdraw(gone)
    db.session.commit()
    blocked, _ = _endorsed(approved=False)
    found["endorsement-blocked"] = f"/endorsement/not-me/{blocked.mint(EndorsementPurpose.REFUSE)}"
    blocked.refuse()
    db.session.commit()
    return found


def _dead_links() -> dict[str, str]:
    token = links.new_token()
    return {"unknown": f"/signature/{token}", "endorsement-unknown": f"/endorsement/{token}"}


def _links_to_erase() -> dict[str, str]:
    """Personal links of people who signed only to be erased, by a reader of each language."""
    return {
        **{f"erase-signature-{language}": _signed()[1] for language in CODES},
        **{f"erase-endorsement-{language}": _endorsed(approved=False)[1] for language in CODES},
    }


def _signed(**stated: Any) -> tuple[Signature, str]:
    """A signature, and its personal link."""
    signature = make.signature(**{"visibility": "addressee", **stated})
    return signature, _mint(signature, Purpose.PERSONAL, "/signature/")


def _endorsed(**given: Any) -> tuple[EndorsementMailbox, str]:
    endorsed = make.endorsement(**given)
    box = EndorsementMailbox(endorsed.text.declaration, endorsed.mailbox)
    token = box.mint(EndorsementPurpose.PERSONAL)
    db.session.commit()
    return box, f"/endorsement/{token}"


def _mailbox(row: Submission | Signature) -> Mailbox:
    return Mailbox(row.text.declaration, row.mailbox)


def _mint(row: Submission | Signature, purpose: Purpose, path: str, *, expired: bool = False) -> str:
    token = _mailbox(row).mint(purpose)
    db.session.flush()
    if expired:
        past = update(MailedLink).where(MailedLink.digest == links.digest(token))
        db.session.execute(past.values(created_at=clock.now() - timedelta(9), expires_at=clock.now() - timedelta(2)))
    db.session.commit()
    return path + token


# What goes wrong


def _break(language: str) -> NoReturn:
    raise RuntimeError("broken on purpose")


def _nobody() -> int:
    """A port where nobody listens."""
    return free_port()


def _address(language: str) -> str:
    """A network address of its own for each language, so that their limits are apart."""
    return f"192.0.2.{CODES.index(language) + 100}"


def _answer(client: FlaskClient, method: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
    answer = client.open(path, method=method, data=fields)
    return Answer(answer.status_code, dict(answer.headers), answer.data)


def _dispose(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    gc.collect()
