"""The console's pages of partners: enrolled, changed, switched off, keys shown once, people let in; and for whom."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy import select

from petition.accounts.trail_models import TrailEntry
from petition.extensions import db
from petition.partners import reading
from tests import make, staff
from tests.conftest import Mailbag
from tests.staff import staff_post

ONE = "/console/partners/byron"
SAID = {
    "name": "Byron Trust",
    "contact": "desk@example.org",
    "origins": "https://www.example.org\nhttps://b.example.org",
}


@pytest.fixture
def organiser(app: Flask) -> staff.Staff:
    return staff.signed_in(app, "organiser", slug=None)


def acts() -> list[str]:
    return list(db.session.scalars(select(TrailEntry.act).order_by(TrailEntry.number)))


def last_detail() -> str:
    return db.session.scalars(select(TrailEntry.detail).order_by(TrailEntry.number.desc())).first() or ""


def test_a_partner_is_enrolled_and_found(organiser: staff.Staff) -> None:
    answer = staff_post(organiser, "/console/partners/new", slug="byron", every="y", wording_en="Yes.", **SAID)
    assert (answer.status_code, answer.location) == (303, f"{ONE}?done=created")
    found = reading.find_known("byron")
    assert found is not None and found.origins == ["https://www.example.org", "https://b.example.org"]
    assert (found.wordings, found.carries) == ({"en": "Yes."}, None)
    assert "Byron Trust" in organiser.get("/console/partners").text
    shown = organiser.get(ONE).text
    assert "https://b.example.org" in shown and "desk@example.org" in shown
    assert acts()[-1] == "partner.created"


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(organiser: staff.Staff) -> None:
    typed = {**SAID, "slug": "byron", "origins": "http://www.example.org", "light_accent": "#777777"}
    answer = staff_post(organiser, "/console/partners/new", **typed)
    assert answer.status_code == 422 and "no origin" in answer.text
    assert 'value="byron"' in answer.text and "http://www.example.org" in answer.text
    assert reading.find_known("byron") is None
    make.partner()
    taken = staff_post(organiser, "/console/partners/new", slug="byron", **SAID)
    assert taken.status_code == 409 and "already" in taken.text


def test_a_partner_is_changed_and_its_slug_is_not(organiser: staff.Staff) -> None:
    make.partner()
    answer = staff_post(organiser, ONE, slug="other", **{**SAID, "name": "Ada Trust"}, carries=make.SLUG)
    assert answer.status_code == 303
    found = reading.find_known("byron")
    assert found is not None and (found.name, found.carries, found.may_share) == ("Ada Trust", [make.SLUG], False)
    bad = staff_post(organiser, ONE, **SAID, may_share="y")
    assert bad.status_code == 422 and "words of its consent" in bad.text


def test_the_trail_tells_what_changed_and_the_contact_is_not_on_it(organiser: staff.Staff) -> None:
    make.partner(may_share=False)
    typed = {**SAID, "contact": "new@example.org", "every": "y", "site": "https://www.example.org"}
    typed |= {"notice": "https://www.example.org/privacy", "may_share": "y", "wording_en": "Yes."}
    assert staff_post(organiser, ONE, **typed).status_code == 303
    told = json.loads(last_detail())
    assert told["changed"] == ["contact", "origins", "wordings", "may_share"]
    assert told["origins"] == [["https://www.example.org"], ["https://www.example.org", "https://b.example.org"]]
    assert told["may_share"] == [False, True] and "new@example.org" not in last_detail()


def test_a_change_asks_for_a_fresh_proof_and_loses_nothing_typed(app: Flask) -> None:
    make.partner()
    client = staff.signed_in(app, "organiser", slug=None, fresh=False)
    asked = staff_post(client, ONE, **{**SAID, "name": "Ada Trust"}, languages=["it", "fr"])
    assert asked.status_code == 403 and "again_password" in asked.text
    for kept in ("Ada Trust", 'name="languages" value="it"', 'name="languages" value="fr"', "https://b.example.org"):
        assert kept in asked.text
    found = reading.find_known("byron")
    assert found is not None and found.name == "Byron Trust"


def test_it_is_switched_off_and_on(organiser: staff.Staff) -> None:
    make.partner()
    assert staff_post(organiser, f"{ONE}/disable").status_code == 303
    found = reading.find_known("byron")
    assert found is not None and not found.enabled
    assert staff_post(organiser, f"{ONE}/enable").status_code == 303
    assert acts()[-2:] == ["partner.disabled", "partner.enabled"]


def test_a_key_is_shown_once_and_revoked(organiser: staff.Staff) -> None:
    make.partner()
    shown = staff_post(organiser, f"{ONE}/keys").text
    found = re.search(r"petition_[0-9a-f]{8}_[\w-]{43}", shown)
    assert found
    key = reading.find_by_key(found[0])
    assert key is not None and key.partner.slug == "byron"
    again = organiser.get(ONE).text
    assert found[0] not in again and key.prefix in again
    assert staff_post(organiser, f"{ONE}/keys").status_code == 200
    assert staff_post(organiser, f"{ONE}/keys").status_code == 409, "two live at once, and no third"
    assert staff_post(organiser, f"{ONE}/keys/revoke", key=key.public_id).status_code == 303
    assert reading.find_by_key(found[0]) is None
    assert staff_post(organiser, f"{ONE}/keys/revoke", key="x").status_code == 404
    told = [entry.detail or "" for entry in db.session.scalars(select(TrailEntry))]
    assert found[0] not in "".join(told)


def test_a_key_may_be_made_for_one_declaration_alone(organiser: staff.Staff) -> None:
    make.partner()
    assert f'name="good_for" value="{make.SLUG}"' in organiser.get(ONE).text.replace(">", " ")
    shown = staff_post(organiser, f"{ONE}/keys", good_for=make.SLUG).text
    found = re.search(r"petition_[0-9a-f]{8}_[\w-]{43}", shown)
    assert found
    key = reading.find_by_key(found[0])
    assert key is not None and key.carries == [make.SLUG]
    assert key.opens(make.SLUG) and not key.opens("other")
    assert f"for {make.SLUG}" in organiser.get(ONE).text
    assert make.SLUG in last_detail()
    assert staff_post(organiser, f"{ONE}/keys", good_for="none").status_code == 422


def test_somebody_is_let_in_for_a_partner(organiser: staff.Staff, mails: Mailbag) -> None:
    make.partner()
    bad = staff_post(organiser, f"{ONE}/people", email="x", language="en")
    assert bad.status_code == 422
    assert staff_post(organiser, f"{ONE}/people", email="ada@example.org", language="it").status_code == 303
    assert "/console/invitation/" in str(mails.take_one().message)
    listed = organiser.get("/console/people").text
    assert "ada@example.org" in listed


@pytest.mark.parametrize("role", ["organiser", "editor", "moderator", "exporter", "operator"])
def test_whoever_does_not_organise_everything_finds_no_partners(app: Flask, role: str) -> None:
    make.partner()
    client = staff.signed_in(app, role)
    for path in ("/console/partners", "/console/partners/new", ONE):
        assert client.get(path).status_code in (403, 404)
    assert staff_post(client, f"{ONE}/disable").status_code in (403, 404)
    assert "/console/partners" not in client.get("/console/account").text
