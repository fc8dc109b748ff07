"""The people who sign in: invited, given roles, disabled; nobody beyond their declarations, nobody by themselves."""

import re

import pytest
from flask import Flask

from petition import addresses, keys
from petition.accounts import granting, people, proving, sessions, trail, trail_reading
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.accounts.trail_reading import Filters
from petition.extensions import db
from tests import make, staff
from tests.accounts.elsewhere import ANOTHER, another_scope
from tests.conftest import Mailbag
from tests.staff import Staff, staff_post

PEOPLE = "/console/people"


def _invite(client: Staff, **given: object) -> object:
    fields = {"email": "ada@example.org", "role": "editor", "declarations": make.SLUG, "language": "en", **given}
    return staff_post(client, PEOPLE, **fields)


def _path(account: Account, act: str = "") -> str:
    return f"{PEOPLE}/{account.public_id}{act and '/' + act}"


def _grants(account: Account) -> set[tuple[str, int | None]]:
    db.session.refresh(account)
    return {(grant.role, grant.scope) for grant in account.grants}


def _acts() -> list[tuple[str, str | None, int | None, dict[str, object]]]:
    """The trail, the oldest first."""
    entries = reversed(trail_reading.page(Filters(None)).entries)
    return [(entry.act, entry.subject, entry.scope, trail.detail_of(entry)) for entry in entries]


def test_an_operator_sees_everybody_and_an_organiser_those_on_their_declarations(app: Flask) -> None:
    another_scope()
    ours = staff.account("editor", name="Our Editor")
    staff.account("editor", slug=ANOTHER, name="Their Editor")
    staff.account("operator", slug=None, name="The Operator")
    organiser = staff.signed_in(app, "organiser", name="Our Organiser")
    page = organiser.get(PEOPLE).text
    assert "Our Editor" in page and "Our Organiser" in page
    assert "Their Editor" not in page
    page = staff.signed_in(app, "operator", slug=None).get(PEOPLE).text
    assert all(name in page for name in ("Our Editor", "Their Editor", "The Operator"))
    assert keys.ring().decrypt(ours.address) in page


def test_an_organiser_invites_somebody_by_mail(app: Flask, mails: Mailbag) -> None:
    client = staff.signed_in(app, "organiser")
    assert _invite(client).location == f"{PEOPLE}?done=invited"  # type: ignore[attr-defined]
    assert mails.take_one().message["To"] == "ada@example.org"
    invited = proving.find("ada@example.org")
    assert invited is not None and invited.joined_at is None
    assert _grants(invited) == {("editor", staff.scope())}
    ours = invited.public_id, staff.scope()
    assert _acts() == [
        ("account.created", *ours, {}),
        ("account.granted", *ours, {"role": "editor"}),
    ]
    assert "invited" in client.get(PEOPLE).text


def test_whoever_has_an_account_gets_the_role_and_no_second_one(app: Flask) -> None:
    known = staff.account("editor", slug=None, address="ada@example.org")
    _invite(staff.signed_in(app, "organiser"), role="moderator")
    assert _grants(known) == {("editor", None), ("moderator", staff.scope())}


def test_whether_an_address_has_an_account_elsewhere_is_not_told(app: Flask, mails: Mailbag) -> None:
    another_scope()
    staff.account("editor", slug=ANOTHER, address="known@example.org", name="Known")
    client = staff.signed_in(app, "organiser")
    answers = [_invite(client, email=email) for email in ("known@example.org", "new@example.org")]
    statuses, places = zip(*((each.status_code, each.location) for each in answers), strict=True)  # type: ignore[attr-defined]
    assert set(statuses) == {303} and set(places) == {f"{PEOPLE}?done=invited"}
    assert "Who has no account yet gets an invitation by mail." in client.get(places[0]).text
    assert mails.take_one().message["To"] == "new@example.org"


