"""Updates end with one click (RFC 8058) or by a button; opening the link changes nothing."""

from collections.abc import Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import keys, links
from petition.extensions import db
from petition.outbox import composing, posting
from petition.outbox.composing import Composed, Message, NotDue
from petition.outbox.models import Mail
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from petition.signatures.minting import unsubscribe_link
from petition.signatures.models import Signature
from tests import make
from tests.conftest import Mailbag, browser
from tests.services import Mail as Arrived
from tests.signatures import steps
from tests.standing import AppMaker

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
MAIL_SERVICE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example.com"}


def _compose_updates(mails: Sequence[Mail]) -> list[Composed]:
    """What a room that sends updates will do: write to those alone who agreed, and let each of them out."""
    return [_update(mail) for mail in mails]


def _update(mail: Mail) -> Composed:
    assert mail.mailbox is not None
    mailbox = Mailbox(steps.declaration(), mail.mailbox)
    signature = mailbox.find_signature()
    if signature is None or signature.address is None or not caring.has_updates(signature):
        return NotDue("updates are not wanted")
    way_out = unsubscribe_link(mailbox, mail.language)
    return Message(
        to=keys.ring().decrypt(signature.address),
        subject="An update",
        text=f"News.\n\n{way_out}\n",
        html=f'<p>News. <a href="{way_out}">No more of this</a></p>',
        unsubscribe=way_out,
    )


def _send_update(app: Flask, mails: Mailbag) -> list[Arrived]:
    composing.register(app, "update", _compose_updates)
    for signature in steps.signatures():
        if signature.mailbox:
            scope = signature.declaration_id
            posting.post("update", signature.public_id, scope=scope, mailbox=signature.mailbox, language="en")
    db.session.commit()
    return mails.take()


def _way_out(app: Flask, client: FlaskClient, mails: Mailbag, address: str | None = None) -> str:
    """Sign with updates, get one, and return the path that its header names."""
    steps.become_signatory(client, mails, address or make.email(), updates="y")
    (mail,) = _send_update(app, mails)
    header = mail.message["List-Unsubscribe"]
    assert header.startswith("<http://localhost:8000/en/unsubscribe/") and header.endswith(">")
    return str(header.strip("<>").removeprefix("http://localhost:8000"))


def _standing(signature: Signature) -> list[str]:
    return [consent.purpose for consent in signature.consents if consent.withdrawn_at is None]


