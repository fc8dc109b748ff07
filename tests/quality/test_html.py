"""The Nu HTML checker has neither an error nor a warning for any page, the stylesheet or the pictures."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import make
from tests.quality import staff_pages
from tests.quality.pages import Shown
from tests.quality.site import Site
from tests.quality.tools import NU, installed
from tests.test_rules import ROOT

pytestmark = pytest.mark.slow

NO_PAGES = {
    "console.start": "leads elsewhere",
    "signatures_staff.by_address_again": "leads elsewhere",
    "deliveries_staff.progress": "answers the page's script",
    "deliveries_staff.preview_progress": "answers the page's script",
    "deliveries_staff.preview_page": "a picture",
}


# The checker ends before the compiler's last stage would pay, and its schemas want a deep stack.
JAVA = ("java", "-Xmx512m", "-Xss4m", "-XX:TieredStopAtLevel=1")


def _complaints(folder: Path, files: Mapping[str, bytes], *options: str) -> list[str]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = [*JAVA, "-jar", installed(NU), "--format", "json", "--stdout", "--exit-zero-always"]
    ended = subprocess.run([*command, *options, folder], capture_output=True, check=True)
    said = json.loads(ended.stdout)["messages"]
    return [f"{Path(each['url']).name}:{each.get('lastLine')}: {each['message']}" for each in said]


def test_no_page_has_an_error_or_a_warning(shown: list[Shown], tmp_path: Path) -> None:
    pages = {f"{each.name}.html": each.answer.body for each in shown}
    assert len(pages) == len(shown) > 500
    found = _complaints(tmp_path, pages)
    assert not found, "\n".join(found[:50])


def test_no_page_of_the_console_has_an_error_or_a_warning(staff_shown: list[Shown], tmp_path: Path) -> None:
    found = _complaints(tmp_path, {f"{each.name}.html": each.answer.body for each in staff_shown})
    assert not found, "\n".join(found[:50])


def test_every_page_of_the_console_is_looked_at(running: Site) -> None:
    """A new one is added to ``staff_pages``."""
    urls = running.app.url_map.bind("localhost")
    paths = [state.path.format(**running.desks["en"].ids).partition("?")[0] for state in staff_pages.LOOKED_AT]
    seen = {urls.match(path)[0] for path in paths}
    pages = {
        rule.endpoint
        for rule in running.app.url_map.iter_rules()
        if rule.rule.startswith("/console") and "GET" in (rule.methods or ())
    }
    assert len(pages) > 30, "the routes were found"
    assert pages - seen == NO_PAGES.keys()


def test_pictures_are_valid(running: Site, tmp_path: Path) -> None:
    pictures = {
        "icon.svg": (ROOT / "static" / "icon.svg").read_bytes(),
        "qr.svg": running.served.get(f"{make.PAGE}/qr.svg").body,
    }
    assert not _complaints(tmp_path, pictures, "--svg")


def test_the_stylesheet_is_valid(tmp_path: Path) -> None:
    assert not _complaints(tmp_path, {"site.css": (ROOT / "static" / "site.css").read_bytes()}, "--css")


def test_the_checker_would_find_something(tmp_path: Path) -> None:
    page = b'<!doctype html><html lang="en"><head><title>x</title></head><body><p><h1>x</h1></p></body></html>'
    assert _complaints(tmp_path, {"broken.html": page})
