"""The page of numbers: progress, days, countries, kinds; as a page, as CSV, and true to the tally."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import clock, languages
from petition.extensions import db
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from petition.tally import moving, recounting
from petition.tally.models import ORGANISATION
from petition.tally.reading import FEWEST, Day
from petition.tally.sources import Names
from petition.tally.spans import MOST_SPANS, Unit, spans, unit_for
from tests import make
from tests.signatures import steps

NUMBERS = f"{make.PAGE}/numbers"
API = f"/api/v1/declarations/{make.SLUG}/numbers"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _table(client: FlaskClient, by: str, language: str = "en") -> list[list[str]]:
    answer = client.get(f"/{language}/{make.SLUG}/numbers.csv?by={by}")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert f'filename="{make.SLUG}-{by}.csv"' in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.text)))


def _cells(html: str) -> list[list[str]]:
    """Every row of every table on the page."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_signatures_are_told_by_day_and_in_total_and_no_day_is_left_out(client: FlaskClient) -> None:
    with time_machine.travel(NOON + timedelta(days=4), tick=False):
        make.counts((NOON, "IT", 7), (NOON + timedelta(days=2), "IT", 5), (NOON + timedelta(days=2, hours=3), "FR", 6))
        html = steps.look(client, NUMBERS).html
        assert _table(client, "day") == [
            ["day", "signatures", "total"],
            ["2026-03-04", "7", "7"],
            ["2026-03-05", "0", "7"],
            ["2026-03-06", "11", "18"],
            ["2026-03-07", "0", "18"],
            ["2026-03-08", "0", "18"],
        ]
    assert ["6 Mar 2026", "11", "18"] in _cells(html) and ["5 Mar 2026", "0", "7"] in _cells(html)
    assert html.count('role="img"') == 4
    assert 'datetime="2026-03-08T12:00:00Z"' in html and "10,000 are hoped for" in html


