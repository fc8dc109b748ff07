"""Finding, for staff: every filter finds what it names and nothing else, and pages lead both ways."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import addresses, clock
from petition.declarations.models import Declaration
from petition.extensions import db
from petition.signatures import finding, moderating
from petition.signatures.finding import PAGE, Page, Wanted
from petition.signatures.models import Signature, State, Verdict
from petition.signatures.refusals import NoSuchPlace
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def names(**wanted: object) -> set[str]:
    return {row.name for row in finding.find(steps.declaration(), Wanted(**wanted)).rows}  # type: ignore[arg-type]


@pytest.fixture
def of_every_state(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    """One signature or submission in each state, named after it."""
    for verdict, name in ((Verdict.HELD, "Held"), (Verdict.INVALIDATED, "Invalidated")):
        moderating.decide(make.signature(name=name), verdict, reason="It looks odd.")
    back = make.signature(name="Approved")
    for verdict in (Verdict.HELD, Verdict.APPROVED, Verdict.INVALIDATED, Verdict.REINSTATED):
        moderating.decide(back, verdict, reason="It looks odd.")
    make.signature(name="Counted")
    both = make.signature(name="Withdrawn")
    moderating.hold(both, reason="It looks odd.")
    both.withdrawn_at = clock.now() + timedelta(seconds=1)
    gone = make.signature(name="Erased")
    db.session.commit()
    from_mailbox = steps.become_signatory(client, mails, make.email(), name="Gone")
    client.post(f"{from_mailbox}/erase")
    assert gone.state is State.COUNTED
    make.submission(name="Pending")
    steps.send_all(app)
    mails.server.clear()


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (State.PENDING, {"Pending"}),
        (State.COUNTED, {"Approved", "Counted", "Erased"}),
        (State.HELD, {"Held"}),
        (State.INVALIDATED, {"Invalidated"}),
        (State.WITHDRAWN, {"Withdrawn"}),
        (State.ERASED, {""}),
        (None, {"Held", "Invalidated", "Approved", "Counted", "Withdrawn", "Erased", ""}),
    ],
)
def test_a_state_finds_what_is_in_it_as_the_signature_itself_says(
    of_every_state: None, state: State | None, found: set[str]
) -> None:
    assert names(state=state) == found
    if state not in (None, State.PENDING):
        rows = finding.find(steps.declaration(), Wanted(state=state)).rows
        assert {row.state for row in rows if isinstance(row, Signature)} == {state}


def test_each_filter_finds_its_own_and_they_combine(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        make.crowd(1, name="Ada Byron", country="GB", visibility="counted", source="embed")
        travel.shift(timedelta(hours=1))
        make.crowd(1, name="Grace Hopper", country="US", channel="paper")
        travel.shift(timedelta(hours=1))
        make.crowd(1, name="Łucja Byronowa", country="PL")
    first, last = NOON - timedelta(seconds=1), NOON + timedelta(hours=2) - timedelta(seconds=1)

    assert names(name="byron") == {"Ada Byron", "Łucja Byronowa"}
    assert names(name="lucja") == {"Łucja Byronowa"}
    assert names(name="!") == set()
    assert names(country="US") == {"Grace Hopper"}
    assert names(visibility="counted") == {"Ada Byron"}
    assert names(source="embed") == {"Ada Byron"}
    assert names(channel="paper") == {"Grace Hopper"}
    assert names(channel="web") == {"Ada Byron", "Łucja Byronowa"}
    assert names(since=last) == {"Łucja Byronowa"}
    assert names(until=last) == {"Ada Byron", "Grace Hopper"}
    assert names(since=first, until=first + timedelta(seconds=1)) == {"Ada Byron"}
    assert names(name="byron", country="PL", until=last) == set()
    assert names(name="byron", country="GB", source="embed", state=State.COUNTED) == {"Ada Byron"}


def test_an_address_finds_the_mailbox_however_it_is_written_and_nobody_elses(app: Flask) -> None:
    signature = make.signature("Ada.Lovelace+x@gmail.com")
    again = make.submission("adalovelace@googlemail.com", name="Ada Again")
    make.signature("other@example.org")
    declaration = steps.declaration()

    found, submissions = finding.find_by_address(declaration, addresses.parse("adalovelace@gmail.com"))
    assert found is signature
    assert submissions[0] is again and len(submissions) == 2
    assert finding.find_by_address(declaration, addresses.parse("nobody@example.org")) == (None, [])
    elsewhere = Declaration(id=declaration.id + 1)
    assert finding.find_by_address(elsewhere, addresses.parse("adalovelace@gmail.com")) == (None, [])
    assert finding.find_signature(elsewhere, signature.public_id) is None
    assert finding.find_submission(elsewhere, again.public_id) is None


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(name="a"), Wanted(state=State.COUNTED), Wanted(country="GB")])
def test_pages_lead_to_the_end_and_all_the_way_back(app: Flask, wanted: Wanted) -> None:
    make.crowd(2 * PAGE + 7, name=["Ada Abbot", "Bea Ames", "Abel Ng", "Ada Abbot"])
    declaration = steps.declaration()
    forth: list[Page] = [finding.find(declaration, wanted)]
    while forth[-1].after:
        forth.append(finding.find(declaration, wanted, after=forth[-1].after))
    assert [len(page.rows) for page in forth] == [PAGE, PAGE, 7]
    ids = [row.public_id for page in forth for row in page.rows]
    assert len(set(ids)) == 2 * PAGE + 7
    back = [forth[-1]]
    while back[-1].before:
        back.append(finding.find(declaration, wanted, before=back[-1].before))
    assert [row.public_id for page in reversed(back) for row in page.rows] == ids
    assert forth[0].before is None and forth[-1].after is None


def test_pending_submissions_are_paged_too(app: Flask) -> None:
    for _nth in range(3):
        make.submission()
    steps.submissions()[0].confirmed_at = clock.now()
    db.session.commit()
    page = finding.find(steps.declaration(), Wanted(state=State.PENDING))
    assert [row.public_id for row in page.rows] == [row.public_id for row in reversed(steps.submissions()[1:])]


@pytest.mark.parametrize("cursor", ["x", "é", "", "AAAA", "x" * 500, "LTk5OTk5OTk5OTk5OTk5OTk5OS54"])
def test_a_made_up_cursor_is_refused(app: Flask, cursor: str) -> None:
    for given in ({"before": cursor}, {"after": cursor}):
        with pytest.raises(NoSuchPlace):
            finding.find(steps.declaration(), Wanted(), **given)
