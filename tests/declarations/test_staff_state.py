"""New declarations, and the page on which they are opened, paused, closed, scheduled and put on the first page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition import clock
from petition.declarations import reading, telling
from petition.declarations.models import State
from petition.declarations.plans import Handover, Wording
from petition.extensions import db
from tests import make, staff
from tests.declarations import steps
from tests.staff import Staff, staff_post

STATE = f"/console/declarations/{make.SLUG}/state"
TEXTS = f"/console/declarations/{make.SLUG}/texts"
NEW = "/console/declarations/new"
GIVEN = {
    "slug": "clean-air",
    "language": "fr",
    "title": "De l’air pur",
    "addressee": "Le ministre",
    "organiser": "Air",
    "contact": "air@example.org",
    "time_zone": "Europe/Paris",
}


def _do(client: FlaskClient, do: str, **fields: str) -> TestResponse:
    return staff_post(client, STATE, do=do, **fields)


def _state() -> State:
    return steps.declaration().state_at(clock.now())


def test_pausing_shows_on_the_page_at_once_and_resuming_too(app: Flask, client: FlaskClient) -> None:
    organiser = staff.signed_in(app, "organiser")
    assert 'id="form"' in client.get(make.PAGE).text or 'name="email"' in client.get(make.PAGE).text
    answer = _do(organiser, "pause")
    assert answer.status_code == 303
    assert "Done. The pages show it now." in organiser.get(answer.location).text
    assert "Signing is paused" in client.get(make.PAGE).text
    assert client.post(make.SIGN, data=make.form()).status_code == 403
    _do(organiser, "resume")
    assert 'name="email"' in client.get(make.PAGE).text


def test_closing_reopening_and_opening(app: Flask, client: FlaskClient) -> None:
    organiser = staff.signed_in(app, "organiser")
    assert _do(organiser, "close").status_code == 303
    assert _state() == State.CLOSED
    assert 'name="email"' not in client.get(make.PAGE).text
    assert _do(organiser, "close").status_code == 422
    assert _do(organiser, "reopen").status_code == 303
    assert (_state(), steps.declaration().closes_at) == (State.OPEN, None)
    _do(organiser, "schedule", opens_at="2999-01-01T10:00", closes_at="")
    assert _state() == State.UPCOMING
    assert _do(organiser, "open").status_code == 303
    assert _state() == State.OPEN


def test_times_are_those_of_clocks_in_the_declarations_zone(app: Flask) -> None:
    organiser = staff.signed_in(app, "organiser")
    _do(organiser, "schedule", opens_at="2025-11-12T09:00", closes_at="2999-07-01T18:00:30")
    found = steps.declaration()
    assert found.opens_at == datetime(2025, 11, 12, 8, 0, tzinfo=UTC)
    assert found.closes_at == datetime(2999, 7, 1, 16, 0, 30, tzinfo=UTC)
    page = organiser.get(STATE).text
    assert 'value="2025-11-12T09:00"' in page and 'value="2999-07-01T18:00:30"' in page


def test_scheduling_what_is_scheduled_changes_not_even_a_fraction_of_a_second(app: Flask) -> None:
    declaration = steps.declaration()
    exact = datetime(2025, 10, 26, 1, 30, 0, 123456, tzinfo=UTC)
    declaration.opens_at = exact
    db.session.commit()
    _do(staff.signed_in(app, "organiser"), "schedule", opens_at="2025-10-26T02:30", closes_at="")
    assert steps.declaration().opens_at == exact


@pytest.mark.parametrize(
    ("opens", "closes", "sentence"),
    [
        ("", "", "Please give a day and a time"),
        ("tomorrow", "", "Please give a day and a time"),
        ("0001-01-01T00:00", "", "Please give a day and a time"),
        ("9999-12-31T23:59", "", "Please give a day and a time"),
        ("2026-01-01T00:00+05:00", "", "Please give a day and a time"),
        ("2026-02-30T00:00", "", "Please give a day and a time"),
        ("2026-01-01T10:00", "later", "Please give a day and a time"),
        ("2026-01-01T10:00", "2026-01-01T10:00", "The closing must come after the opening."),
        ("2026-01-01T10:00", "2025-01-01T10:00", "The closing must come after the opening."),
    ],
)
def test_times_that_make_no_sense_are_told_beside_their_field(
    app: Flask, opens: str, closes: str, sentence: str
) -> None:
    before = (steps.declaration().opens_at, steps.declaration().closes_at)
    answer = _do(staff.signed_in(app, "organiser"), "schedule", opens_at=opens, closes_at=closes)
    assert answer.status_code == 422 and sentence in answer.text
    assert f'value="{opens}"' in answer.text and f'value="{closes}"' in answer.text
    assert (steps.declaration().opens_at, steps.declaration().closes_at) == before


@pytest.mark.parametrize("do", ["open", "resume", "reopen"])
def test_what_is_so_already_is_told(app: Flask, do: str) -> None:
    answer = _do(staff.signed_in(app, "organiser"), do)
    assert answer.status_code == 422 and 'role="alert"' in answer.text


@pytest.mark.parametrize("do", ["", "delete", "open now"])
def test_there_are_no_other_deeds(app: Flask, do: str) -> None:
    assert _do(staff.signed_in(app, "organiser"), do).status_code == 400


def test_a_state_change_keeps_everything_else(app: Flask) -> None:
    before = steps.declaration().plan.to_json()
    organiser = staff.signed_in(app, "organiser", slug=None)
    for do in ("pause", "resume", "unfeature", "feature", "close", "reopen"):
        assert _do(organiser, do).status_code == 303
    assert steps.declaration().plan.to_json() == before


def test_a_hand_over_is_told_and_asking_goes_on_until_it_is_closed(app: Flask) -> None:
    organiser = staff.signed_in(app, "organiser")
    assert f'href="/console/declarations/{make.SLUG}/deliveries"' in organiser.get(STATE).text.partition("deeds")[2]
    assert "Handed over on" not in organiser.get(STATE).text
    telling.tell(steps.declaration(), Handover(date(2026, 3, 4), Wording(), place="Rome"))
    db.session.commit()
    page = organiser.get(STATE).text
    assert (_state(), "Handed over on" in page, "2026" in page) == (State.OPEN, True, True)
    assert "Asking goes on until it is closed." in page
    assert "Handed over on" in organiser.get(f"/console/declarations/{make.SLUG}/").text
    _do(organiser, "close")
    page = organiser.get(STATE).text
    assert "Handed over on" in page and "Asking goes on" not in page


def test_only_who_organises_all_decides_about_the_first_page(app: Flask) -> None:
    organiser, of_all = staff.signed_in(app, "organiser"), staff.signed_in(app, "organiser", slug=None)
    assert "first page" not in organiser.get(STATE).text
    assert "Take off the first page" in of_all.get(STATE).text
    assert [_do(organiser, do).status_code for do in ("unfeature", "feature")] == [403, 403]
    assert steps.declaration().featured
    assert _do(of_all, "unfeature").status_code == 303
    assert not steps.declaration().featured


# New ones


def test_an_organiser_begins_a_declaration_writes_it_and_publishes_it(app: Flask, client: FlaskClient) -> None:
    organiser = staff.signed_in(app, "organiser", slug=None)
    answer = staff_post(organiser, NEW, **GIVEN)
    assert (answer.status_code, answer.location) == (303, "/console/declarations/clean-air/texts")
    assert "not published yet" in organiser.get(answer.location).text
    for path in ("/fr/clean-air", "/fr/clean-air/sign", "/fr/clean-air/signatories", "/fr/clean-air/numbers"):
        assert client.get(path).status_code == 404, path
    assert client.get("/api/v1/declarations/clean-air/count").status_code == 404
    for path in ("/fr/privacy", "/fr/accessibility", "/sitemap.xml"):
        assert "clean-air" not in client.get(path).text
    steps.draft("text", "fr", slug="clean-air", summary="Un appel", body="Nous demandons.")
    page = organiser.get("/console/declarations/clean-air/publish").text
    value = page.split('name="draft" value="')[1].split('"')[0]
    assert staff_post(organiser, "/console/declarations/clean-air/publish", draft=value).status_code == 303
    page = client.get("/fr/clean-air").text
    assert "De l’air pur" in page and "Le ministre" in page
    plan = steps.declaration("clean-air").plan
    assert plan.contacts == {"Air": "air@example.org"} and plan.consents["agree"]["fr"].startswith("J’approuve")
    for page in ("texts", "frame", "state", "publish", "texts/fr", "texts/fr/versions"):
        assert organiser.get(f"/console/declarations/clean-air/{page}").status_code == 200


def test_what_is_not_published_takes_the_first_page_from_nobody(app: Flask, client: FlaskClient) -> None:
    organiser = staff.signed_in(app, "organiser", slug=None)
    staff_post(organiser, NEW, **GIVEN)
    staff_post(organiser, "/console/declarations/clean-air/state", do="feature")
    assert client.get("/").location.endswith(make.SLUG)


def test_who_organises_all_begins_one_and_others_do_not_see_it_until_it_is_given_to_them(app: Flask) -> None:
    organiser, other = staff.signed_in(app, "organiser", slug=None), staff.signed_in(app, "organiser")
    assert NEW in organiser.get(TEXTS).text
    staff_post(organiser, NEW, **GIVEN)
    assert _grants(organiser) == {("organiser", None)}, "nothing more was given for it"
    begun = "/console/declarations/clean-air/texts"
    assert other.get(begun).status_code == 404
    roles = f"/console/people/{other.account.public_id}/roles"
    assert staff_post(organiser, roles, role="organiser", declarations="clean-air").status_code == 303
    assert other.get(begun).status_code == 200


@pytest.mark.parametrize("role", ["organiser", "editor", "moderator", "exporter", "operator"])
def test_nobody_but_who_organises_all_begins_one(app: Flask, role: str) -> None:
    client = staff.signed_in(app, role)
    assert client.get(NEW).status_code == 403
    assert staff_post(client, NEW, **GIVEN).status_code == 403
    assert reading.find("clean-air") is None
    assert NEW not in client.get(TEXTS).text


def _grants(client: Staff) -> set[tuple[str, int | None]]:
    db.session.refresh(client.account)
    return {(grant.role, grant.scope) for grant in client.account.grants}


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"slug": "Clean Air"}, "slug", "Please use small letters, digits and single hyphens, 60 at most."),
        ({"slug": ""}, "slug", "Please use small letters, digits and single hyphens, 60 at most."),
        ({"slug": "x" * 61}, "slug", "Please use small letters, digits and single hyphens, 60 at most."),
        ({"slug": "console"}, "slug", "“console” is a word of the site’s own addresses; please choose another."),
        ({"slug": make.SLUG}, "slug", "There is a declaration of this name already."),
        ({"title": " "}, "title", "Please give the text a title."),
        ({"addressee": ""}, "addressee", "The words are missing in this language."),
        ({"organiser": ""}, "organiser", "Each organiser needs a name."),
        ({"contact": ""}, "contact", "Please say how this organiser is reached"),
        ({"contact": "here"}, "contact", "The contact must be a mail address"),
        ({"time_zone": "Paris"}, "time_zone", "“Paris” is not a time zone such as Europe/Rome."),
        ({"language": "tlh"}, "languages", ""),
    ],
)
def test_a_beginning_that_cannot_be_is_told_beside_its_field(
    app: Flask, changed: dict[str, str], field: str, sentence: str
) -> None:
    answer = staff_post(staff.signed_in(app, "organiser", slug=None), NEW, **{**GIVEN, **changed})
    assert answer.status_code == 422
    if sentence:
        assert f'id="{field}-error"><span class="unseen">Error:</span> {sentence}' in answer.text
    assert "De l’air pur" in answer.text or "title" in changed
    assert changed.get("slug") == make.SLUG or reading.find(changed.get("slug", GIVEN["slug"])) is None


def test_scheduling_near_the_change_of_clocks_is_a_moment(app: Flask) -> None:
    organiser = staff.signed_in(app, "organiser")
    for typed in ("2026-03-29T02:30", "2026-10-25T02:30"):
        assert _do(organiser, "schedule", opens_at=typed, closes_at="").status_code == 303
        assert steps.declaration().opens_at - datetime(2026, 1, 1, tzinfo=UTC) > timedelta(days=80)


def test_an_editor_neither_closes_nor_schedules(app: Flask) -> None:
    editor = staff.signed_in(app, "editor")
    assert editor.get(STATE).status_code == 403
    assert _do(editor, "close").status_code == 403


def test_a_closing_in_the_past_is_refused_because_retention_counts_from_it(app: Flask) -> None:
    organiser = staff.signed_in(app, "organiser")
    answer = _do(organiser, "schedule", opens_at="2020-01-01T00:00", closes_at="2020-01-02T00:00")
    assert answer.status_code == 422 and "The closing must not lie in the past." in answer.text