def test_a_day_is_one_of_the_declarations_time_zone(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        make.counts((datetime(2026, 3, 1, 22, tzinfo=UTC), "IT", 1), (datetime(2026, 3, 1, 23, tzinfo=UTC), "IT", 1))
        days = _table(client, "day")
    assert days[1:3] == [["2026-03-01", "1", "1"], ["2026-03-02", "1", "2"]], "midnight in Rome is 23 h in UTC"


def test_countries_stand_in_the_readers_language_the_largest_first(client: FlaskClient) -> None:
    make.counts((NOON, "DE", 9), (NOON, "IT", 1_234), (NOON, "US", 9))
    assert _table(client, "country", "it")[1:] == [
        ["IT", "Italia", "1234"],
        ["DE", "Germania", "9"],
        ["US", "Stati Uniti", "9"],
    ]
    cells = _cells(steps.look(client, f"/it/{make.SLUG}/numbers").html)
    assert ["Italia", "1.234"] in cells and ["Germania", "9"] in cells


def test_where_one_reads_from_the_right_time_runs_from_there(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "RIGHT_TO_LEFT", frozenset({"it"}))
    with time_machine.travel(NOON + timedelta(days=9), tick=False):
        make.counts((NOON, "IT", 9))
        pages = [steps.look(client, f"/{language}/{make.SLUG}/numbers").html for language in ("en", "it")]
    for html, start, first in zip(pages, ("0", "100"), ("0", "9.2"), strict=True):
        assert re.search(rf'<text class="tick" x="{start}%"[^>]*text-anchor="start">0?4 ', html), "the first day"
        assert f'<rect class="mark" x="{first}" ' in html
    assert 'dir="rtl"' in pages[1]


def test_a_country_with_few_signatures_is_told_nowhere(client: FlaskClient) -> None:
    make.counts((NOON, "IT", FEWEST), (NOON, "VA", FEWEST - 1), (NOON, "MT", 1))
    html = steps.look(client, NUMBERS).html
    answer = client.get(API)
    assert ["Other countries", str(FEWEST)] in _cells(html)
    assert _table(client, "country")[1:] == [["IT", "Italy", "5"], ["", "Other countries", "5"]]
    assert answer.get_json()["other_countries"] == {"signatures": FEWEST, "countries": 2, "fewer_than": FEWEST}
    for told in (html, answer.text, *map(str, _table(client, "country"))):
        assert not re.search(r"Vatican|Malta|\bVA\b|\bMT\b", told)
    assert "point at nobody" in html


def test_kinds_are_counted_apart(client: FlaskClient) -> None:
    make.counts((NOON, "IT", 8))
    make.counts((NOON, "FR", 6), kind=ORGANISATION)
    assert _table(client, "kind") == [["kind", "count"], ["person", "8"], ["organisation", "6"]]
    assert ["Organisations", "6"] in _cells(steps.look(client, NUMBERS).html)
    assert [row[0] for row in _table(client, "country")[1:]] == ["IT"]


def test_the_numbers_are_those_of_the_signatures(app: Flask, client: FlaskClient) -> None:
    for _ in range(6):
        signature = make.signature(country="IT")
    make.signature(country="FR", visibility="counted")
    assert signature.mailbox is not None
    caring.withdraw(Mailbox(signature.text.declaration, signature.mailbox))
    db.session.commit()
    make.move_tally(app)
    numbers = client.get(API).get_json()
    assert numbers["by_kind"] == [{"kind": "person", "count": 6}, {"kind": "organisation", "count": 0}]
    assert numbers["by_country"] == [{"country": "IT", "signatures": 5}]
    assert numbers["by_day"][-1]["total"] == 6
    assert not recounting._drift(recounting._counted(), Names())


def test_what_has_been_added_up_is_added_up_again_when_the_tally_moves(app: Flask, client: FlaskClient) -> None:
    make.counts((NOON, "IT", 5))
    assert client.get(API).get_json()["by_kind"][0]["count"] == 5
    make.counts((NOON, "IT", 1))
    app.extensions["petition.shelf"].clear()
    assert client.get(API).get_json()["by_kind"][0]["count"] == 6
    with steps.statements() as sent:
        client.get(f"{NUMBERS}.csv?by=day")
        client.get(f"{NUMBERS}.csv?by=country")
    assert not [each for each in sent if "tally_buckets" in each]


def test_buckets_are_added_up_when_they_have_changed_or_a_day_begins_and_not_before(
    app: Flask, client: FlaskClient
) -> None:
    def look() -> tuple[dict[str, Any], int]:
        app.extensions["petition.shelf"].clear()
        with steps.statements() as sent:
            numbers = client.get(API).get_json()
        return numbers, len([each for each in sent if "tally_buckets" in each])

    with time_machine.travel(NOON, tick=False) as time:
        make.counts((NOON, "IT", 6), (NOON, "DE", 5))
        assert look()[1] > 0
        time.shift(timedelta(seconds=5))
        moving.move()
        numbers, sums = look()
        assert (numbers["as_of"], sums) == ("2026-03-04T12:00:05Z", 0), "the tally has moved, nothing has changed"

        make.counts((NOON, "IT", -1), (NOON, "DE", 1))
        numbers, sums = look()
        assert sums and numbers["by_country"][0] == {"country": "DE", "signatures": 6}, "though the count is the same"

        time.shift(timedelta(days=1))
        moving.move()
        assert [day["total"] for day in look()[0]["by_day"]] == [11, 11]


def test_programs_get_everything_as_json(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        make.counts((NOON, "IT", 5))
        answer = client.get(API)
    assert answer.get_json() == {
        "as_of": "2026-03-04T12:00:00Z",
        "time_zone": "Europe/Rome",
        "goal": 10_000,
        "by_kind": [{"kind": "person", "count": 5}, {"kind": "organisation", "count": 0}],
        "by_day": [{"day": "2026-03-04", "signatures": 5, "total": 5}],
        "by_country": [{"country": "IT", "signatures": 5}],
        "other_countries": {"signatures": 0, "countries": 0, "fewer_than": FEWEST},
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(API, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_before_anyone_has_signed_there_is_a_page_too(client: FlaskClient) -> None:
    html = steps.look(client, NUMBERS).html
    assert "Nobody has signed yet" in html and '<svg class="chart"' not in html
    assert _table(client, "day") == [["day", "signatures", "total"]]
    assert _table(client, "country") == [["country", "name", "signatures"]]
    assert client.get(API).get_json()["by_day"] == []


def test_organisations_alone_are_a_page_too(client: FlaskClient) -> None:
    make.counts((NOON, "IT", 2), kind=ORGANISATION)
    html = steps.look(client, NUMBERS).html
    assert "Nobody has signed yet" in html and ["Organisations", "2"] in _cells(html)


@pytest.mark.parametrize(
    ("days", "unit", "heading"),
    [(1, Unit.DAY, "By day"), (92, Unit.DAY, "By day"), (400, Unit.WEEK, "By week"), (3_000, Unit.MONTH, "By month")],
)
def test_however_long_it_goes_on_the_page_stays_readable(
    client: FlaskClient, days: int, unit: Unit, heading: str
) -> None:
    begun = NOON - timedelta(days=days - 1)
    with time_machine.travel(NOON, tick=False):
        make.counts(*((begun + timedelta(days=nth), "IT", 1_000) for nth in range(days)))
        html = steps.look(client, NUMBERS).html
        table = _table(client, "day")
    assert f">{heading}</h2>" in html
    assert 0 < html.count('class="mark" x=') - 3 <= 100 and len(html) < 60_000
    assert len(table) == days + 1 and table[-1] == ["2026-03-04", "1000", str(1_000 * days)]
    assert f"<strong>{1_000 * days:,}</strong>" in html


@pytest.mark.parametrize("number", [1, 91, 92, 93, 400, 644, 645, 2_500])
def test_days_put_together_lose_nobody(number: int) -> None:
    first = date(2025, 1, 31)
    days = [Day(first + timedelta(days=nth), nth % 5, 0) for nth in range(number)]
    together = list(spans(days, unit_for(days)))
    assert sum(span.count for span in together) == sum(day.count for day in days)
    assert len(together) <= MOST_SPANS + 1
    assert (together[0].first, together[-1].last) == (first, days[-1].day)
    assert all(before.last + timedelta(days=1) == after.first for before, after in pairwise(together))


def test_after_closing_the_days_end(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(NOON + timedelta(days=50), tick=False):
        make.counts((NOON, "IT", 5))
        steps.schedule(app, closes_at=NOON + timedelta(days=3))
        assert _table(client, "day")[-1][0] == "2026-03-07"


@pytest.mark.parametrize("by", ["", "hour", "day%00", "country,day", "x" * 3000, "☃"])
def test_numbers_that_there_are_not_are_a_helpful_404(client: FlaskClient, by: str) -> None:
    answer = client.get(f"{NUMBERS}.csv", query_string={"by": by})
    assert answer.status_code == 404
    assert f'href="{NUMBERS}"' in answer.text and "There are no such numbers" in answer.text


@pytest.mark.parametrize(
    "path", ["/en/no-such-text/numbers", "/en/no-such-text/numbers.csv", "/xx/child-dignity/numbers"]
)
def test_no_declaration_no_numbers(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.get("/api/v1/declarations/no-such-text/numbers").status_code == 404


def test_the_page_is_the_same_for_everyone_and_has_no_cookie(app: Flask, client: FlaskClient) -> None:
    make.counts((clock.now(), "IT", 5))
    answer = client.get(NUMBERS)
    assert answer.headers["Cache-Control"].startswith("public") and "Set-Cookie" not in answer.headers
    assert ("localhost", NUMBERS) in app.extensions["petition.shelf"].kept
    assert f'href="{NUMBERS}"' in steps.look(client, make.PAGE).html, "the declaration leads to it"
    assert f'href="{NUMBERS}"' in steps.look(client, f"{make.PAGE}/signatories").html
