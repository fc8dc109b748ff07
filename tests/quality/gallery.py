"""``python -m tests.quality.gallery``: pictures of the public pages and their states, and of the console's."""

import argparse
import base64
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.quality import console, showing, site
from tests.quality.pages import STATES, see
from tests.quality.site import Site

ROOT = Path(__file__).parent.parent.parent
SIZES = {360: 780, 1280: 860}
LIGHTS = ("light", "dark")
QUALITY = {360: 28, 1280: 18}
"""Of WebP: words can be read, and all of it stays below what a clone should carry."""


@dataclass(frozen=True)
class View:
    """A page in a state, from a place on it downwards."""

    title: str
    state: str
    place: str = "body"
    languages: tuple[str, ...] = ("en", "ar")

    @property
    def name(self) -> str:
        return f"{self.state}{'' if self.place == 'body' else '-' + self.place.strip('#')}"

    def looks(self, language: str) -> list[tuple[str, int]]:
        """Light and width of each picture; rarer states and other scripts have fewer, for their weight."""
        if language not in ("en", "ar"):
            return [("light", width) for width in SIZES]
        if len(self.languages) == 1:
            return [("light", 360), ("light", 1280), ("dark", 360)]
        return [(light, width) for light in LIGHTS for width in SIZES]


VIEWS = (
    View("The declaration", "declaration", languages=("en", "ar", "zh", "hi")),
    View("Adding one’s name", "declaration", "#sign", ("en",)),
    View("Who has signed", "declaration", "#who"),
    View("Not yet open", "declaration-not-yet-open", languages=("en",)),
    View("Paused", "declaration-paused", languages=("en",)),
    View("Closed, and handed over", "declaration-closed"),
    View("A form that comes back", "sign-errors"),
    View("Check your mail", "check-your-mail"),
    View("Confirming", "confirm"),
    View("Confirmed", "confirmed"),
    View("One’s own signature", "signature-corrected"),
    View("Withdrawn", "signature-withdrawn", languages=("en",)),
    View("Signatories", "signatories", languages=("en", "ar", "zh")),
    View("Numbers", "numbers"),
    View("Organisations", "endorsements"),
    View("An organisation endorses", "endorse", languages=("en",)),
    View("The form inside a partner’s page, in the partner’s colours", "frame", languages=("en",)),
    View("What a partner copies", "partner", languages=("en",)),
    View("A card on another site", "card", languages=("en",)),
    View("An expired link", "link-expired", languages=("en",)),
    View("A link that leads nowhere", "link-unknown", languages=("en",)),
    View("No such page", "not-found"),
    View("Over the limit", "too-many", languages=("en",)),
    View("Database offline", "database-away", languages=("en",)),
    View("Server error", "server-error", languages=("en",)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for old in given.out.glob(f"{given.only}*.webp"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory(prefix="gallery-") as folder,
        site.running(Path(folder), console.furnish) as running,
    ):
        for name, picture in _pictures(running, given.only):
            (given.out / name).write_bytes(picture)
    (given.out / "README.md").write_text(_page())
    return 0


def _pictures(running: Site, only: str) -> Iterator[tuple[str, bytes]]:
    """Those whose names begin with ``only``."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--hide-scrollbars"])
        for light in LIGHTS:
            for width, height in SIZES.items():
                size = {"width": width, "height": height}
                with chromium.new_context(viewport=size, color_scheme=light) as context:  # type: ignore[arg-type]
                    page = context.new_page()
                    for view in VIEWS:
                        for language in view.languages:
                            name = _name(view, language, light, width)
                            if (light, width) in view.looks(language) and name.startswith(only):
                                yield name, _picture(page, running, view, language)
        if console.NAME.startswith(only) or only.startswith(console.NAME):
            yield from _console_pictures(chromium, running, only)
        chromium.close()


def _console_pictures(chromium: Browser, running: Site, only: str) -> Iterator[tuple[str, bytes]]:
    token = console.prepare(running)
    for light, width in ((light, width) for light in LIGHTS for width in SIZES):
        size = {"width": width, "height": SIZES[width]}
        with chromium.new_context(viewport=size, color_scheme=light, locale="en-GB") as context:  # type: ignore[arg-type]
            page = console.sign_in(context, running, token)
            for screen in console.SCREENS:
                name = screen.file(light, width)
                if (light, width) in screen.looks and name.startswith(only):
                    console.show(page, running, screen)
                    yield name, _taken(page, screen.place)


def _picture(page: Page, running: Site, view: View, language: str) -> bytes:
    state = next(state for state in STATES if state.name == view.state)
    showing.show(page, see(running, state, language))
    return _taken(page, view.place)


def _taken(page: Page, place: str) -> bytes:
    page.locator(place).evaluate("one => one.scrollIntoView({block: 'start'})")
    assert page.viewport_size
    how = {"format": "webp", "quality": QUALITY[page.viewport_size["width"]]}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", how)
    return base64.b64decode(taken["data"])


def _name(view: View, language: str, light: str, width: int) -> str:
    return f"{view.name}-{language}-{light}-{width}.webp"


def _page() -> str:
    """All pictures under their titles, those of one language in a row."""
    parts = ["# Gallery\n\nMade by `make gallery`, with made-up signatories. Phones are 360 pixels wide, desks 1280.\n"]
    for view in VIEWS:
        parts.append(f"\n## {view.title}\n")
        for language in view.languages:
            names = [(_name(view, language, light, width), width) for light, width in view.looks(language)]
            parts.append(_row(names))
    for screen in console.SCREENS:
        parts.append(f"\n## {screen.title}\n")
        parts.append(_row([(screen.file(light, width), width) for light, width in screen.looks]))
    return "".join(parts)


def _row(names: list[tuple[str, int]]) -> str:
    row = [f'<img src="{name}" alt="{name[:-5]}" width="{width // 4 + 60}">' for name, width in names]
    return f"\n{' '.join(row)}\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.quality.gallery", description="Picture the pages.")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs" / "gallery", metavar="FOLDER", help="write them there"
    )
    parser.add_argument("--only", default="", metavar="PREFIX", help="only pictures whose names begin so, console- say")
    return parser


if __name__ == "__main__":
    sys.exit(main())
