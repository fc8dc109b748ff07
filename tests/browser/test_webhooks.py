"""The webhooks' pages in a real browser: well made in every state, and a secret that is seen once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from petition import clock
from petition.application import create_app
from petition.declarations.notices import ORGANISERS
from petition.extensions import db, writing
from petition.partners import enrolling
from petition.partners import notices as partner_notices
from petition.partners import reading as partners
from petition.partners.enrolling import Details
from petition.settings import Settings
from petition.webhooks import endpoints, events, targets, telling
from petition.webhooks.failures import Failure
from petition.webhooks.models import Notice
from tests import make
from tests.browser.test_console import _is_well_made, page
from tests.running import Served

__all__ = ["page"]

pytestmark = pytest.mark.browser
OWNERS = {
    ORGANISERS: f"/console/declarations/{make.SLUG}/webhooks",
    partner_notices.owner("hooked"): "/console/carrying/hooked/webhooks",
}
"""With where their pages are."""
LONG = f"https://hooks.example.org/{'a-path-that-goes-on/' * 12}"


@contextmanager
def _writing() -> Iterator[None]:
    """In the server's own database."""
    app = create_app(Settings.from_environment())
    with app.app_context():
        with writing():
            yield
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def _partner() -> None:
    with _writing():
        if partners.find("hooked") is None:
            enrolling.create("hooked", Details("Byron Trust"))


def _webhook(owner: str) -> str:
    """One that rests, with a notice that was taken, one that is tried again and one that was given up."""
    with _writing():
        scope = make.text().declaration_id
        made, _ = endpoints.add(targets.parse(LONG), owner=owner, scope=scope, hears=events.open_to(owner))
        # It is looked at, not called: the worker is at work.
        made.failures, made.failing_since = 3, clock.now()
        made.rests_until = clock.now() + timedelta(hours=1)
        for number in range(3):
            telling.tell("declaration.closed", str(number), scope=scope, owners=(owner,))
        db.session.flush()
        taken, tried, gone = db.session.scalars(select(Notice).where(Notice.endpoint_id == made.id))
        taken.sent_at, taken.status, taken.attempts = clock.now(), 204, 1
        tried.reason, tried.status, tried.attempts = Failure.STATUS, 500, 3
        gone.dropped_at, gone.reason, gone.attempts = clock.now(), Failure.TLS, 11
        return made.public_id


@pytest.mark.parametrize("owner", OWNERS)
def test_the_webhooks_pages_are_well_made_in_every_state(served: Served, page: Page, owner: str) -> None:
    _partner()
    below = served.url + OWNERS[owner]
    page.goto(below)
    _is_well_made(page)
    page.locator("input[type=url]").fill("https://10.0.0.1/hooks")
    page.locator("input[type=checkbox]").first.check()
    page.locator("main form button").click()
    expect(page.locator(".error")).to_have_count(1)
    expect(page.locator("input[type=url]")).to_have_value("https://10.0.0.1/hooks")
    _is_well_made(page)
    one = f"{below}/{_webhook(owner)}"
    page.goto(below)
    _is_well_made(page)
    page.goto(one)
    expect(page.locator("tbody tr")).to_have_count(3)
    _is_well_made(page)
    page.locator("details summary").click()
    page.locator("details form button").click()
    expect(page.locator("main code")).to_contain_text("whsec_")
    _is_well_made(page)
    page.goto(one)
    page.locator("form[action$='/disable'] button").click()
    expect(page.get_by_role("status")).to_have_count(1)
    _is_well_made(page)
