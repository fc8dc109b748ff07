"""Every staff route with every role, another declaration's objects, and nobody behind it: made from the routes."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from petition import addresses, clock
from petition.accounts import granting, sessions
from petition.accounts.duties import DUTIES, Duty, Role
from petition.accounts.passkeys_models import Passkey
from petition.columns import new_public_id
from petition.console.webhooks.whose import OF_DECLARATIONS, OF_PARTNERS
from petition.declarations import reading
from petition.declarations.notices import CLOSED, ORGANISERS
from petition.deliveries import handing_over, previews
from petition.extensions import Base, db
from petition.outbox import posting
from petition.partners import notices as partner_notices
from petition.partners import reading as partners
from petition.signatures import confirming, signing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Submission
from petition.signatures.signing import Origin
from petition.signatures.statements import Statement
from petition.storing import store
from petition.webhooks import endpoints
from tests import make, staff
from tests.accounts.elsewhere import ANOTHER, another_scope
from tests.deliveries import asked
from tests.staff import Staff

OPEN = {
    "accounts.sign_in", "accounts.do_sign_in", "accounts.second", "accounts.do_second", "accounts.invitation",
    "accounts.join", "accounts.set_up", "accounts.do_set_up", "accounts_staff.passkey_challenge",
    "accounts_staff.joining_options", "accounts_staff.join_with_passkey",
}  # fmt: skip
"""The ways in: whoever goes them is not signed in yet. Each looks for itself at what has been proved."""

OF_NO_DECLARATION = {"name", "reader", "token", "place"}
"""Arguments that name nothing of one declaration: the file of a mail, a kind of reader, an account's table, a page."""
GRAVE = {
    "deliveries_staff.make", "deliveries_staff.again", "deliveries_staff.download", "deliveries_staff.keep_reader",
    "deliveries_updates.export", "console_mails.opened", "console_mails.file", "signatures_staff.erase",
    "accounts_staff.invite", "accounts_staff.give", "accounts_staff.take_back", "accounts_staff.disable",
    "accounts_staff.enable", "accounts_staff.invite_again", "accounts_staff.end_sessions",
    "accounts_staff.export_trail", "accounts_staff.add_passkey", "accounts_staff.remove_passkey",
    "accounts.change_authenticator", "accounts.remove_authenticator", "accounts.renew_codes",
    *(f"{pages}.{view}" for pages in (OF_DECLARATIONS, OF_PARTNERS) for view in ("add", "rotate", "enable")),
}  # fmt: skip
"""What takes data out, erases it, or changes what somebody may do or proves themselves with."""
ONLY_SOMEWHERE = {"console_mails.listed"}
"""Pages that are not there in every shape of running: outgoing mails are shown where they are files."""


# What stands in an address, made for one declaration; known by the argument, or by it and the words before it.


def _submission(slug: str) -> Submission:
    rows = signing.sign(
        make.text(slug=slug),
        make.statement(),
        address=addresses.parse(make.email()),
        consents=(),
        origin=Origin(),
    )
    store(*rows)
    made = db.session.scalars(select(Submission).where(Submission.public_id == rows[0].values["public_id"])).one()
    posting.withdraw(made.mailbox, scope=made.declaration_id)
    db.session.commit()
    return made


def _signature(slug: str) -> str:
    made = _submission(slug)
    mailbox = Mailbox(made.text.declaration, made.mailbox)
    confirming.confirm(mailbox, made, Statement.of(made), consents=())
    signed = mailbox.find_signature()
    assert signed is not None
    mailbox.drop_pending()
    posting.withdraw(made.mailbox, scope=made.declaration_id)
    db.session.commit()
    return signed.public_id


def _passkey(_slug: str) -> str:
    made = Passkey(
        account_id=staff.account().id,
        name="Telephone",
        credential_id=make.key().encode(),
        public_key=b"",
        sign_count=0,
        transports="",
        added_at=clock.now(),
    )
    db.session.add(made)
    db.session.commit()
    return made.public_id


