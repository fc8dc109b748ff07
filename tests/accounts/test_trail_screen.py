"""The audit trail's screen, its file and its commands: who sees what, narrowed how, and taken along."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask, current_app
from flask_babel import lazy_gettext

from petition.accounts import trail, trail_checking, trail_reading
from petition.extensions import db
from tests import staff
from tests.accounts.elsewhere import another_scope
from tests.staff import staff_post

TRAIL = "/console/trail"
EXPORT = "/console/trail/export"
FIRST_DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def _record(act: str = "test.done", **given: object) -> None:
    trail.register(current_app, {"test.done": lazy_gettext("Done"), "test.other": lazy_gettext("Done otherwise")})
    trail.record(act, **given)  # type: ignore[arg-type]
    db.session.commit()


def test_an_organiser_sees_the_trail_of_their_declarations_and_an_operator_all_of_it(app: Flask) -> None:
    _record(subject="ours", scope=staff.scope())
    _record(subject="theirs", scope=another_scope())
    _record(subject="nobodys")
    page = staff.signed_in(app, "organiser").get(TRAIL).text
    assert ("ours" in page, "theirs" in page, "nobodys" in page) == (True, False, False)
    page = staff.signed_in(app, "operator", slug=None).get(TRAIL).text
    assert ("ours" in page, "theirs" in page, "nobodys" in page) == (True, True, True)


def test_an_entry_shows_who_did_what_about_what_why_and_from_where(app: Flask) -> None:
    client = staff.signed_in(app, "operator", slug=None, name="Mary Jackson")
    staff_post(client, EXPORT, format="csv").close()
    with time_machine.travel(FIRST_DAY, tick=False):
        _record(subject="abc", scope=staff.scope(), why="<b>Asked</b> on the telephone.", rows=3, nothing="")
    page = client.get(TRAIL).text
    for shown in ("Mary Jackson", "Audit trail exported", "192.0.2.1", "At the machine", "Done", "2026-03-01 09:00:00"):
        assert shown in page
    assert "&lt;b&gt;Asked&lt;/b&gt; on the telephone." in page
    assert '<dt dir="ltr">rows</dt>' in page and "nothing" not in page


def test_a_detail_that_was_emptied_says_so(app: Flask) -> None:
    _record(subject="abc", why="personal")
    trail.empty(subject="abc")
    db.session.commit()
    page = staff.signed_in(app, "operator", slug=None).get(TRAIL).text
    assert "Emptied" in page and "personal" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"one", "two", "three"}),
        ("act=test.other", {"two"}),
        ("account=command", {"one", "two", "three"}),
        ("account=nobody", set()),
        ("declaration=child-dignity", {"one"}),
        ("declaration=no-such", set()),
        ("since=2026-03-02", {"two", "three"}),
        ("until=2026-03-02", {"one", "two"}),
        ("since=2026-03-02&until=2026-03-02", {"two"}),
        ("until=9999-12-31", {"one", "two", "three"}),
        ("subject=t", {"two", "three"}),
        ("subject=%25", set()),
        ("subject=TWO&act=test.done", set()),
        ("below=3", {"one", "two"}),
        ("below=x", {"one", "two", "three"}),
        ("below=99999999999999999999999", {"one", "two", "three"}),
        ("below=9999999999999999999", {"one", "two", "three"}),
        ("unheard=of", {"one", "two", "three"}),
    ],
)
def test_the_trail_is_narrowed_by_person_act_declaration_day_and_subject(
    app: Flask, query: str, found: set[str]
) -> None:
    with time_machine.travel(FIRST_DAY, tick=False) as now:
        _record(subject="one", scope=staff.scope())
        now.move_to(FIRST_DAY.replace(day=2, hour=23, minute=59))
        _record("test.other", subject="two")
        now.move_to(FIRST_DAY.replace(day=3, hour=0))
        _record(subject="three")
    answer = staff.signed_in(app, "operator", slug=None).get(f"{TRAIL}?{query}")
    assert answer.status_code == 200
    assert {each for each in ("one", "two", "three") if f'<code dir="ltr">{each}</code>' in answer.text} == found


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "01/03/2026", "2026-03-01T09:00", "-", "٢٠٢٦-٠٣-٠١"])
def test_a_day_that_is_none_is_told_beside_its_field_and_kept(app: Flask, day: str) -> None:
    client = staff.signed_in(app, "operator", slug=None)
    answer = client.get(TRAIL, query_string={"since": day, "subject": "kept"})
    assert answer.status_code == 422
    assert "Please give the day as year, month and day" in answer.text
    assert f'value="{day}"' in answer.text and 'value="kept"' in answer.text
    assert staff_post(client, EXPORT, since=day).status_code == 422


def test_the_trail_goes_on_page_by_page_with_its_filters(app: Flask) -> None:
    for number in range(trail_reading.PAGE + 5):
        _record(subject=f"entry {number}")
    _record("test.other")
    client = staff.signed_in(app, "operator", slug=None)
    first = client.get(f"{TRAIL}?act=test.done").text
    assert first.count('<tr id="entry-') == trail_reading.PAGE
    assert f'href="{TRAIL}?act=test.done&amp;below=6"' in first
    last = client.get(f"{TRAIL}?act=test.done&below=6").text
    assert last.count('<tr id="entry-') == 5
    assert 'rel="next"' not in last


def test_the_file_holds_what_the_filters_leave_and_taking_it_is_recorded(app: Flask) -> None:
    _record(subject="ours", scope=staff.scope(), why="=1+1", of=["ü"])
    _record(subject="theirs", scope=another_scope())
    client = staff.signed_in(app, "organiser")
    answer = staff_post(client, EXPORT, format="csv", act="test.done")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/csv", "no-store")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=trail-")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["subject"] for row in rows] == ["ours"]
    assert (rows[0]["why"], rows[0]["detail"], rows[0]["name"]) == ("'=1+1", '{"of": ["ü"]}', "At the machine")

    lines = staff_post(client, EXPORT, format="jsonl").text.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["ours"]
    exported = trail_reading.page(trail_reading.Filters(None, act="trail.exported")).entries
    assert [trail.detail_of(entry) for entry in exported] == [
        {"filters": {}, "format": "jsonl"},
        {"filters": {"act": "test.done"}, "format": "csv"},
    ]
    assert {entry.account for entry in exported} == {client.account.public_id}
    assert trail_checking.verify().entries == 4


def test_the_file_is_given_only_after_proving_once_more_who_one_is(app: Flask) -> None:
    _record(subject="ours", scope=staff.scope())
    client = staff.signed_in(app, "organiser", fresh=False)
    answer = staff_post(client, EXPORT, format="jsonl", subject="ours")
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert 'name="subject" value="ours"' in answer.text
    answer = staff_post(
        client, EXPORT, format="jsonl", subject="ours", again_password=staff.PASSWORD, again_code=staff.code()
    )
    assert (answer.status_code, answer.mimetype) == (200, "application/jsonl")


def test_an_unknown_format_shows_the_page_again(app: Flask) -> None:
    answer = staff_post(staff.signed_in(app, "operator", slug=None), EXPORT, format="pdf")
    assert answer.mimetype == "text/html"
    assert trail_reading.last_number() == 0