def test_an_organiser_sees_the_address_of_nobody_whose_account_reaches_further(app: Flask) -> None:
    wide = {
        "operator@example.org": staff.account("operator", slug=None, address="operator@example.org", name="Wide"),
        "nameless@example.org": staff.account("exporter", slug=None, address="nameless@example.org", name=""),
    }
    ours = staff.account("editor", address="ours@example.org", name="Ours")
    client, operator = staff.signed_in(app, "organiser"), staff.signed_in(app, "operator", slug=None)
    assert "Wide" in client.get(PEOPLE).text and "Somebody who has not joined yet" in client.get(PEOPLE).text
    for address, account in wide.items():
        for path in (PEOPLE, _path(account)):
            assert address not in client.get(path).text
            assert address in operator.get(path).text
    assert "ours@example.org" in client.get(PEOPLE).text and "ours@example.org" in client.get(_path(ours)).text


def test_an_invitation_names_several_declarations_and_every_one(app: Flask, mails: Mailbag) -> None:
    other = another_scope()
    client = staff.signed_in(app, "operator", slug=None)
    _invite(client, declarations=[make.SLUG, ANOTHER])
    first = proving.find("ada@example.org")
    assert first is not None and _grants(first) == {("editor", staff.scope()), ("editor", other)}
    _invite(client, email="mary@example.org", role="organiser", declarations="*")
    second = proving.find("mary@example.org")
    assert second is not None and _grants(second) == {("organiser", None)}
    _invite(client, email="joan@example.org", role="operator", declarations=[])
    third = proving.find("joan@example.org")
    assert third is not None and _grants(third) == {("operator", None)}
    assert len(mails.take()) == 3


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("email", "", "Please enter an email address."),
        ("email", "ada", "This is no email address."),
        ("email", "=cmd@", "This is no email address."),
        ("role", "", "Please choose a role."),
        ("role", "king", "Please choose a role."),
        ("declarations", [], "Please choose one declaration or more."),
        ("declarations", ["no-such"], "Please choose one declaration or more."),
        ("declarations", [make.SLUG, "no-such"], "Please choose one declaration or more."),
        ("language", "xx", "Please choose a language"),
        ("language", "", "Please choose a language"),
    ],
)
def test_what_is_missing_or_wrong_is_told_beside_its_field(
    app: Flask, field: str, given: object, sentence: str
) -> None:
    typed = {"email": "kept@example.org", field: given}
    answer = _invite(staff.signed_in(app, "operator", slug=None), **typed)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.text  # type: ignore[attr-defined]
    assert sentence in page
    assert field == "email" or 'value="kept@example.org"' in page
    assert proving.find("kept@example.org") is None


@pytest.mark.parametrize(
    ("role", "place", "status", "told"),
    [
        ("operator", make.SLUG, 403, "not yours to give"),
        ("operator", "*", 403, "not yours to give"),
        ("editor", "*", 422, "Please choose one declaration or more."),
        # As if it were not there.
        ("organiser", ANOTHER, 422, "Please choose one declaration or more."),
    ],
)
def test_an_organiser_gives_nothing_beyond_their_declarations(
    app: Flask, role: str, place: str, status: int, told: str
) -> None:
    another_scope()
    client, editor = staff.signed_in(app, "organiser"), staff.account("editor")
    assert _invite(client, role=role, declarations=place).status_code == status  # type: ignore[attr-defined]
    assert proving.find("ada@example.org") is None
    answer = staff_post(client, _path(editor, "roles"), role=role, declarations=place)
    assert (answer.status_code, told in answer.text) == (status, True)
    assert _grants(editor) == {("editor", staff.scope())}
    assert _acts() == []


def test_an_organiser_of_all_declarations_makes_no_operators(app: Flask) -> None:
    client = staff.signed_in(app, "organiser", slug=None)
    assert _invite(client, role="operator", declarations="*").status_code == 403  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [role.value for role in people.GIVEN_BY_ORGANISERS])
