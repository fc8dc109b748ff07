"""One site, one browser, and every page fetched once, for all that looks at them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from petition import clock
from petition.accounts.models import StaffSession
from petition.extensions import db, writing
from tests.browser.conftest import chromium
from tests.quality import office, site, staff_pages
from tests.quality.pages import LANGUAGES, STAFF_LANGUAGES, STATES, Shown, see
from tests.quality.site import Site

__all__ = ["chromium"]


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site.running(tmp_path_factory.mktemp("quality"), office.furnish) as found:
        yield found


@pytest.fixture(scope="package")
def shown(running: Site) -> list[Shown]:
    """Every page and state in every language."""
    return [see(running, state, language) for state in STATES for language in LANGUAGES]


@pytest.fixture(scope="package")
def staff_shown(running: Site) -> list[Shown]:
    """Every page of the console in the languages in which it is looked at."""
    _prove_anew(running)
    _preview_anew(running)
    return [
        staff_pages.see(running, running.desks[language], state, language)
        for language in STAFF_LANGUAGES
        for state in staff_pages.STATES
    ]


def _prove_anew(running: Site) -> None:
    """A proof is fresh for five minutes, and the site may have been made longer ago; whose was old stays so."""
    with running.app.app_context(), writing():
        for session in db.session.scalars(select(StaffSession).where(StaffSession.proved_at.is_not(None))):
            assert session.proved_at is not None
            if session.proved_at >= session.created_at - timedelta(seconds=1):
                session.proved_at = clock.now()


def _preview_anew(running: Site) -> None:
    """The pages of signatories may have been looked at before, and one of them erases."""
    with running.app.app_context():
        asked = office.preview()
    for desk in running.desks.values():
        desk.ids["preview"] = asked