def test_an_update_carries_both_headers_through_the_real_mail_server(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    steps.become_signatory(client, mails, make.email(), updates="y")

    (mail,) = _send_update(app, mails)

    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.message["List-Unsubscribe"] == f"<http://localhost:8000{make.link(mail.message, 'unsubscribe')}>"


def test_the_header_is_whole_for_an_address_outside_ascii_too(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    path = _way_out(app, client, mails, "приклад@example.org")
    assert steps.look(client, path).form(path)


def test_one_click_ends_the_updates_and_nothing_else_and_twice_is_once(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    path = _way_out(app, client, mails)
    service = browser(app, "198.51.100.7")

    first = service.post(path, data=ONE_CLICK, headers=MAIL_SERVICE)
    ended = steps.the_signature().consents[1].withdrawn_at
    second = service.post(path, data=ONE_CLICK, headers=MAIL_SERVICE)

    for answer in (first, second):
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        assert answer.text == "No more updates will come.\n"
        assert "Set-Cookie" not in answer.headers
    assert ended is not None and steps.the_signature().consents[1].withdrawn_at == ended
    assert _standing(steps.the_signature()) == ["agree"]
    assert steps.counted(app, client) == 1
    assert _send_update(app, mails) == []


@pytest.mark.parametrize("headers", [MAIL_SERVICE, {"Origin": "null"}, {}])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_is_taken_from_anywhere_in_both_forms_that_the_standard_allows(
    app: Flask, client: FlaskClient, mails: Mailbag, headers: dict[str, str], kind: str
) -> None:
    path = _way_out(app, client, mails)
    service = app.test_client()
    service.environ_base["HTTP_HOST"] = "localhost:8000"
    with app.app_context():
        answer = service.post(path, data=ONE_CLICK, headers=headers, content_type=kind)

    assert (answer.status_code, _standing(steps.the_signature())) == (200, ["agree"])


def test_opening_the_link_changes_nothing_and_shows_a_button(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    path = _way_out(app, client, mails)
    before = steps.everything()

    page = steps.look(client, path)
    client.head(path)
    client.get(f"{path}?List-Unsubscribe=One-Click")

    assert steps.everything() == before
    assert [form.action for form in page.forms] == [path]
    assert page.title == "No more updates?"


def test_the_button_ends_the_updates_and_the_page_says_so(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    path = _way_out(app, client, mails)

    answer = client.post(steps.look(client, path).form(path).action)

    assert (answer.status_code, answer.location) == (303, path)
    assert _standing(steps.the_signature()) == ["agree"]
    page = steps.look(client, path)
    assert page.title == "No more updates will come"
    assert page.forms == [], "agreeing again is for the personal page"


def test_what_ends_by_this_link_can_be_given_again_on_the_personal_page(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), updates="y")
    (mail,) = _send_update(app, mails)
    client.post(make.link(mail.message, "unsubscribe"), data=ONE_CLICK)
    assert "updates" not in steps.look(client, personal).form(personal).values

    steps.correct(client, personal, updates="y")

    assert _standing(steps.the_signature()) == ["agree", "updates"]
    assert len(_send_update(app, mails)) == 1


def test_each_update_has_a_way_out_of_its_own_and_both_work(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    first = _way_out(app, client, mails)
    (mail,) = _send_update(app, mails)
    second = make.link(mail.message, "unsubscribe")

    assert first != second
    client.post(second, data=ONE_CLICK)
    assert client.post(first, data=ONE_CLICK).status_code == 200


def test_who_did_not_agree_gets_no_update(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    steps.become_signatory(client, mails, make.email())
    assert _send_update(app, mails) == []


def test_the_link_opens_nothing_else_and_no_other_link_ends_the_updates(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), updates="y")
    (mail,) = _send_update(app, mails)
    token = make.link(mail.message, "unsubscribe").rpartition("/")[2]

    assert client.get(f"/en/signature/{token}").status_code == 404
    other = personal.rpartition("/")[2]
    assert client.post(f"/en/unsubscribe/{other}", data=ONE_CLICK).status_code == 404
    assert _standing(steps.the_signature()) == ["agree", "updates"]


def test_after_an_erasure_the_link_says_kindly_that_nothing_is_left(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    personal = steps.become_signatory(client, mails, make.email(), updates="y")
    (mail,) = _send_update(app, mails)
    path = make.link(mail.message, "unsubscribe")
    client.post(f"{personal}/erase")

    assert client.get(path).status_code == client.post(path, data=ONE_CLICK).status_code == 404
    assert "Nothing is stored behind this link" in client.get(path).text


def test_one_address_of_a_mail_service_may_end_the_updates_of_many(
    app: Flask, client: FlaskClient, mails: Mailbag, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [_way_out(app, client, mails)]
    signature = steps.the_signature()
    assert signature.mailbox is not None
    mailbox = Mailbox(steps.declaration(), signature.mailbox)
    paths += [unsubscribe_link(mailbox, "en").removeprefix("http://localhost:8000") for _mail in range(4)]
    db.session.commit()
    settings = make.settings(app.extensions["petition.settings"].instance_dir, sign_limits="2/minute")
    monkeypatch.setitem(app.extensions, "petition.settings", settings)

    assert [client.post(path, data=ONE_CLICK).status_code for path in paths] == [200] * 5
    assert [client.post(paths[0], data=ONE_CLICK).status_code for _time in range(2)] == [200, 429]


def test_made_up_tokens_count_for_their_client_and_wait_for_nobody(make_app: AppMaker) -> None:
    app = make_app("sqlite", sign_limits="3/minute")
    client = browser(app)
    client.post("/en/confirm", data={})
    with steps.write_lock(app):
        answers = [
            client.post(f"/en/unsubscribe/{number}", data=ONE_CLICK, headers=MAIL_SERVICE) for number in range(4)
        ]
    assert [answer.status_code for answer in answers] == [404] * 3 + [429]
    other = browser(app, "198.51.100.7")
    assert other.post("/en/unsubscribe/4", data=ONE_CLICK, headers=MAIL_SERVICE).status_code == 404


def test_the_token_is_kept_nowhere(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    token = _way_out(app, client, mails).rpartition("/")[2]

    stored = steps.stored_bytes()
    assert token.encode() not in stored and links.digest(token) in stored


def test_mails_that_were_asked_for_carry_no_way_out_of_a_list(client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.sign(client, address, updates="y")
    arrived = mails.take()
    steps.confirm(client, make.link(arrived[0].message, "confirm"))
    arrived += mails.take()
    steps.sign(client, address, name="Again")
    arrived += mails.take()
    client.post("/en/signature", data={"email": address})
    arrived += mails.take()

    assert [mail.message["Subject"] for mail in arrived] == [
        "Please confirm your signature", "Your signature is confirmed", "You have already signed", "Your personal link",
    ]  # fmt: skip
    for mail in arrived:
        assert not [name for name in mail.message if name.lower().startswith("list-")]