def _delivery(slug: str) -> str:
    return _row("deliveries", declaration_id=staff.scope(slug), stored_order={}, asked_at=clock.now())


def _handover(slug: str) -> str:
    declaration = reading.find_locked(slug)
    assert declaration is not None
    told = handing_over.record(
        declaration, handed_on=clock.now().date(), place="Rome", handed_by="A", handed_to="B", words={}, photos=()
    )
    db.session.commit()
    return told.record


def _partner(slug: str) -> str:
    """The one that stands in every address that is made for this declaration."""
    name = f"of-{slug}"
    return name if partners.find(name) else make.partner(name).slug


def _webhook(slug: str, owner: str = ORGANISERS) -> str:
    values = {"owner": owner, "scope": staff.scope(slug), "url": "https://example.org/hooks", "events": [CLOSED]}
    return _row("webhook_endpoints", **values, secret=b"", created_at=clock.now(), failures=0)


def _notice(slug: str) -> str:
    endpoint = endpoints.find(_webhook(slug))
    assert endpoint is not None
    moments = {"occurred_at": clock.now(), "due_at": clock.now()}
    return _row("webhook_notices", endpoint_id=endpoint.id, event=CLOSED, reference=slug, attempts=0, **moments)


def _preview(slug: str) -> str:
    declaration = reading.find(slug)
    assert declaration is not None
    made = previews.ask(declaration, asked.order(slug=slug), chosen=[])
    db.session.commit()
    return made.public_id


def _row(table: str, **values: Any) -> str:
    """A row that no page will show: what matters is whose it is."""
    public_id = new_public_id()
    db.session.execute(insert(Base.metadata.tables[table]).values(public_id=public_id, **values))
    db.session.commit()
    return public_id


MAKERS: dict[str, Callable[[str], str]] = {
    "slug": lambda slug: slug,
    "language": lambda _slug: "en",
    "signatures/public_id": _signature,
    "submissions/public_id": lambda slug: _submission(slug).public_id,
    "person": lambda slug: staff.account("editor", slug=slug).public_id,
    "passkey": _passkey,
    "partner": _partner,
    "deliveries/public_id": _delivery,
    "handovers/public_id": _handover,
    "webhooks/public_id": _webhook,
    "partner/webhooks/public_id": lambda slug: _webhook(slug, partner_notices.owner(_partner(slug))),
    "notice": _notice,
    "previews/public_id": _preview,
    "reader": lambda _slug: "press",
    "name": lambda _slug: "no-such-mail",
    "token": lambda _slug: "no-such-table",
    "place": lambda _slug: "1",
}


def _value(rule: Rule, argument: str, slug: str) -> str:
    before = rule.rule.split(f"{argument}>")[0].rpartition("<")[0].replace("<", "").replace(">", "").strip("/")
    words = [*before.split("/"), argument]
    names = ["/".join(words[nth:]) for nth in range(len(words))]
    # The longest that is known.
    maker = next((MAKERS[name] for name in names if name in MAKERS), None)
    if maker is None:
        pytest.fail(f"{rule.rule}: nothing makes <{argument}>. Add “{names[-2]}” to MAKERS in {__file__}.")
    return maker(slug)


def _path(app: Flask, rule: Rule, *, slug: str = make.SLUG, objects_of: str | None = None) -> str:
    """The rule's address under this declaration, with objects of this one or of another."""
    values = {name: slug if name == "slug" else _value(rule, name, objects_of or slug) for name in rule.arguments}
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]


def _guarded(app: Flask) -> list[Rule]:
    return [rule for rule in _rules(app) if rule.endpoint not in OPEN]


def _view(app: Flask, rule: Rule) -> Any:
    return app.view_functions[rule.endpoint]


