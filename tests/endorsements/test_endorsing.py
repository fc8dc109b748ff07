"""Endorsing: from the form to the list, held until an organiser approves, counted apart from people."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from petition import clock
from petition.columns import new_public_id
from petition.endorsements.mailboxes import LIFETIMES, Mailbox
from petition.endorsements.models import Endorsement, Purpose, State
from petition.extensions import db
from tests import make
from tests.conftest import Mailbag
from tests.endorsements import steps
from tests.signatures import steps as signing

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_an_organisation_endorses_confirms_is_approved_listed_and_counted(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    form = signing.look(client, make.ENDORSE).form("/endorse")
    typed = {**make.endorse_form(email=address, organisation="École libre"), "ticket": form.values["ticket"]}

    answer = client.post(make.ENDORSE, data=typed)

    assert (answer.status_code, answer.location) == (303, f"{make.ENDORSE}/check-your-mail")
    asked = mails.take_one()
    assert asked.recipients == (address,)
    link = make.link(asked.message, "endorsement/confirm")
    shown = signing.look(client, link).html
    assert "École libre" in shown and "https://www.example.org" in shown and "President" in shown
    steps.confirm(client, link)
    assert "confirmed" in mails.take_one().message["Subject"]
    assert steps.the_endorsement().state is State.HELD
    assert (steps.counted(app), "École libre" in steps.listed(app, client)) == (0, False)

    steps.approve(steps.the_endorsement())

    thanks = mails.take_one()
    assert thanks.recipients == (address,) and "published" in thanks.message["Subject"]
    plain, html = (thanks.message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and "École libre is approved" in plain.get_content()
    assert html is not None and "<bdi>École libre</bdi> is approved" in html.get_content()
    assert steps.counted(app) == 1
    assert signing.counted(app, client) == 0, "people are counted apart"
    page = steps.listed(app, client)
    assert '<a href="https://www.example.org" rel="nofollow noopener" dir="ltr">example.org</a>' in page
    assert "École libre" in page and "Ada Lovelace" not in page and address not in page


def test_the_declarations_own_page_shows_the_newest_organisations_and_leads_to_the_form(
    app: Flask, client: FlaskClient
) -> None:
    assert f'href="{make.ENDORSE}"' in steps.listed(app, client, make.PAGE)
    for number in range(8):
        make.endorsement(organisation=f"Society number {number}")
    steps.counted(app)

    page = steps.listed(app, client, make.PAGE)

    assert "Society number 7" in page and "Society number 2" in page and "Society number 1<" not in page
    assert f'<a href="{steps.LIST}">See all 8 organisations</a>' in page


def test_a_submission_keeps_the_text_and_the_exact_words_of_the_consent(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False):
        steps.ask(client, mails, make.email(), organisation="  Analytical   Society ", site=" Example.org/a?b=ü#c ")

    (submission,) = steps.submissions()
    assert (submission.organisation, submission.site) == ("Analytical Society", "https://example.org/a?b=%C3%BC")
    assert (submission.country, submission.person, submission.role) == ("GB", "Ada Lovelace", "President")
    assert (submission.language, submission.text.sha256) == ("en", make.text().sha256)
    assert (submission.created_at, submission.mailed_at) == (NOON, NOON)
    (consent,) = submission.consents
    assert (consent["purpose"], consent["language"]) == ("agree", "en")
    assert consent["wording"] in signing.look(client, make.ENDORSE).html


def test_in_italian_the_form_the_mail_and_the_links_are_italian(client: FlaskClient, mails: Mailbag) -> None:
    form = make.endorse_form(ticket=signing.look(client, f"/it/{make.SLUG}/endorse").form("/endorse").values["ticket"])
    assert client.post(f"/it/{make.SLUG}/endorse", data=form).status_code == 303
    link = make.link(mails.take_one().message, "endorsement/confirm")
    assert link.startswith("/it/")
    assert signing.look(client, link).language == "it"


@pytest.mark.parametrize("closed", [True, False])
def test_a_declaration_that_is_not_open_cannot_be_endorsed(app: Flask, client: FlaskClient, closed: bool) -> None:
    form = make.endorse_form()
    moment = clock.now()
    if closed:
        signing.schedule(app, closes_at=moment)
    else:
        signing.schedule(app, opens_at=moment + timedelta(days=1))
    words = "closed; it can no longer be endorsed" if closed else "cannot be endorsed yet"

    for answer in (client.get(make.ENDORSE), client.post(make.ENDORSE, data=form)):
        assert answer.status_code == 403
        assert words in answer.text
    assert steps.submissions() == []
    assert f'href="{make.ENDORSE}"' not in steps.listed(app, client, make.PAGE)
    assert client.get(steps.LIST).status_code == 200


def test_a_link_to_confirm_works_a_day_longer_than_the_form_and_no_more(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        first, second = (steps.ask(client, mails, make.email()) for _ in range(2))
        signing.schedule(app, closes_at=NOON + timedelta(hours=1))
        travel.shift(timedelta(hours=24, minutes=59))
        steps.confirm(client, first)
        travel.shift(timedelta(minutes=1))
        assert client.get(second).status_code == 403
        assert client.post(second, data={"submission": steps.submissions()[1].public_id}).status_code == 403
    assert len(steps.endorsements()) == 1
    mails.take()


def test_a_link_to_confirm_is_good_for_seven_days(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        link = steps.ask(client, mails, make.email())
        travel.shift(timedelta(days=7) - signing.MOMENT)
        assert client.get(link).status_code == 200
        travel.shift(signing.MOMENT)
        assert (client.get(link).status_code, client.post(link).status_code) == (410, 410)
    assert steps.endorsements() == []


def test_confirming_twice_is_once(client: FlaskClient, mails: Mailbag) -> None:
    link = steps.ask(client, mails, make.email())
    values = signing.look(client, link).forms[0].values

    for _ in range(2):
        assert client.post(link, data=values).status_code == 303

    assert len(steps.endorsements()) == 1
    mails.take_one()
    assert "The endorsement is confirmed" in signing.look(client, link).html


def test_the_database_itself_refuses_a_second_endorsement_of_one_mailbox(app: Flask) -> None:
    first = make.endorsement()
    generated = ("id", "public_id", "counted")
    values = {column.name: getattr(first, column.name) for column in Endorsement.__table__.columns}

    db.session.add(
        Endorsement(**{name: values[name] for name in values if name not in generated}, public_id=new_public_id())
    )
    with pytest.raises(IntegrityError, match=r"(?i)unique"), db.session.begin_nested():
        db.session.flush()


def test_what_is_confirmed_anew_waits_for_approval_anew(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    # Both are asked for before either is confirmed: afterwards the second would get no such link.
    links = [steps.ask(client, mails, address, organisation=name) for name in ("First Name", "Second Name")]
    confirmed = signing.look(client, links[0]).forms[0].values
    assert "Second Name" in signing.look(client, links[0]).html, "the newest is what is confirmed"
    first = {"submission": steps.submissions()[0].public_id}
    assert client.post(links[0], data=first).status_code == 303
    steps.approve(steps.the_endorsement())
    assert (steps.counted(app), "First Name" in steps.listed(app, client)) == (1, True)

    assert client.post(links[1], data=confirmed).status_code == 303

    assert (steps.the_endorsement().organisation, steps.the_endorsement().state) == ("Second Name", State.HELD)
    page = steps.listed(app, client)
    assert (steps.counted(app), "First Name" in page, "Second Name" in page) == (0, False, False)
    mails.take()


def test_the_list_is_paged_newest_first_and_goes_on_after_one_that_was_taken_off(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.endorsements.listing.PAGE", 2)
    made = [make.endorsement(organisation=f"Society number {number}") for number in range(5)]

    first = steps.listed(app, client)
    assert first.index("Society number 4") < first.index("Society number 3")
    assert "Society number 2" not in first
    after = f"?after={made[3].public_id}"
    assert after in first
    steps.decline(made[3])
    second = signing.look(client, steps.LIST + after).html
    assert [number for number in range(5) if f"Society number {number}" in second] == [1, 2]


@pytest.mark.parametrize("after", ["", "nothing", "-1", "%F0%9F%98%80", "a" * 500])
def test_a_place_that_the_list_does_not_have_is_not_found(client: FlaskClient, after: str) -> None:
    assert client.get(f"{steps.LIST}?after={after}").status_code == 404


def test_one_that_was_never_approved_is_no_place_in_the_list(app: Flask, client: FlaskClient) -> None:
    held = make.endorsement(approved=False)
    assert client.get(f"{steps.LIST}?after={held.public_id}").status_code == 404


def test_every_purpose_of_a_link_has_its_lifetime(app: Flask) -> None:
    assert set(LIFETIMES) == set(Purpose)


WRONG = ["x", "A" * 43, "../../etc/passwd", "é" * 20]


@pytest.mark.parametrize("token", WRONG)
@pytest.mark.parametrize("page", ["confirm/{}", "not-me/{}", "not-me/{}/lift", "{}", "{}/withdraw", "{}/erase"])
def test_a_token_that_was_never_mailed_opens_nothing(client: FlaskClient, token: str, page: str) -> None:
    path = f"/en/endorsement/{page.format(token)}"
    answers = [client.get(path).status_code, client.post(path).status_code]
    assert 404 in answers and set(answers) <= {404, 405}


@pytest.mark.parametrize("made_for", list(Purpose))
def test_a_link_opens_only_what_it_was_made_for(app: Flask, client: FlaskClient, made_for: Purpose) -> None:
    endorsed = make.endorsement()
    assert endorsed.mailbox is not None
    token = Mailbox(endorsed.text.declaration, endorsed.mailbox).mint(made_for)
    db.session.commit()
    pages = {Purpose.CONFIRM: "confirm/", Purpose.REFUSE: "not-me/", Purpose.PERSONAL: ""}
    for purpose, page in pages.items():
        answer = client.get(f"/en/endorsement/{page}{token}")
        assert (answer.status_code == 200) is (purpose is made_for), purpose
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_reading_every_page_changes_nothing(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    pending = steps.ask(client, mails, make.email())
    refuse = make.link(_asked_again(client, mails), "not-me")
    personal = steps.become_held(client, mails, address)
    before = signing.everything()

    for path in (make.ENDORSE, steps.LIST, pending, refuse, personal, f"{personal}/download", make.PAGE):
        assert client.get(path).status_code == 200, path
        assert client.head(path).status_code == 200, path

    assert signing.everything() == before


def _asked_again(client: FlaskClient, mails: Mailbag) -> EmailMessage:
    steps.endorse(client, make.email())
    return mails.take_one().message
