"""The guide for partners, followed word by word: from its first command to a signature that came through the frame."""

import re
import shlex
from html import unescape
from itertools import pairwise
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from petition.partners import reading
from tests import make
from tests.conftest import Mailbag
from tests.embed.test_frame import ancestors, field
from tests.signatures import steps

GUIDE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text()


def command(heading: str) -> list[str]:
    """The one under this heading, as a shell reads it."""
    section = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    block = re.search(r"```\n(.*?)```", section, re.DOTALL)
    assert block
    return shlex.split(block[1].replace("\\\n", " "))


def test_whoever_follows_the_guide_gets_a_confirmed_signature_through_the_frame(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    create, invite = command("Becoming one"), command("Your page")
    for program, *words in (create, invite):
        found = app.test_cli_runner().invoke(args=words)
        assert (program, found.exit_code) == ("petition", 0), found.output
    assert "/console/invitation/" in found.output
    mails.take()
    reading.forget()
    said = dict(pairwise(create))
    slug, words = said["--slug"], said["--wording"].removeprefix("en=")

    assert f"https://sign.example.org/partners/{slug}`" in GUIDE and "`?source=first`" in GUIDE
    copied = re.search(r"<declaration-form[^>]*>", unescape(client.get(f"/partners/{slug}").text))
    assert copied
    placed = dict(re.findall(r'(\w+)="([^"]*)"', copied[0]))
    frame = f"/embed/{placed['declaration']}?partner={placed['partner']}&lang={placed['lang']}&source=first"
    shown = client.get(frame)
    assert words in shown.text and said["--name"] in shown.text and said["--notice"] in shown.text
    assert ancestors(shown) == f"'self' {said['--origin']}"
    carried = {name: field(shown.text, name) for name in ("ticket", "partner_wording")}
    answer = client.post(frame, data=make.form(**carried, partner_consent="y"))
    assert answer.status_code == 303, answer.text
    assert steps.confirm(client, make.link(mails.take_one().message, "confirm")).status_code == 303
    mails.take()

    signature = steps.the_signature()
    assert (signature.counted, signature.channel) == (True, "embed")
    assert (signature.partner, signature.source) == (slug, "first")
    kept = next(each for each in signature.consents if each.purpose == "partner")
    assert (kept.partner, kept.wording) == (slug, words)