def _ask(client: FlaskClient, rule: Rule, path: str, **fields: str) -> TestResponse:
    if "POST" not in (rule.methods or ()):
        return client.get(path)
    token = {"csrf_token": client.csrf} if isinstance(client, Staff) else {}
    return client.post(path, data={**token, **fields})


def _told(answer: TestResponse) -> str:
    """What came of it, in a word."""
    if answer.status_code == 303 and (answer.location or "").startswith(("/console/sign-in", "/console/set-up")):
        return "sign in"
    return "entered" if answer.text == "entered" else str(answer.status_code)


def _entered(*_args: object, **_kwargs: object) -> str:
    return "entered"


@pytest.fixture
def hollow(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application whose staff views do nothing but say that they were entered; all that guards them is real."""
    another_scope()
    for rule in _guarded(app):
        body = inspect.unwrap(_view(app, rule))
        assert not body.__code__.co_freevars, f"{rule.endpoint} is no plain function of a module"
        monkeypatch.setattr(body, "__code__", _entered.__code__)
    yield app


def test_every_staff_route_declares_its_duty(migrated: Flask) -> None:
    rules = _rules(migrated)
    assert len(rules) > 20, "the routes were found"
    assert {rule.endpoint for rule in rules} >= OPEN, "the ways in are still there"
    undeclared = [rule.rule for rule in _guarded(migrated) if not hasattr(_view(migrated, rule), "duty")]
    assert not undeclared, "a staff route says with guarding.staff(…) who may enter"


def test_reading_and_writing_are_routes_of_their_own(migrated: Flask) -> None:
    assert not [rule.rule for rule in _rules(migrated) if {"GET", "POST"} <= (rule.methods or set())]


def test_whoever_is_not_signed_in_is_sent_to_sign_in(hollow: Flask, client: FlaskClient) -> None:
    found = {rule.rule: _told(_ask(client, rule, _path(hollow, rule))) for rule in _guarded(hollow)}
    assert found == dict.fromkeys(found, "sign in")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_alone_opens_exactly_what_its_duties_say(hollow: Flask, role: Role) -> None:
    client = staff.signed_in(hollow, role, slug=None if role is Role.OPERATOR else make.SLUG)
    wrong = []
    for rule in _guarded(hollow):
        duty: Duty | None = _view(hollow, rule).duty
        expected = "entered" if duty is None or duty in DUTIES[role] else "403"
        found = _told(_ask(client, rule, _path(hollow, rule)))
        if found != expected:
            wrong.append(f"{rule.rule}: {found} instead of {expected}")
    assert not wrong


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_another_declarations_pages_are_not_there(hollow: Flask, role: Role) -> None:
    client = staff.signed_in(hollow, role)
    rules = [rule for rule in _guarded(hollow) if "slug" in rule.arguments]
    for slug in (ANOTHER, "no-such-declaration"):
        paths = {rule.rule: (rule, _path(hollow, rule, slug=slug, objects_of=make.SLUG)) for rule in rules}
        found = {name: _told(_ask(client, rule, path)) for name, (rule, path) in paths.items()}
        assert found == dict.fromkeys(found, "404")


def test_somebody_without_any_role_opens_only_what_is_everybodys(hollow: Flask) -> None:
    client = staff.signed_in(hollow)
    for rule in _guarded(hollow):
        expected = "entered" if _view(hollow, rule).duty is None else "404" if "slug" in rule.arguments else "403"
        assert _told(_ask(client, rule, _path(hollow, rule))) == expected, rule.rule


def _without_second_step(app: Flask, who: Staff) -> None:
    (row,) = sessions.of(who.account)
    row.proved_at = None


def _without_factor(app: Flask, who: Staff) -> None:
    who.account.totp_secret = None
    _without_second_step(app, who)


def _disabled(app: Flask, who: Staff) -> None:
    granting.disable(who.account)


def _disabled_elsewhere(app: Flask, who: Staff) -> None:
    """Without its sessions having been ended."""
    who.account.disabled_at = clock.now()


def _ended(app: Flask, who: Staff) -> None:
    sessions.end_all(who.account)


def _idle(app: Flask, who: Staff) -> None:
    (row,) = sessions.of(who.account)
    row.used_at -= sessions.IDLE


def _old(app: Flask, who: Staff) -> None:
    (row,) = sessions.of(who.account)
    row.created_at -= sessions.LONGEST


@pytest.mark.parametrize(
    "change", [_without_second_step, _without_factor, _disabled, _disabled_elsewhere, _ended, _idle, _old]
)
def test_whoever_is_no_longer_or_not_yet_signed_in_opens_nothing(
    hollow: Flask, change: Callable[[Flask, Staff], None]
) -> None:
    for role in (Role.ORGANISER, Role.OPERATOR):
        client = staff.signed_in(hollow, role, slug=None)
        change(hollow, client)
        db.session.commit()
        found = {rule.rule: _told(_ask(client, rule, _path(hollow, rule))) for rule in _guarded(hollow)}
        assert found == dict.fromkeys(found, "sign in")


def test_a_post_without_the_sessions_token_enters_nothing(hollow: Flask) -> None:
    client = staff.signed_in(hollow, *Role, slug=None)
    posts = [rule for rule in _guarded(hollow) if "POST" in (rule.methods or ())]
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}):
        found = {rule.rule: _told(client.post(_path(hollow, rule), data=token)) for rule in posts}
        assert found == dict.fromkeys(found, "403")


def test_what_asks_for_a_fresh_proof_opens_only_with_one(hollow: Flask) -> None:
    client = staff.signed_in(hollow, *Role, slug=None, fresh=False)
    for rule in _guarded(hollow):
        answer = _ask(client, rule, _path(hollow, rule))
        if _view(hollow, rule).fresh:
            assert (answer.status_code, "again_password" in answer.text) == (403, True), rule.rule
        else:
            assert _told(answer) == "entered", rule.rule


def test_what_is_grave_asks_for_a_fresh_proof(migrated: Flask) -> None:
    fresh = {rule.endpoint for rule in _guarded(migrated) if _view(migrated, rule).fresh}
    assert fresh >= GRAVE
    forgotten = [
        rule.endpoint
        for rule in _guarded(migrated)
        if re.search(r"erase|export|download", rule.rule) and "POST" in (rule.methods or ())
    ]
    assert forgotten and fresh >= set(forgotten)


def _with_objects(app: Flask) -> list[Rule]:
    plain = {"slug", "language"} | OF_NO_DECLARATION
    return [rule for rule in _guarded(app) if set(rule.arguments) - plain]


def test_another_declarations_objects_are_not_there_either(app: Flask) -> None:
    another_scope()
    client = staff.signed_in(app, "organiser")
    found = {}
    for rule in _with_objects(app):
        found[rule.rule] = _told(_ask(client, rule, _path(app, rule, objects_of=ANOTHER)))
    assert found, "there are such routes"
    assert found == dict.fromkeys(found, "404")


def test_objects_that_are_not_there_are_told_so_and_ones_own_pages_open(app: Flask) -> None:
    """So that the makers make what the routes look for, and the 404 above comes from the declaration alone."""
    client = staff.signed_in(app, "organiser", "operator", slug=None)
    wrong = []
    for rule in _guarded(app):
        is_here = rule.endpoint not in ONLY_SOMEWHERE and not set(rule.arguments) & OF_NO_DECLARATION
        if "GET" in (rule.methods or ()) and is_here:
            answer = client.get(_path(app, rule))
            if answer.status_code not in (200, 303):
                wrong.append(f"{rule.rule}: {answer.status_code}")
    assert not wrong


def test_an_argument_that_nothing_makes_is_told_plainly(app: Flask) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"nothing makes <dragon>\. Add “caves/dragon” to MAKERS"):
        _value(Rule("/console/declarations/<slug>/caves/<dragon>"), "dragon", make.SLUG)
