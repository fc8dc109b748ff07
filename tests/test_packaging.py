"""What a newcomer's machine is given: pinned packages, and clear words where something cannot be installed."""

import configparser
import gzip
import os
import re
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import make

ROOT = Path(__file__).parent.parent
WORDS = re.compile(r"[A-Za-z0-9_.-]+")
MOST_BYTES = 30_000
"""A declaration's page with everything it needs, as it comes over the wire."""
MOST_BYTES_OF_SCRIPT = 12_000
NEEDED = re.compile(r'(?:<link[^>]*rel="(?:stylesheet|icon)"[^>]*href|<script[^>]*src)="([^"]+)"')


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_that_is_asked_for_is_pinned() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    asked = setup["options"]["install_requires"].split("\n") + setup["options.extras_require"]["test"].split("\n")
    names = {normal(found[0]) for line in asked if (found := WORDS.match(line))}
    lines = (ROOT / "constraints.txt").read_text().split()
    pinned = {normal(name) for name, exactly, _ in (line.partition("==") for line in lines) if exactly}
    assert len(names) > 20 and names <= pinned, names - pinned


def without_installer(folder: Path) -> dict[str, str]:
    """A machine that knows its packages but may install none."""
    for program in ("sh", "id", "grep", "mktemp", "tail", "rm"):
        found = subprocess.run(["which", program], capture_output=True, text=True, check=True).stdout.strip()
        (folder / program).symlink_to(found)
    query = folder / "dpkg-query"
    query.write_text('#!/bin/sh\nfor name; do :; done\n[ "$name" = here ] && echo "install ok installed"\n')
    query.chmod(0o755)
    return {**os.environ, "PATH": str(folder)}


@pytest.mark.parametrize(
    ("want", "names", "status", "words"),
    [
        ("optional", ["here"], 0, ""),
        ("optional", ["here", "fonts-noto-core"], 0, "fonts-noto-core"),
        ("needed", ["here"], 0, ""),
        ("needed", ["postgresql", "here"], 1, "apt-get install postgresql"),
        ("needed", ["grep:absent", "here:here"], 0, ""),
        ("needed", ["nowhere:nodejs", "sh:absent"], 1, "apt-get install nodejs"),
    ],
)
def test_packages_that_cannot_be_installed_are_named_in_one_line(
    tmp_path: Path, want: str, names: list[str], status: int, words: str
) -> None:
    command = ["sh", str(ROOT / "deploy" / "packages"), want, *names]
    ended = subprocess.run(command, capture_output=True, text=True, env=without_installer(tmp_path))
    assert (ended.returncode, len(ended.stderr.splitlines())) == (status, 1 if words else 0), ended.stderr
    assert words in ended.stderr and "here" not in ended.stderr.split()


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_a_declarations_page_with_all_that_it_needs_is_light(client: FlaskClient, language: str) -> None:
    page = client.get(f"/{language}/{make.SLUG}")
    needed = NEEDED.findall(page.get_data(as_text=True))
    assert {address.rpartition(".")[2] for address in needed} == {"css", "js", "svg"}
    weight = len(gzip.compress(page.data))
    for address in needed:
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        weight += len(answer.data)
    assert weight <= MOST_BYTES


def test_the_script_is_one_light_file() -> None:
    scripts = {path.name: path for path in (ROOT / "static").glob("*.js")}
    kinds = {"site.js", "console.js", "frame.js", "card.js"}
    assert scripts.keys() == kinds, "for the public, for staff, for what stands in a frame and for the card"
    assert len(gzip.compress(scripts["site.js"].read_bytes(), 9)) <= MOST_BYTES_OF_SCRIPT
