"""axe-core finds nothing to say about any page in any state: WCAG 2.2 AA, and its own best practice."""

import os
import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Page

from tests.quality import showing
from tests.quality.pages import LANGUAGES, SOME, Shown
from tests.quality.tools import AXE, installed
from tests.running import ORDEAL
from tests.test_rules import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colours: in the dark nothing else of a page is another, as a test here makes sure."""
RUN = """those => axe.run(document, {preload: false, resultTypes: ['violations'], runOnly: those})
  .then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.map(({target, failureSummary}) => `${id} at ${target}: ${failureSummary}`)))"""
LIGHTS = [
    *((language, "light", 1280) for language in LANGUAGES),
    ("en", "dark", 1280),
    ("ar", "dark", 1280),
    # Narrow pages stack what stands side by side on wide ones; English and Arabic show both directions of it.
    ("en", "light", 360),
    ("ar", "light", 360),
]
FAINT = '<!doctype html><html lang="en"><title>x</title><h1 style="color: #eee; background: #fff">Words</h1></html>'
STAFF_LIGHTS = [("en", "light", 1280), ("ar", "dark", 360)]
if os.environ.get(ORDEAL) == "full":
    STAFF_LIGHTS = [*LIGHTS, ("en", "dark", 360), ("ar", "dark", 360)]
BROKEN = '<!doctype html><html lang="en"><title>x</title><main><h1>x</h1><img src="/static/icon.svg"></main></html>'


@pytest.mark.ordeal
@pytest.mark.parametrize(("language", "light", "width"), LIGHTS)
def test_axe_finds_nothing_on_any_page(
    chromium: Browser, shown: list[Shown], language: str, light: str, width: int
) -> None:
    with chromium.new_context(color_scheme=light, viewport={"width": width, "height": 800}) as context:  # type: ignore[arg-type]
        context.add_init_script(path=installed(AXE))
        page = context.new_page()
        pages = [each for each in shown if each.language == language and _is_looked_at(each)]
        found = _violations(page, pages, COLOURS if light == "dark" else TAGS)
        assert not found, "\n".join(found[:30])


@pytest.mark.ordeal
@pytest.mark.parametrize(("language", "light", "width"), STAFF_LIGHTS)
def test_axe_finds_nothing_on_any_page_of_the_console(
    chromium: Browser, staff_shown: list[Shown], language: str, light: str, width: int
) -> None:
    with chromium.new_context(color_scheme=light, viewport={"width": width, "height": 800}) as context:  # type: ignore[arg-type]
        context.add_init_script(path=installed(AXE))
        pages = [each for each in staff_shown if each.language == language]
        found = _violations(context.new_page(), pages, COLOURS if light == "dark" else TAGS)
        assert not found, "\n".join(found[:30])


@pytest.mark.parametrize(
    ("content", "rules", "fault"), [(BROKEN, TAGS, "image-alt"), (FAINT, COLOURS, "color-contrast")]
)
def test_axe_would_find_something(chromium: Browser, content: str, rules: list[str], fault: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_content(content)
        page.evaluate(installed(AXE).read_text())
        assert [found for found in page.evaluate(RUN, rules) if found.startswith(fault)]


@pytest.mark.parametrize("name", ["site.css", "console.css"])
def test_in_the_dark_nothing_but_colours_is_another(name: str) -> None:
    style = (ROOT / "static" / name).read_text()
    dark = re.findall(
        r"@media \(prefers-color-scheme: dark\) \{\n  :root \{\n((?:    --[a-z-]+: #[0-9a-f]+;\n)+)  \}\n\}", style
    )
    assert len(dark) == 1 == style.count("prefers-color-scheme")


def _is_looked_at(shown: Shown) -> bool:
    """Rarer states differ from the usual one in a sentence or two: in every language they are looked at by the ordeal.

    A run takes half a second, and there are seven hundred.
    """
    return shown.state.usual or shown.language in SOME or os.environ.get(ORDEAL) == "full"


def _violations(page: Page, shown: Sequence[Shown], rules: list[str]) -> list[str]:
    assert len(shown) > 20, "the pages are there"
    found = []
    for each in shown:
        showing.show(page, each)
        found += [f"{each.name}: {violation}" for violation in page.evaluate(RUN, rules)]
    return found
