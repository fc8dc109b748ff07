"""Webhooks at the console and by command: added, shown their secret once, switched, watched, told again."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks import Webhook

from petition import clock
from petition.console.webhooks import words
from petition.declarations.notices import ORGANISERS
from petition.extensions import db
from petition.partners import notices as partner_notices
from petition.signatures import moderating
from petition.webhooks import endpoints, listening, outcomes
from petition.webhooks.failures import Disabled, Failure, Unsent
from petition.webhooks.models import Notice, WebhookEndpoint
from tests import make, staff
from tests.accounts.elsewhere import ANOTHER, another_scope
from tests.conftest import Mailbag
from tests.console.webhook_steps import BYRONS, EVENTS, ORGANISERS_SIDE, PAGE, Side, acts
from tests.staff import staff_post
from tests.webhooks.receiving import Receiver, a_receiver, caller, send

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.fixture(params=["organisers", "partner"])
def side(app: Flask, request: pytest.FixtureRequest) -> Side:
    if request.param == "organisers":
        return ORGANISERS_SIDE
    return Side(BYRONS, partner_notices.owner("byron"), make.partner(contact=""))


def _run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["webhooks", *words])
    return result.exit_code, result.output


def test_a_webhook_is_added_and_its_secret_shown_once(app: Flask, side: Side) -> None:
    client = side.sign_in(app)
    with a_receiver() as receiver:
        public_id, secret = side.add(client, receiver.url)
        endpoint = endpoints.find(public_id)
        assert endpoint is not None and endpoint.owner == side.owner
        assert client.get(side.page).text.count(receiver.url) == 1
        for page in (side.page, f"{side.page}/{public_id}"):
            assert secret not in client.get(page).text
        side.sign()
        send(caller())
        [received] = receiver.received
        assert Webhook(secret).verify(received.body, dict(received.headers))["type"] == "signature.confirmed"
    page = client.get(f"{side.page}/{public_id}").text
    assert "Taken" in page and "204" in page and received.headers["webhook-id"] in page
    assert acts() == ["webhook.added"]


def test_adding_asks_who_it_is(app: Flask, side: Side) -> None:
    answer = staff_post(side.sign_in(app, fresh=False), side.page, url="https://example.org", events=EVENTS)
    assert answer.status_code == 403 and "again_password" in answer.text
    assert "https://example.org" in answer.text, "what was typed goes along"


def test_changing_the_secret_and_enabling_ask_who_it_is_and_disabling_does_not(app: Flask, side: Side) -> None:
    public_id, _ = side.add(side.sign_in(app), "http://127.0.0.1:9/hooks")
    tired = side.sign_in(app, fresh=False)
    assert staff_post(tired, f"{side.page}/{public_id}/disable").status_code == 303
    for verb in ("secret", "enable"):
        answer = staff_post(tired, f"{side.page}/{public_id}/{verb}")
        assert answer.status_code == 403 and "again_password" in answer.text
    proof = {"again_password": staff.PASSWORD, "again_code": staff.code()}
    assert staff_post(tired, f"{side.page}/{public_id}/enable", **proof).status_code == 303
    assert acts() == ["webhook.added", "webhook.disabled", "webhook.enabled"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Please enter an address."),
        ("example.org", "Please enter a whole address"),
        ("https://user:secret@example.org/", "Please enter a whole address"),
        ("https://10.0.0.1/", "private network"),
        ("https://2852039166/latest/meta-data/", "private network"),
        ("https://no-such-host.invalid/", "cannot be found"),
        ("https://example.org/a\tb<script>", "Please enter a whole address"),
    ],
)
def test_an_address_that_cannot_be_is_told_plainly_and_nothing_typed_is_lost(
    app: Flask, side: Side, url: str, said: str
) -> None:
    answer = staff_post(side.sign_in(app), side.page, url=url, events=["declaration.closed"])
    assert answer.status_code == 422
    assert said in answer.text
    assert "b<script>" not in answer.text
    assert 'value="declaration.closed" checked' in answer.text
    assert not db.session.scalars(select(WebhookEndpoint)).all()


@pytest.mark.parametrize("chosen", [[], ["no.such.event"], ["declaration.closed", "odd"]])
def test_events_that_are_none_are_refused(app: Flask, side: Side, chosen: list[str]) -> None:
    answer = staff_post(side.sign_in(app), side.page, url="https://127.0.0.1/", events=chosen)
    assert answer.status_code == 422 and "choose at least one" in answer.text


def test_the_same_address_twice_is_refused(app: Flask, side: Side) -> None:
    client = side.sign_in(app)
    side.add(client, "http://127.0.0.1:9/hooks")
    again = {"url": "http://127.0.0.1:9/hooks", "declaration": make.SLUG, "events": EVENTS}
    answer = staff_post(client, side.page, **again)
    assert answer.status_code == 422 and "for this address already" in answer.text


def test_a_webhook_is_switched_off_and_on(app: Flask, side: Side) -> None:
    client = side.sign_in(app)
    with a_receiver() as receiver:
        public_id, _ = side.add(client, receiver.url)
        page = staff_post(client, f"{side.page}/{public_id}/disable")
        assert "The webhook is disabled." in client.get(page.location).text
        staff_post(client, f"{side.page}/{public_id}/disable")
        side.sign()
        send(caller())
        assert not receiver.received
        page = staff_post(client, f"{side.page}/{public_id}/enable")
        assert "The webhook is enabled." in client.get(page.location).text
        side.sign()
        send(caller())
        assert len(receiver.received) == 1
    assert acts() == ["webhook.added", "webhook.disabled", "webhook.enabled"], "twice is once"


def test_the_secret_is_changed_and_both_sign_for_a_day(app: Flask, side: Side) -> None:
    client = side.sign_in(app)
    with a_receiver() as receiver:
        public_id, old = side.add(client, receiver.url)
        answer = staff_post(client, f"{side.page}/{public_id}/secret")
        found = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
        assert found and found[0] != old
        side.sign()
        send(caller())
        for secret in (old, found[0]):
            assert Webhook(secret).verify(receiver.received[0].body, dict(receiver.received[0].headers))
    assert acts() == ["webhook.added", "webhook.rotated"]


def test_a_notice_that_was_not_taken_is_shown_and_sent_again(app: Flask, side: Side) -> None:
    client = side.sign_in(app)
    with a_receiver(500) as receiver:
        public_id, _ = side.add(client, receiver.url)
        side.sign()
        send(caller())
        page = client.get(f"{side.page}/{public_id}").text
        assert "To be tried again" in page and "500" in page and "Failing" in page
        notice = db.session.scalars(select(Notice)).one()
        notice.dropped_at = clock.now()
        db.session.commit()
        again = f"{side.page}/{public_id}/notices/{notice.public_id}/replay"
        assert again in client.get(f"{side.page}/{public_id}").text
        assert staff_post(client, again).status_code == 303
        db.session.refresh(notice)
        assert notice.dropped_at is None and notice.attempts == 0
        staff_post(client, again)
        assert acts() == ["webhook.added", "webhook.replayed"], "what waits is not sent twice"
        staff_post(client, f"{side.page}/{public_id}/disable")
        assert "Please enable it first" in staff_post(client, again).text
        assert staff_post(client, f"{side.page}/{public_id}/notices/no-such/replay").status_code == 404


def test_webhooks_of_others_are_not_there(app: Flask) -> None:
    another_scope()
    public_id, _ = ORGANISERS_SIDE.add(staff.signed_in(app, "organiser"), "http://127.0.0.1:9/hooks")
    stranger = staff.signed_in(app, "organiser", slug=ANOTHER)
    for path in ("", "/disable", "/enable", "/secret"):
        address = f"/console/declarations/{ANOTHER}/webhooks/{public_id}{path}"
        answer = staff_post(stranger, address) if path else stranger.get(address)
        assert answer.status_code == 404, path
    endpoint = endpoints.find(public_id)
    assert endpoint is not None
    endpoint.owner = "partner:society"
    db.session.commit()
    assert staff.signed_in(app, "organiser").get(f"{PAGE}/{public_id}").status_code == 404, "a partner's is theirs"


def _failed_for_three_days(receiver: Receiver) -> WebhookEndpoint:
    endpoint = endpoints.all_of(owner=ORGANISERS, scope=make.text().declaration_id)[0]
    first = clock.now() - outcomes.GIVE_UP_AFTER
    endpoint.failures, endpoint.failing_since = 9, first
    make.signature()
    send(caller())
    assert receiver.received
    return endpoint


def test_organisers_are_told_by_mail_when_a_webhook_is_disabled(app: Flask, mails: Mailbag) -> None:
    here, there = make.email(), make.email()
    organiser = staff.signed_in(app, "organiser", address=here, language="en")
    another_scope()
    staff.account("organiser", slug=ANOTHER, address=make.email())
    staff.account("editor", address=make.email())
    staff.account("organiser", address=there, disabled_at=clock.now() - timedelta(days=1))
    with a_receiver(500) as receiver:
        ORGANISERS_SIDE.add(organiser, receiver.url)
        endpoint = _failed_for_three_days(receiver)
        assert endpoint.disabled_because == Disabled.FAILING
        mail = mails.take_one()
        assert mail.recipients == (here,)
        assert mail.message["Subject"] == "A webhook was disabled"
        plain = mail.message.get_body(("plain",))
        assert plain is not None
        text = plain.get_content()
        assert receiver.url in text and "three days" in text and f"http://localhost:8000{PAGE}" in text
        assert "It took no notice for three days." in organiser.get(f"{PAGE}/{endpoint.public_id}").text


def test_a_webhook_that_is_on_again_by_then_is_not_complained_about(app: Flask, mails: Mailbag) -> None:
    organiser = staff.signed_in(app, "organiser")
    with a_receiver(410) as receiver:
        public_id, _ = ORGANISERS_SIDE.add(organiser, receiver.url)
        make.signature()
        send(caller())
        assert staff_post(organiser, f"{PAGE}/{public_id}/enable").status_code == 303
    assert mails.take() == []


def test_everything_is_done_by_command_too(app: Flask) -> None:
    with a_receiver() as receiver:
        code, said = _run(app, "add", make.SLUG, receiver.url, "--event", "signature.confirmed")
        assert code == 0, said
        public_id, secret = said.split(":")[0], said.split()[-1]
        listening.forget()
        make.signature()
        send(caller())
        [received] = receiver.received
        assert Webhook(secret).verify(received.body, dict(received.headers))
        assert "enabled" in _run(app, "list")[1] and receiver.url in _run(app, "list")[1]
        notice = received.headers["webhook-id"]
        assert _run(app, "replay", public_id, "--notice", notice) == (0, f"{public_id}: 1 to be sent again.\n")
        send(caller())
        assert _run(app, "replay", public_id, "--since", "2020-01-01") == (0, f"{public_id}: 1 to be sent again.\n")
        send(caller())
        assert receiver.ids == [notice] * 3
        assert _run(app, "rotate", public_id)[1].startswith("whsec_")
        assert _run(app, "disable", public_id) == (0, f"{public_id}: disabled.\n")
        assert "disabled (It was disabled by hand.)" in _run(app, "list")[1]
        assert _run(app, "enable", public_id) == (0, f"{public_id}: enabled.\n")
    done = ["added", "replayed", "replayed", "rotated", "disabled", "enabled"]
    assert acts() == [f"webhook.{act}" for act in done]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "no-such", "https://127.0.0.1/"), "There is no declaration"),
        (("add", make.SLUG, "https://10.0.0.1/"), "private network"),
        (("add", make.SLUG, "nonsense"), "whole address"),
        (("add", make.SLUG, "https://127.0.0.1/", "--event", "odd"), "“odd” is no event; there are declaration.closed"),
        (("disable", "no-such"), "There is no webhook"),
        (("enable", "no-such\udcff"), "There is no webhook"),
        (("rotate", "no-such"), "There is no webhook"),
        (("replay", "no-such", "--since", "2026-01-01"), "There is no webhook"),
        (("replay", "no-such"), "Name either one notice"),
        (("replay", "no-such", "--since", "yesterday"), "yesterday"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_a_line(app: Flask, words: tuple[str, ...], said: str) -> None:
    code, output = _run(app, *words)
    assert code != 0
    assert said in output and "Traceback" not in output


def test_a_notice_that_is_not_there_cannot_be_sent_again(app: Flask) -> None:
    public_id = _run(app, "add", make.SLUG, "http://127.0.0.1:9/")[1].split(":")[0]
    code, output = _run(app, "replay", public_id, "--notice", "no-such")
    assert code != 0 and "kept for 30 days" in output


def test_an_id_that_begins_with_a_dash_is_no_option(app: Flask) -> None:
    _run(app, "add", make.SLUG, "http://127.0.0.1:9/")
    db.session.scalars(select(WebhookEndpoint)).one().public_id = "-no-option"
    db.session.commit()
    assert _run(app, "disable", "-no-option") == (0, "-no-option: disabled.\n")
    assert _run(app, "enable", "-no-option") == (0, "-no-option: enabled.\n")
    assert _run(app, "replay", "-no-option", "--since", "2026-01-01") == (0, "-no-option: 0 to be sent again.\n")


def test_whatever_keeps_a_notice_back_is_said_in_words(app: Flask) -> None:
    assert words.REASONS.keys() == {*Failure, *Unsent}
    assert not {str(said) for said in words.REASONS.values()} & words.REASONS.keys()


def test_why_a_notice_was_not_sent_is_said_on_its_page(app: Flask, side: Side) -> None:
    client = side.sign_in(app)
    with a_receiver() as receiver:
        public_id, _ = side.add(client, receiver.url)
        assert "A signature counts no more" in client.get(side.page).text
        _hear_of_ends(public_id)
        signature = side.sign()
        for decide in (moderating.hold, moderating.approve):
            decide(moderating.lock(signature.public_id), reason="A test")
            db.session.commit()
        send(caller())
    assert "The signature counted again." in client.get(f"{side.page}/{public_id}").text


def _hear_of_ends(public_id: str) -> None:
    endpoint = endpoints.find(public_id)
    assert endpoint is not None
    endpoint.events = ["signature.withdrawn"]
    db.session.commit()
    listening.forget()