def test_an_organiser_gives_and_takes_back_each_role_on_their_declaration(app: Flask, role: str) -> None:
    client, person = staff.signed_in(app, "organiser"), staff.account(name="Katherine Johnson")
    # They are seen once they have something here.
    operator = staff.signed_in(app, "operator", slug=None)
    staff_post(operator, _path(person, "roles"), role="editor", declarations=make.SLUG)
    assert staff_post(client, _path(person, "roles"), role=role, declarations=make.SLUG).status_code == 303
    assert (role, staff.scope()) in _grants(person)
    assert staff_post(client, _path(person, "roles/take-back"), role=role, declaration=make.SLUG).status_code == 303
    assert (role, staff.scope()) not in _grants(person)
    assert _acts()[-2:] == [
        ("account.granted", person.public_id, staff.scope(), {"role": role}),
        ("account.revoked", person.public_id, staff.scope(), {"role": role}),
    ]


def test_nobody_raises_themselves(app: Flask) -> None:
    for client in (staff.signed_in(app, "operator", slug=None), staff.signed_in(app, "organiser")):
        before = _grants(client.account)
        answer = staff_post(client, _path(client.account, "roles"), role="moderator", declarations=make.SLUG)
        assert (answer.status_code, "Nobody does this to their own account." in answer.text) == (403, True)
        address = keys.ring().decrypt(client.account.address)
        assert _invite(client, email=address, role="moderator").status_code == 403  # type: ignore[attr-defined]
        assert _grants(client.account) == before


@pytest.mark.parametrize("act", ["disable", "enable", "invitation", "end-sessions"])
def test_nobody_disables_or_invites_themselves(app: Flask, act: str) -> None:
    client = staff.signed_in(app, "operator", slug=None)
    assert staff_post(client, _path(client.account, act)).status_code == 403
    assert client.get(PEOPLE).status_code == 200


@pytest.mark.parametrize("role", ["operator", "organiser"])
def test_the_last_one_who_can_let_others_in_stays(app: Flask, role: str) -> None:
    # Somebody who has not joined, somebody disabled, and an organiser of one declaration do not help.
    staff.account("operator", slug=None, joined_at=None)
    staff.account("organiser")
    disabled = staff.account("operator", slug=None)
    client = staff.signed_in(app, role, slug=None)
    disabled.disabled_at = disabled.created_at
    db.session.commit()
    answer = staff_post(client, _path(client.account, "roles/take-back"), role=role, declaration="*")
    assert (answer.status_code, "nobody could let others in" in answer.text) == (409, True)
    assert _grants(client.account) == {(role, None)}

    staff.account("operator", slug=None)
    answer = staff_post(client, _path(client.account, "roles/take-back"), role=role, declaration="*")
    assert answer.location == "/console/account"
    assert client.get(PEOPLE).status_code == 403


def test_a_disabled_account_is_out_at_once_and_comes_back_enabled(app: Flask) -> None:
    client, editor = staff.signed_in(app, "organiser"), staff.signed_in(app, "editor")
    assert staff_post(client, _path(editor.account, "disable")).status_code == 303
    assert editor.get("/console/account").location.startswith("/console/sign-in")
    assert "disabled" in client.get(PEOPLE).text
    assert staff_post(client, _path(editor.account, "invitation")).status_code == 409
    assert staff_post(client, _path(editor.account, "enable")).status_code == 303
    db.session.refresh(editor.account)
    assert editor.account.active
    assert [act for act, *_ in _acts()] == ["account.disabled", "account.enabled"]


def test_sessions_are_ended_for_somebody(app: Flask) -> None:
    client, editor = staff.signed_in(app, "organiser"), staff.signed_in(app, "editor")
    assert "1 session is open." in client.get(_path(editor.account)).text
    staff_post(client, _path(editor.account, "end-sessions"))
    assert not sessions.of(editor.account)
    assert editor.get("/console/account").status_code == 303


def test_who_lost_the_second_factor_is_invited_anew(app: Flask, mails: Mailbag) -> None:
    client, editor = staff.signed_in(app, "organiser"), staff.account("editor", address="ada@example.org")
    assert staff_post(client, _path(editor, "invitation")).location.endswith("done=invited-again")
    assert mails.take_one().message["To"] == "ada@example.org"


