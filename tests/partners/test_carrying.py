"""A partner's own pages: its numbers and no other's, and exactly the people who agreed to be given to it."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pyrage
import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from petition import clock
from petition.accounts import granting
from petition.accounts.duties import Role
from petition.accounts.trail_models import TrailEntry
from petition.console.carrying import counting, figures
from petition.console.models import StoredPartnerFigures
from petition.extensions import db
from petition.partners import enrolling, people
from petition.partners.models import Partner
from petition.signatures import caring
from petition.signatures.mailboxes import CONFIRM_WITHIN, Mailbox
from petition.signatures.models import Channel, Submission
from tests import make, staff
from tests.partners.steps import submit, through, works_for
from tests.staff import Staff, staff_post

HOME = "/console/carrying/byron"
PEOPLE = f"{HOME}/people"


@pytest.fixture
def partner(app: Flask) -> Partner:
    return make.partner()


def counted(app: Flask) -> None:
    make.move_tally(app)
    db.session.execute(update(StoredPartnerFigures).values(claimed_until=clock.now() - timedelta(days=1)))
    db.session.commit()
    counting.count_all()


def fetch(client: Staff, format: str = "csv", **given: str) -> TestResponse:
    asked = {"declaration": make.SLUG, "format": format, "reason": "A letter", **given}
    with staff_post(client, PEOPLE, **asked) as answer:
        assert answer.content_length == len(answer.data)
    return answer


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_its_figures_are_those_that_came_through_it(app: Flask, partner: Partner) -> None:
    other = make.partner("other")
    through(partner, source="news")
    through(partner, source="news", agreed=False, language="it")
    through(partner)
    through(other, source="news")
    through(None, source="news")
    submit(partner)
    counted(app)
    found = figures.find(partner.id)
    assert found is not None
    its = found[0][make.SLUG]
    assert (its.signatures, its.sources, its.languages) == (3, {"news": 2, "": 1}, {"en": 2, "it": 1})
    assert (its.came, its.confirmed, its.agreed) == (4, 3, 2)
    assert sum(its.days.values()) == 3


def test_withdrawing_takes_it_from_the_figures_again(app: Flask, partner: Partner) -> None:
    gone = through(partner)
    counted(app)
    assert gone.mailbox is not None
    caring.withdraw(Mailbox(gone.text.declaration, gone.mailbox))
    db.session.commit()
    counted(app)
    found = figures.find(partner.id)
    assert found is not None
    its = found[0][make.SLUG]
    assert (its.signatures, its.languages, its.agreed, dict(its.days)) == (0, {}, 0, {})


def test_who_came_in_the_frame_is_counted_apart_once_their_link_has_run_out(app: Flask, partner: Partner) -> None:
    long_ago = clock.now() - CONFIRM_WITHIN - timedelta(hours=1)
    other = make.partner("other")
    for each in (through(partner), through(other)):
        assert each is not None
    submit(partner)
    submit(partner).channel = Channel.WEB
    db.session.execute(update(Submission).values(created_at=long_ago))
    submit(partner)
    submit(other)
    counted(app)
    totals = figures.totals()
    assert (totals[partner.id].framed, totals[partner.id].framed_confirmed) == (2, 1)
    assert (totals[other.id].framed, totals[other.id].framed_confirmed) == (1, 1)
    assert totals[partner.id].came == 4
    shown = staff.signed_in(app, "organiser", slug=None).get("/console/carrying").text
    assert "50%" in shown and "100%" in shown and f'href="{HOME}"' in shown
    assert "50%" in works_for(app, partner).get(HOME).text


def test_whoever_works_for_two_partners_or_for_a_declaration_too_finds_them_all(app: Flask, partner: Partner) -> None:
    other, account = make.partner("other"), staff.account("editor")
    make.partner("third")
    granting.grant(account, Role.PARTNER, scopes=[people.scope_of(partner)])
    db.session.commit()
    start = staff.browse(app, account).get("/console/").text
    assert f"/console/declarations/{make.SLUG}/" in start and f'href="{HOME}"' in start
    two = staff.account()
    granting.grant(two, Role.PARTNER, scopes=[people.scope_of(partner), people.scope_of(other)])
    db.session.commit()
    client = staff.browse(app, two)
    for page in (client.get("/console/").text, client.get("/console/carrying").text):
        assert f'href="{HOME}"' in page and 'href="/console/carrying/other"' in page
        assert "/console/carrying/third" not in page


def test_two_workers_do_not_count_the_same_partner_at_once(app: Flask, partner: Partner) -> None:
    assert counting._claim(partner.id)
    assert not counting._claim(partner.id)


def test_the_page_shows_its_numbers_and_counts_nothing(app: Flask, partner: Partner) -> None:
    client = works_for(app, partner)
    assert "counted for the first time" in client.get(HOME).text
    for _ in range(3):
        through(partner, source="news")
    submit(partner)
    counted(app)
    shown = client.get(HOME).text
    assert "Byron Trust" in shown and "75%" in shown and "news" in shown
    assert shown.count("<svg") >= 3
    assert f'href="{HOME}/form"' in shown
    assert client.get("/console/").location == HOME


def test_another_partners_pages_and_people_are_not_there(app: Flask, partner: Partner) -> None:
    through(partner)
    client = works_for(app, make.partner("other"))
    assert [client.get(path).status_code for path in (HOME, PEOPLE, f"{HOME}-none")] == [404, 404, 404]
    assert fetch(client).status_code == 404
    assert client.get("/console/partners/byron").status_code == 403
    assert client.get(f"/console/declarations/{make.SLUG}/").status_code == 404


def test_a_partners_number_opens_no_declaration_of_the_same_number(app: Flask, partner: Partner) -> None:
    client = works_for(app, partner)
    assert client.get("/console/declarations/partner:byron/").status_code == 404
    assert client.get(f"/console/declarations/{make.SLUG}/signatures").status_code == 404


def test_the_file_holds_exactly_those_who_agreed_with_the_words_and_the_time(app: Flask, partner: Partner) -> None:
    kept = through(partner, name="Zoë Müller", source="news")
    through(partner, agreed=False)
    through(make.partner("other"))
    gone = through(partner)
    ended = through(partner)
    assert gone.mailbox is not None and ended.mailbox is not None
    caring.withdraw(Mailbox(gone.text.declaration, gone.mailbox))
    caring.end_sharing(Mailbox(ended.text.declaration, ended.mailbox), "byron")
    db.session.commit()
    found = rows(fetch(works_for(app, partner)))
    assert [row["id"].lstrip("'") for row in found] == [kept.public_id]
    (row,) = found
    assert (row["name"], row["source"], row["wording"], row["wording_language"]) == (
        "Zoë Müller", "news", make.CONSENT["en"], "en",
    )  # fmt: skip
    assert row["email"].endswith("@example.org")
    assert row["given_at"] == clock.iso(kept.consents[-1].given_at)


def test_who_gave_the_number_alone_is_not_named(app: Flask, partner: Partner) -> None:
    through(partner, visibility="counted", name="Hidden")
    (row,) = rows(fetch(works_for(app, partner)))
    assert row["name"] == ""


def test_every_kind_of_file_says_the_same(app: Flask, partner: Partner) -> None:
    through(partner, name="Ada")
    client = works_for(app, partner)
    lines = [json.loads(line) for line in fetch(client, "jsonl").text.splitlines()]
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, "xlsx").data), read_only=True)
    header, *cells = book.worksheets[0].iter_rows(values_only=True)
    book.close()
    assert [dict(zip(header, row, strict=True)) | {"source": ""} for row in cells] == lines
    assert [row["email"] for row in rows(fetch(client))] == [line["email"] for line in lines]


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
def test_with_a_key_nobody_else_can_read_it(app: Flask, format: str) -> None:
    identity = pyrage.x25519.Identity.generate()
    partner = make.partner(age_key=str(identity.to_public()))
    through(partner, name="Ada")
    answer = fetch(works_for(app, partner), format)
    assert answer.headers["Content-Disposition"].endswith(f".{format}.age")
    assert answer.data.startswith(b"age-encryption.org/v1") and b"example.org," not in answer.data
    assert pyrage.decrypt(answer.data, [identity])


def test_it_is_recorded_with_its_reason_and_asks_for_a_fresh_proof(app: Flask, partner: Partner) -> None:
    through(partner)
    assert "again_password" in fetch(works_for(app, partner, fresh=False)).text
    client = works_for(app, partner)
    assert fetch(client, reason="").status_code == 422
    assert fetch(client).status_code == 200
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.act == "partner.exported")).one()
    told = json.loads(entry.detail or "{}")
    assert (told["why"], told["partner"], told["count"]) == ("A letter", "byron", 1)
    assert entry.account == client.account.public_id


def test_without_the_right_or_switched_off_nobody_is_given(app: Flask) -> None:
    silent = make.partner(may_share=False)
    client = works_for(app, silent)
    assert fetch(client).status_code == 403
    assert "may not be given people" in client.get(PEOPLE).text
    enrolling.disable(silent)
    db.session.commit()
    assert fetch(client).status_code == 403


@pytest.mark.parametrize("given", [{"declaration": "none"}, {"format": "exe"}])
def test_what_no_page_offered_is_not_there(app: Flask, partner: Partner, given: dict[str, str]) -> None:
    assert fetch(works_for(app, partner), **given).status_code == 404
