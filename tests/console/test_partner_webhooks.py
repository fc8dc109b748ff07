"""A partner's webhooks: its people's and nobody else's, of what came through it, and told of their end."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from petition.accounts import granting, trail
from petition.accounts.duties import Role
from petition.accounts.trail_models import TrailEntry
from petition.declarations.notices import CLOSED
from petition.extensions import db
from petition.outbox.models import Mail
from petition.partners import enrolling, people
from petition.partners import notices as partner_notices
from petition.partners.models import Partner
from petition.webhooks import endpoints, listening, telling
from petition.webhooks.models import WebhookEndpoint
from tests import make, staff
from tests.accounts.elsewhere import ANOTHER, another_scope
from tests.conftest import Mailbag
from tests.console.webhook_steps import BYRONS, Side
from tests.partners.steps import through, works_for
from tests.staff import Staff, staff_post
from tests.webhooks.receiving import Receiver, a_receiver, caller, send

pytestmark = pytest.mark.usefixtures("loopback")
NOWHERE = "http://127.0.0.1:9/hooks"


@pytest.fixture
def partner(app: Flask) -> Partner:
    return make.partner(languages=("en",))


def _side(partner: Partner) -> Side:
    return Side(BYRONS, partner_notices.owner(partner.slug), partner)


def _all(client: Staff, page: str, public_id: str) -> dict[str, int]:
    """What each of the pages answers, by its address."""
    read = {path: client.get(path).status_code for path in (page, f"{page}/{public_id}")}
    verbs = (page, *(f"{page}/{public_id}/{verb}" for verb in ("secret", "disable", "enable", "notices/x/replay")))
    return read | {f"POST {path}": staff_post(client, path, url=NOWHERE, events=CLOSED).status_code for path in verbs}


def _close(slug: str, scope: int) -> None:
    """As the round does for every owner."""
    telling.tell(CLOSED, slug, scope=scope, owners=None)
    db.session.commit()


def _told(receiver: Receiver) -> list[dict[str, object]]:
    send(caller())
    return [json.loads(each.body)["data"] for each in receiver.received]


def test_another_partners_webhooks_are_not_there(app: Flask, partner: Partner) -> None:
    public_id, _ = _side(partner).add(works_for(app, partner), NOWHERE)
    stranger = works_for(app, make.partner("other"))
    for page in (BYRONS, "/console/carrying/no-such/webhooks"):
        found = _all(stranger, page, public_id)
        assert found == dict.fromkeys(found, 404)
    found = _all(stranger, "/console/carrying/other/webhooks", public_id)
    assert {status for path, status in found.items() if public_id in path} == {404}
    endpoint = endpoints.find(public_id)
    assert endpoint is not None and endpoint.on


def test_organisers_of_everything_look_after_them_and_no_other_staff_does(app: Flask, partner: Partner) -> None:
    public_id, _ = _side(partner).add(staff.signed_in(app, "organiser", slug=None), NOWHERE)
    organiser = staff.signed_in(app, "organiser")
    found = _all(organiser, BYRONS, public_id)
    assert found == dict.fromkeys(found, 404), "one declaration's organisers look after its own alone"
    assert organiser.get(f"/console/declarations/{make.SLUG}/webhooks/{public_id}").status_code == 404
    for role in (Role.EDITOR, Role.MODERATOR, Role.EXPORTER, Role.OPERATOR):
        found = _all(staff.signed_in(app, role, slug=None), BYRONS, public_id)
        assert found == dict.fromkeys(found, 403), role


def test_working_for_a_partner_opens_no_webhooks_of_a_declaration(app: Flask, partner: Partner) -> None:
    assert works_for(app, partner).get(f"/console/declarations/{make.SLUG}/webhooks").status_code == 404


def test_the_ways_lead_there(app: Flask, partner: Partner) -> None:
    assert f'href="{BYRONS}"' in works_for(app, partner).get("/console/carrying/byron").text
    assert f'href="{BYRONS}"' in staff.signed_in(app, "organiser", slug=None).get("/console/partners/byron").text


def test_what_is_done_is_on_the_partners_trail_and_on_no_declarations(app: Flask, partner: Partner) -> None:
    client = works_for(app, partner)
    public_id, _ = _side(partner).add(client, NOWHERE + "?key=secret-of-the-receiver")
    for verb in ("secret", "disable", "enable"):
        staff_post(client, f"{BYRONS}/{public_id}/{verb}")
    entries = db.session.scalars(select(TrailEntry).where(TrailEntry.subject == public_id)).all()
    assert [entry.act for entry in entries] == [
        "webhook.added", "webhook.rotated", "webhook.disabled", "webhook.enabled"
    ]  # fmt: skip
    for entry in entries:
        assert entry.account == client.account.public_id and trail.detail_of(entry)["partner"] == "byron"
        assert entry.scope == people.scope_of(partner)
    added = trail.detail_of(entries[0])
    assert (added["declaration"], added["host"]) == (make.SLUG, "127.0.0.1")
    everybodys = staff.signed_in(app, "organiser", slug=None).get("/console/trail").text
    assert "Webhook added" in everybodys and "secret-of-the-receiver" not in everybodys
    assert public_id not in staff.signed_in(app, "organiser").get("/console/trail").text


def test_one_that_is_about_every_declaration_hears_of_each_and_of_those_to_come(app: Flask, partner: Partner) -> None:
    client = works_for(app, partner)
    with a_receiver() as every, a_receiver() as first:
        staff_post(client, BYRONS, url=every.url, declaration="*", events=[CLOSED])
        staff_post(client, BYRONS, url=first.url, declaration=make.SLUG, events=[CLOSED])
        _close(ANOTHER, another_scope())
        _close(make.SLUG, staff.scope())
        assert [data["declaration"] for data in _told(every)] == [ANOTHER, make.SLUG]
        assert [data["declaration"] for data in _told(first)] == [make.SLUG]
    page = client.get(BYRONS).text
    assert page.count("Every declaration, those to come among them") == 2, "in the list, and to be chosen"


def test_a_partner_that_carries_some_is_offered_those_alone(app: Flask) -> None:
    another_scope()
    client = works_for(app, make.partner(carries=(make.SLUG,)))
    assert f'value="{make.SLUG}"' in (page := client.get(BYRONS).text)
    assert 'value="*"' not in page and f'value="{ANOTHER}"' not in page
    for slug in ("*", ANOTHER, "no-such"):
        answer = staff_post(client, BYRONS, url=NOWHERE, declaration=slug, events=[CLOSED])
        assert answer.status_code == 422 and "choose one of these declarations" in answer.text
    assert not db.session.scalars(select(WebhookEndpoint)).all()


def test_its_machine_hears_of_those_who_agreed_and_of_the_others_that_there_is_one_more(
    app: Flask, partner: Partner
) -> None:
    client = works_for(app, partner)
    assert "Somebody agreed to hear from the partner" in client.get(BYRONS).text
    with a_receiver() as receiver:
        _side(partner).add(client, receiver.url)
        through(partner, name="Mary Shelley")
        through(partner, agreed=False, name="Percy Shelley")
        through(None, name="George Gordon")
        agreed, other = _told(receiver)
    assert isinstance(agreed["person"], dict) and agreed["person"]["name"] == "Mary Shelley"
    assert "person" not in other


def test_a_partner_that_is_switched_off_keeps_its_pages_and_is_named_nobody(app: Flask, partner: Partner) -> None:
    client = works_for(app, partner)
    with a_receiver() as receiver:
        public_id, _ = _side(partner).add(client, receiver.url)
        through(partner)
        enrolling.disable(db.session.merge(partner))
        db.session.commit()
        assert "person" not in _told(receiver)[0]
    assert "switched off" in client.get(BYRONS).text
    assert staff_post(client, f"{BYRONS}/{public_id}/disable").status_code == 303


def test_when_one_is_disabled_its_people_and_its_desk_are_told_where_to_enable_it(app: Flask, mails: Mailbag) -> None:
    partner, address = make.partner(languages=("it",)), make.email()
    account = staff.account(address=address)
    granting.grant(account, Role.PARTNER, scopes=[people.scope_of(partner)])
    db.session.commit()
    works_for(app, make.partner("other"))
    with a_receiver(410) as receiver:
        _side(partner).add(staff.browse(app, account), receiver.url)
        _close(make.SLUG, staff.scope())
        _told(receiver)
    posted = {mail.recipients: mail.message for mail in mails.take()}
    assert posted.keys() == {(address,), ("desk@example.org",)}
    for message in posted.values():
        plain = message.get_body(("plain",))
        assert plain is not None
        text = plain.get_content().rstrip()
        assert receiver.url in text and text.endswith(f"http://localhost:8000{BYRONS}")
    assert posted[(address,)]["Subject"] == "A webhook was disabled"
    assert posted[("desk@example.org",)]["Subject"] != "A webhook was disabled", "the desk reads Italian"


def test_who_is_the_desk_and_signs_in_too_gets_one_mail(app: Flask, mails: Mailbag) -> None:
    partner = make.partner()
    account = staff.account(address=partner.contact_address)
    granting.grant(account, Role.PARTNER, scopes=[people.scope_of(partner)])
    db.session.commit()
    with a_receiver(410) as receiver:
        _side(partner).add(staff.browse(app, account), receiver.url)
        _close(make.SLUG, staff.scope())
        _told(receiver)
    assert mails.take_one().recipients == ("desk@example.org",)


def test_a_desk_that_was_changed_meanwhile_is_told_nothing_at_its_old_address(
    app: Flask, partner: Partner, mails: Mailbag
) -> None:
    with a_receiver(410) as receiver:
        _side(partner).add(staff.signed_in(app, "organiser", slug=None), receiver.url)
        _close(make.SLUG, staff.scope())
        _told(receiver)
    details = enrolling.known(db.session.merge(partner))
    enrolling.edit(db.session.merge(partner), enrolling.Details(**{**vars(details), "contact": "new@example.org"}))
    db.session.commit()
    assert db.session.scalars(select(Mail.kind)).all() == ["webhook-disabled"]
    assert mails.take() == []


def test_one_that_was_made_by_command_is_on_its_page(app: Flask, partner: Partner) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["webhooks", "add", make.SLUG, NOWHERE, "--partner", "byron"])
    assert made.exit_code == 0, made.output
    public_id = made.output.split(":")[0]
    assert f"partner:byron  {make.SLUG}  {NOWHERE}" in run.invoke(args=["webhooks", "list"]).output
    listening.forget()
    endpoint = endpoints.find(public_id)
    assert endpoint is not None and "consent.given" in endpoint.events
    assert f'href="{BYRONS}/{public_id}"' in works_for(app, partner).get(BYRONS).text
    refused = run.invoke(args=["webhooks", "add", make.SLUG, NOWHERE, "--partner", "nobody"])
    assert refused.exit_code != 0 and "There is no partner “nobody”." in refused.output
