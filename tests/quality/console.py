"""The console's screens for the gallery: an organiser who is signed in, figures that were counted, a delivery."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from petition import clock
from petition.accounts import sessions
from petition.accounts.cookies import COOKIE
from petition.console.carrying import counting
from petition.extensions import begin_writing, db, writing
from petition.partners import notices as partner_notices
from petition.partners import reading as partners
from petition.signatures.models import Submission
from petition.signatures.notices import CONFIRMED, CONSENT_GIVEN, CONSENT_WITHDRAWN, WITHDRAWN
from petition.webhooks import endpoints, targets
from tests import make, staff
from tests.partners.steps import submit, through
from tests.quality.office import Desk
from tests.quality.site import COUNTRIES, PARTNER, PEOPLE, Site
from tests.running import until

NAME = "console-"
BELOW = f"/console/declarations/{make.SLUG}/"
DESK, PHONE = ("light", 1280), ("dark", 360)
HOURS = "section[aria-labelledby=hours-title] rect.mark"
TALL = "columns => columns.filter(one => one.height.baseVal.value > 0).length"
COUNTED_WITHIN = timedelta(seconds=120)
MADE_WITHIN = timedelta(seconds=180)
LONG_AGO = timedelta(days=10)


@dataclass(frozen=True)
class Screen:
    """A staff page, from a place on it downwards; its path is one of the declaration's, or begins with a slash."""

    title: str
    name: str
    path: str
    place: str = "body"
    looks: tuple[tuple[str, int], ...] = (DESK,)

    def file(self, light: str, width: int) -> str:
        return f"{NAME}{self.name}-{light}-{width}.webp"


SCREENS = (
    Screen("Console: the home", "home", "", looks=(DESK, PHONE)),
    Screen("Console: its plots", "plots", "", "#hours-title"),
    Screen("Console: writing a text", "editor", "texts/en"),
    Screen("Console: signatures", "signatures", "signatures", "form[role=search]"),
    Screen("Console: a delivery that is ready", "delivery", "deliveries"),
    Screen("Console: partners side by side", "carried", "/console/carrying"),
    Screen("Console: a partner’s webhooks", "webhooks", f"/console/carrying/{PARTNER}/webhooks", looks=(DESK, PHONE)),
)


def furnish(app: Flask) -> dict[str, Desk]:
    """Partners through whom some came, and a machine of one; before anything serves, so that nobody else writes."""
    byron, casa = partners.find(PARTNER), make.partner("casa-dei-bambini", name="Casa dei Bambini")
    assert byron is not None
    for partner, confirmed, pending in ((byron, 9, 1), (casa, 4, 3)):
        for person in PEOPLE[:confirmed]:
            through(partner, **{**person, "visibility": "counted"})
        for _nth in range(pending):
            submit(partner)
    # Whose links to confirm have run out.
    db.session.execute(update(Submission).where(Submission.partner != "").values(created_at=clock.now() - LONG_AGO))
    target, owner = targets.parse("https://crm.example.org/hooks"), partner_notices.owner(PARTNER)
    endpoints.add(target, owner=owner, scope=None, hears=(CONFIRMED, WITHDRAWN, CONSENT_GIVEN, CONSENT_WITHDRAWN))
    db.session.commit()
    make.move_tally(app)
    counting.count_all()
    return {}


def prepare(running: Site) -> str:
    """Bring figures and an organiser; returns the cookie of their session."""
    with running.app.app_context():
        # The server's processes write too: whoever reads first and writes later would fail at once.
        begin_writing()
        organiser = staff.account("organiser", slug=None, name="Grace Hopper")
        with writing():
            _row, token = sessions.begin(organiser, proved=True)
        begin_writing()
        now = clock.now()
        make.counts(*((now - timedelta(hours=back), COUNTRIES[back % 10], 3 + back * 7 % 23) for back in range(1, 48)))
        db.session.remove()
    return token


def sign_in(context: BrowserContext, running: Site, token: str) -> Page:
    address = running.served.url.replace("http:", "https:")
    context.add_cookies([{"name": COOKIE, "value": token, "url": address, "secure": True}])
    return context.new_page()


def show(page: Page, running: Site, screen: Screen) -> None:
    """With what it needs to be worth looking at: figures on the home, a package among the deliveries."""
    site = running.served.url + BELOW
    address = running.served.url + screen.path if screen.path.startswith("/") else site + screen.path
    if screen.path == "":
        until(
            lambda: page.goto(site) and page.locator(HOURS).evaluate_all(TALL) > 40,
            within=COUNTED_WITHIN,
            every=timedelta(seconds=1),
            what="hours on the home",
        )
    if screen.path == "deliveries":
        _deliver(page, site)
    page.goto(address)
    expect(page.locator("h1")).to_have_count(1)


def _deliver(page: Page, site: str) -> None:
    page.goto(f"{site}deliveries/new")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Make the delivery").click()
    ready = page.get_by_role("button", name="Download")
    expect(ready).to_be_visible(timeout=MADE_WITHIN.total_seconds() * 1000)
