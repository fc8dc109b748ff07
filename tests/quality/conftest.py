"""One site, one browser, and every page fetched once, for all that looks at them."""

from collections.abc import Iterator

import pytest

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
    return [
        staff_pages.see(running, running.desks[language], state, language)
        for language in STAFF_LANGUAGES
        for state in staff_pages.STATES
    ]
