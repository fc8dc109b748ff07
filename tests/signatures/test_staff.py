"""The staff's pages: find, look, show an address, decide, erase, send again, enter; each act is in the trail."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition import clock
from petition.accounts import trail, trail_checking
from petition.accounts.trail_models import TrailEntry
from petition.extensions import db
from petition.privacy.models import Erasure
from petition.signatures import moderating
from petition.signatures.models import MailBlock, Signature, State, Verdict
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps
from tests.staff import Staff, signed_in, staff_post

ALL = f"/console/declarations/{make.SLUG}/signatures"
SENT = f"/console/declarations/{make.SLUG}/submissions"


@pytest.fixture
def moderator(app: Flask) -> Staff:
    return signed_in(app, "moderator")


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def posted(client: Staff, path: str, status: int = 303, **fields: Any) -> str:
    answer = staff_post(client, path, **fields)
    assert answer.status_code == status, answer.status
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def entered() -> list[tuple[str, str, str | None, dict[str, Any]]]:
    """What is in the trail about signatures: the act, who, about which, and the detail."""
    db.session.expire_all()
    rows = db.session.scalars(select(TrailEntry).order_by(TrailEntry.number))
    found = [(row.act, row.account, row.subject, trail.detail_of(row)) for row in rows]
    return [each for each in found if each[0].startswith(("signature", "submission", "updates"))]


def test_the_list_shows_everyone_and_what_they_are_and_no_address(app: Flask, moderator: Staff) -> None:
    moderating.hold(make.signature("held@example.org", name="Held One", visibility="counted"), reason="Why not.")
    make.signature(name="<b>Ada</b> Ω")
    db.session.commit()
    shown = page(moderator, ALL)
    assert "Held One" in shown and "&lt;b&gt;Ada&lt;/b&gt; Ω" in shown and "held@" not in shown
    only = page(moderator, f"{ALL}?state=held&country=GB&name=one&channel=web&visibility=counted&since=2020-01-01")
    assert "Held One" in only and "Ada" not in only
    assert "Nothing is found." in page(moderator, f"{ALL}?until=2020-01-01")


def test_the_list_leads_on_and_back_with_its_filters(app: Flask, moderator: Staff) -> None:
    make.crowd(60, name="Ada Ng", country="IT")
    first = page(moderator, f"{ALL}?country=IT&name=ada")
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "country=IT" in following and "name=ada" in following
    second = page(moderator, following)
    back = second.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert second.count("Ada Ng") == 10 and page(moderator, back).count("Ada Ng") == 50


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("state=lost", "Please choose from the list."),
        ("state=pending&name=ada", "What is pending is found by its email address"),
        ("country=Narnia", "Please choose a country"),
        ("channel=pigeon", "Please choose from the list."),
        ("visibility=all", "Please choose from the list."),
        ("since=yesterday", "Please write the time like this"),
        ("until=2026-13-01", "Please write the time like this"),
        ("until=9999-12-31", "Please write the time like this"),
        ("since=0001-01-01", "Please write the time like this"),
        ("since=2026-03-04T12:00%2B99:00", "Please write the time like this"),
    ],
)
def test_a_filter_that_means_nothing_is_told_beside_its_field_and_kept(moderator: Staff, query: str, told: str) -> None:
    answer = moderator.get(f"{ALL}?{query}")
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["after=x", "after=AAAA&before=AAAA", f"after={'x' * 900}"])
def test_a_made_up_place_is_not_there(moderator: Staff, query: str) -> None:
    assert moderator.get(f"{ALL}?{query}").status_code == 404


def test_an_address_is_found_by_a_post_and_stands_in_no_web_address(app: Flask, moderator: Staff) -> None:
    make.signature("ada@example.org", name="Ada Signed")
    make.submission("ada@example.org", name="Ada Again")
    make.signature(name="Somebody Else")
    shown = posted(moderator, f"{ALL}/by-address", 200, email="ADA@example.org")
    assert "Ada Signed" in shown and "Ada Again" in shown and "Somebody Else" not in shown
    assert not [part for part in shown.split('"') if part.startswith(("/", "?")) and "ada" in part.casefold()]
    assert "Nothing is found." in posted(moderator, f"{ALL}/by-address", 200, email="nobody@example.org")
    assert moderator.get(f"{ALL}/by-address").headers["Location"].endswith(ALL)


def test_looking_somebody_up_is_on_the_trail_without_the_address(moderator: Staff) -> None:
    signed = make.signature("ada@example.org")
    sent = make.submission("bea@example.org")
    for typed in ("ada@example.org", "bea@example.org", "nobody@example.org"):
        posted(moderator, f"{ALL}/by-address", 200, email=typed)
    posted(moderator, f"{ALL}/by-address", 422, email="nonsense")
    entries = db.session.scalars(select(TrailEntry).order_by(TrailEntry.number)).all()
    assert [(entry.act, entry.account, entry.scope) for entry in entries] == [
        ("signatures.looked_up", moderator.account.public_id, signed.declaration_id)
    ] * 3
    assert [entry.subject for entry in entries] == [signed.public_id, sent.public_id, None]
    assert [trail.detail_of(entry)["found"] for entry in entries] == [2, 1, 0]
    assert not [entry for entry in entries if "example.org" in str(vars(entry))]


@pytest.mark.parametrize("typed", ["", "nonsense", "x" * 5000])
def test_what_is_no_address_is_told_beside_its_field(moderator: Staff, typed: str) -> None:
    assert "Please enter" in posted(moderator, f"{ALL}/by-address", 422, email=typed)


def test_a_signature_is_shown_with_its_history_and_its_address_only_when_asked(
    app: Flask, client: FlaskClient, mails: Mailbag, moderator: Staff
) -> None:
    personal = steps.become_signatory(client, mails, "ada@example.org", name="Ada Bvron", updates="y")
    steps.correct(client, personal, name="Ada Byron")
    signature = steps.the_signature()
    path = f"{ALL}/{signature.public_id}"
    posted(moderator, f"{path}/decide", verdict="held", reason="Twice in a row.")

    shown = page(moderator, path)
    for words in ("Ada Byron", "Ada Bvron", "Twice in a row.", "Grace Hopper", "Held", "Confirmed", "Name corrected"):
        assert words in shown, words
    assert steps.declaration().plan.consents["updates"]["en"] in shown
    assert "ada@example.org" not in shown
    assert "ada@example.org" in posted(moderator, f"{path}/address", 200)
    assert entered() == [
        ("signature.held", moderator.account.public_id, signature.public_id, {"why": "Twice in a row."}),
        ("signature.address_shown", moderator.account.public_id, signature.public_id, {}),
    ]


def test_deciding_counts_at_once_and_its_opposite_is_offered(app: Flask, client: FlaskClient, moderator: Staff) -> None:
    signature = make.signature()
    path = f"{ALL}/{signature.public_id}"
    for verdict, state, number in (
        (Verdict.HELD, State.HELD, 0),
        (Verdict.APPROVED, State.COUNTED, 1),
        (Verdict.INVALIDATED, State.INVALIDATED, 0),
        (Verdict.REINSTATED, State.COUNTED, 1),
    ):
        assert f'value="{verdict}"' in page(moderator, path)
        posted(moderator, f"{path}/decide", verdict=verdict, reason="It was looked at.")
        assert (steps.the_signature().state, steps.counted(app, client)) == (state, number)
        assert f'value="{moderating.OPPOSITE[verdict]}"' in page(moderator, f"{path}?done={verdict}")
    assert {each.by for each in steps.the_signature().decisions} == {moderator.account.public_id}


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({"verdict": "held", "reason": ""}, 422, "Please give a reason."),
        ({"verdict": "held", "reason": "=1"}, 422, "=1"),
        ({"verdict": "held"}, 422, "Please give a reason."),
        ({"verdict": "praised", "reason": "Why."}, 400, ""),
        ({"reason": "Why."}, 400, ""),
    ],
)
def test_a_decision_that_cannot_be_taken_changes_nothing(
    app: Flask, moderator: Staff, fields: dict[str, str], status: int, told: str
) -> None:
    signature = make.signature()
    assert told in posted(moderator, f"{ALL}/{signature.public_id}/decide", status, **fields)
    assert steps.the_signature().state is State.COUNTED


def test_erasing_on_request_forgets_the_person_with_and_without_an_address(
    app: Flask, client: FlaskClient, moderator: Staff
) -> None:
    make.signature("ada@example.org", name="Ada Byron")
    posted(moderator, f"{ALL}/paper", name="Bea Byron", country="GB", visibility="addressee",
           signed_on="2026-03-04", language="en")  # fmt: skip
    for signature in steps.signatures():
        path = f"{ALL}/{signature.public_id}"
        assert "Please say how the person asked." in posted(moderator, f"{path}/erase", 422)
        posted(moderator, f"{path}/erase", asked="letter")
        assert "The person is forgotten" in page(moderator, f"{path}?done=erased")
        posted(moderator, f"{path}/erase", 409, asked="letter")
    assert b"Byron" not in steps.stored_bytes()
    assert steps.counted(app, client) == 0
    assert [act for act, *_rest in entered()] == ["signature.entered", "signature.erased", "signature.erased"]
    assert db.session.query(Erasure).count() == 2


def test_erasing_asks_for_the_password_again_and_goes_on(app: Flask) -> None:
    signature = make.signature()
    stale = signed_in(app, "moderator", fresh=False)
    asked = staff_post(stale, f"{ALL}/{signature.public_id}/erase", asked="letter")
    assert asked.status_code == 403 and 'name="asked" value="letter"' in asked.get_data(as_text=True)
    assert steps.the_signature().erased_at is None


def test_after_an_erasure_the_trail_names_nobody_and_its_chain_holds(moderator: Staff) -> None:
    signature = make.signature("ada@example.org", name="Ada Byron")
    path = f"{ALL}/{signature.public_id}"
    posted(moderator, f"{path}/decide", verdict="held", reason="Ada Byron called.")
    assert "Please choose" in posted(moderator, f"{path}/erase", 422, asked="Ada Byron wrote.", reason="Ada Byron.")
    posted(moderator, f"{path}/erase", asked="telephone", reason="Ada Byron called again.")
    assert b"Byron" not in steps.stored_bytes()
    entries = db.session.scalars(select(TrailEntry).where(TrailEntry.subject == signature.public_id))
    assert {entry.act: trail.detail_of(entry) for entry in entries} == {
        "signature.held": {}, "signature.erased": {"asked": "telephone"},
    }  # fmt: skip
    assert trail_checking.verify().emptied == 1


def test_a_request_to_confirm_is_sent_again_once(app: Flask, moderator: Staff, mails: Mailbag) -> None:
    made = make.submission("ada@example.org")
    mails.take()
    assert "ada@example.org" not in page(moderator, f"{SENT}/{made.public_id}")
    assert "ada@example.org" in posted(moderator, f"{SENT}/{made.public_id}/address", 200)
    for _nth in range(3):
        posted(moderator, f"{SENT}/{made.public_id}/resend")
    assert mails.take_one().message["Subject"] == "Please confirm your signature"
    for _nth in range(5):
        posted(moderator, f"{SENT}/{made.public_id}/resend")
        mails.take()
    posted(moderator, f"{SENT}/{made.public_id}/resend")
    assert mails.take() == [], "five a day are enough"


def test_nothing_is_sent_again_to_who_refused_or_has_confirmed(app: Flask, moderator: Staff, mails: Mailbag) -> None:
    made = make.submission()
    mails.take()
    db.session.add(MailBlock(declaration_id=made.declaration_id, mailbox=made.mailbox, created_at=clock.now()))
    db.session.commit()
    assert "wants no emails" in posted(moderator, f"{SENT}/{made.public_id}/resend", 409)
    made.confirmed_at = clock.now()
    db.session.commit()
    assert "confirmed already" in posted(moderator, f"{SENT}/{made.public_id}/resend", 409)
    assert mails.take() == []


@pytest.mark.parametrize("id_", ["nobody", "é", "x" * 500])
def test_what_is_not_there_is_not_found(moderator: Staff, id_: str) -> None:
    for path in (f"{ALL}/{id_}", f"{SENT}/{id_}"):
        assert moderator.get(path).status_code == 404
        assert staff_post(moderator, f"{path}/address").status_code == 404
    assert staff_post(moderator, f"{ALL}/{id_}/decide", verdict="held", reason="Why.").status_code == 404
    assert staff_post(moderator, f"{ALL}/{id_}/erase", **{"erase-reason": "Why."}).status_code == 404
    assert staff_post(moderator, f"{SENT}/{id_}/resend").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("organiser", 200), ("moderator", 200), ("editor", 403), ("exporter", 403)]
)
def test_only_who_has_the_duty_looks(app: Flask, role: str, status: int) -> None:
    signature: Signature = make.signature()
    client = signed_in(app, role)
    for path in (ALL, f"{ALL}/{signature.public_id}"):
        assert client.get(path).status_code == status
    assert staff_post(client, f"{ALL}/{signature.public_id}/address").status_code == status
