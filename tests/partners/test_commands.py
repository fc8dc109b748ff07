"""``petition partners …``: what the console does, from the machine."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from petition.accounts import trail
from petition.accounts.trail_models import TrailEntry
from petition.extensions import db
from petition.partners import reading
from tests import make
from tests.conftest import Mailbag


def run(app: Flask, *words: str) -> tuple[int, str]:
    found = FlaskCliRunner(app).invoke(args=["partners", *words])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output


CREATE = (
    "create", "--slug", "byron", "--name", "Byron Trust", "--contact", "desk@example.org",
    "--origin", "https://www.example.org", "--builder", "wix", "--wording", "en=Yes, they may write.",
    "--notice", "https://www.example.org/privacy", "--may-share",
)  # fmt: skip


def test_a_partner_is_created_listed_shown_and_switched(app: Flask) -> None:
    assert run(app, *CREATE) == (0, "byron: created.\n")
    reading.forget()
    found = reading.find_known("byron")
    assert found is not None and found.consent == {"en": "Yes, they may write."}
    assert run(app, "list") == (0, "byron  on  Byron Trust\n")
    shown = run(app, "show", "byron")[1]
    assert "framed by: https://www.example.org https://*.filesusr.com" in shown and "desk@example.org" in shown
    assert run(app, "disable", "byron") == (0, "byron: off.\n")
    assert run(app, "list")[1].startswith("byron  off")
    assert run(app, "enable", "byron") == (0, "byron: on.\n")


def test_name_and_origin_are_enough_and_a_contact_may_follow(app: Flask) -> None:
    words = ("create", "--slug", "byron", "--name", "Byron Trust", "--origin", "http://127.0.0.1:8001")
    assert run(app, *words) == (0, "byron: created.\n")
    shown = run(app, "show", "byron")
    assert shown[0] == 0 and "framed by: http://127.0.0.1:8001" in shown[1] and "contact" not in shown[1]
    found = reading.find("byron")
    assert found is not None and found.contact_address == "" and found.contact, "even nothing is encrypted"


def test_a_partner_is_changed_and_what_is_not_named_stays(app: Flask) -> None:
    colours = ("--colour", "light-accent=#1f4568", "--colour", "light-background=#ffffff")
    assert run(app, *CREATE, *colours)[0] == 0
    assert "light accent: #1f4568" in run(app, "show", "byron")[1]
    origins = ("--origin", "https://a.example.org", "--origin", "https://b.example.org")
    code, told = run(app, "edit", "byron", *origins, "--builder", "", "--wording", "it=Sì.", "--no-may-share")
    assert (code, told) == (0, "byron: origins, builders, wordings, may_share changed.\n")
    found = reading.find("byron")
    assert found is not None and (found.name, found.contact_address) == ("Byron Trust", "desk@example.org")
    assert (found.origins, found.builders) == (["https://a.example.org", "https://b.example.org"], [])
    assert (found.wordings, found.may_share) == ({"en": "Yes, they may write.", "it": "Sì."}, False)
    assert found.stored_colours == {"light": {"accent": "#1f4568", "background": "#ffffff"}}
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc())).first()
    assert entry is not None and entry.act == "partner.edited"
    assert trail.detail_of(entry)["origins"][0] == ["https://www.example.org"]
    assert run(app, "edit", "byron") == (0, "byron: nothing changed.\n")


def test_a_key_is_made_and_revoked(app: Flask) -> None:
    make.partner()
    code, secret = run(app, "key", "create", "byron")
    key = reading.find_by_key(secret.strip())
    assert code == 0 and key is not None
    assert key.prefix in run(app, "show", "byron")[1] and secret.strip() not in run(app, "show", "byron")[1]
    assert run(app, "key", "revoke", "byron", key.prefix) == (0, f"{key.prefix}: revoked.\n")
    assert reading.find_by_key(secret.strip()) is None


def test_a_key_may_be_made_for_one_declaration_alone(app: Flask) -> None:
    make.partner()
    code, secret = run(app, "key", "create", "byron", "--declaration", make.SLUG)
    key = reading.find_by_key(secret.strip())
    assert code == 0 and key is not None and key.carries == [make.SLUG]
    assert f"for {make.SLUG}\n" in run(app, "show", "byron")[1]
    code, told = run(app, "key", "create", "byron", "--declaration", "none")
    assert code == 1 and "choose from the list" in told


def test_somebody_is_invited_for_a_partner(app: Flask, mails: Mailbag) -> None:
    make.partner()
    code, told = run(app, "invite", "byron", "ada@example.org")
    assert code == 0 and "may sign in for byron" in told and "/console/invitation/" in told
    mails.take()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "nobody"), "There is no partner “nobody”."),
        (("disable", "nobody"), "There is no partner “nobody”."),
        (("key", "create", "nobody"), "There is no partner “nobody”."),
        (("key", "revoke", "byron", "x"), "byron has no living key “x”."),
        (("invite", "byron", "x"), "“x” is no mail address"),
        ((*CREATE, "--origin", "http://x.example.org"), "origins: “http://x.example.org” is no origin"),
        ((*CREATE, "--wording", "Yes"), "“Yes” does not say which: write it like en=Yes"),
        ((*CREATE, "--colour", "pink=#ff00ff"), "“pink” is no colour of a partner"),
        ((*CREATE, "--colour", "light-accent=#777777"), "light_accent: Please write both colours"),
        ((*CREATE[:5], "--contact", "desk"), "contact: Please enter a complete email address"),
        (("edit", "nobody"), "There is no partner “nobody”."),
        (("edit", "byron", "--notice", ""), "notice: To be given people"),
        ((*CREATE, "--age-key", "age1x"), "age_key: This is no public key of age"),
        (CREATE, "slug: There is a partner with this short name already."),
    ],
)
def test_bad_input_is_one_clear_line_and_changes_nothing(app: Flask, words: tuple[str, ...], told: str) -> None:
    make.partner()
    code, output = run(app, *words)
    assert code == 1 and told in output and output.count("\n") == 1
    assert [partner.slug for partner in reading.all_partners()] == ["byron"]