@pytest.mark.parametrize("act", ["disable", "enable", "invitation", "end-sessions"])
def test_an_account_that_reaches_further_is_not_an_organisers_to_disable(app: Flask, act: str) -> None:
    another_scope()
    client, wider, gone = staff.signed_in(app, "organiser"), staff.account("editor", slug=None), staff.account("editor")
    staff_post(staff.signed_in(app, "operator", slug=None), _path(gone, "roles"), role="editor", declarations=ANOTHER)
    for person in (wider, gone):
        assert staff_post(client, _path(person, act)).status_code == 403
        assert "reaches beyond your declarations" in client.get(_path(person)).text


def test_accounts_of_other_declarations_are_not_there_for_an_organiser(app: Flask) -> None:
    another_scope()
    client, theirs = staff.signed_in(app, "organiser"), staff.account("editor", slug=ANOTHER)
    assert client.get(_path(theirs)).status_code == 404
    for act in ("roles", "roles/take-back", "disable", "enable", "invitation", "end-sessions"):
        fields = {"role": "editor", "declarations": make.SLUG, "declaration": make.SLUG}
        assert staff_post(client, _path(theirs, act), **fields).status_code == 404
    assert _grants(theirs) == {("editor", another_scope())}


@pytest.mark.parametrize(
    "fields", [{}, {"role": "king", "declaration": "*"}, {"role": "editor", "declaration": "none"}]
)
def test_a_role_that_there_is_not_cannot_be_taken_back(app: Flask, fields: dict[str, str]) -> None:
    client, editor = staff.signed_in(app, "operator", slug=None), staff.account("editor")
    assert staff_post(client, _path(editor, "roles/take-back"), **fields).status_code == 404


def test_roles_are_changed_only_after_proving_once_more_who_one_is(app: Flask) -> None:
    client = staff.signed_in(app, "operator", slug=None, fresh=False)
    answer = _invite(client, email="kept@example.org", declarations=[make.SLUG])
    assert answer.status_code == 403  # type: ignore[attr-defined]
    assert 'name="email" value="kept@example.org"' in answer.text  # type: ignore[attr-defined]
    assert proving.find(addresses.parse("kept@example.org").typed) is None


def test_an_organiser_learns_of_no_role_on_other_declarations(app: Flask) -> None:
    other = another_scope()
    shared = staff.account("editor", name="Shared Editor")
    granting.grant(shared, Role.MODERATOR, scopes=[other])
    everywhere = staff.account("exporter", slug=None, name="Everywhere")
    db.session.commit()
    client = staff.signed_in(app, "organiser")
    for page in (client.get(PEOPLE).text, client.get(_path(shared)).text):
        assert "Editor" in page and ANOTHER not in page
    roles = re.findall(r"<li>\s*<strong>(\w+)</strong>", client.get(_path(shared)).text)
    assert roles == ["Editor"]
    listed = re.search(r"Shared Editor</bdi>.*?</tr>", client.get(PEOPLE).text, re.DOTALL)
    assert listed is not None and "Moderator" not in listed[0]
    assert "every declaration" in client.get(_path(everywhere)).text
    for place in (ANOTHER, "no-such-declaration"):
        gone = staff_post(client, _path(shared, "roles/take-back"), role="moderator", declaration=place)
        assert gone.status_code == 404
    assert ("moderator", other) in _grants(shared)
    operator = staff.signed_in(app, "operator", slug=None)
    assert "Moderator" in operator.get(_path(shared)).text


def test_a_partners_people_are_let_in_on_its_own_page_alone(app: Flask) -> None:
    for client in (staff.signed_in(app, "organiser", slug=None), staff.signed_in(app, "operator", slug=None)):
        assert _invite(client, role="partner", declarations="*").status_code == 403  # type: ignore[attr-defined]
        assert 'value="partner"' not in client.get("/console/people").text
