"""``petition accounts …``: each verb, and one clear line for bad input."""

import re

import pytest
from click.testing import Result
from flask import Flask

from petition.accounts.models import Account
from petition.extensions import db
from tests import make, staff
from tests.accounts import steps
from tests.conftest import Mailbag, browser

EMAIL = "ada@example.org"


def _run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=["accounts", *args])


def _create(app: Flask, *more: str) -> Result:
    return _run(app, "create", EMAIL, "--role", "editor", *more)


def _link(result: Result) -> str:
    found = re.search(r"http://localhost:8000(/console/invitation/\S+)", result.output)
    assert found, result.output
    return found[1]


def test_create_prints_a_link_and_mails_another(app: Flask, mails: Mailbag) -> None:
    result = _create(app, "--declaration", make.SLUG, "--name", "Ada", "--language", "fr", "--role", "moderator")
    assert result.exit_code == 0, result.output
    account = db.session.query(Account).one()
    given = {(grant.role, grant.scope) for grant in account.grants}
    assert given == {("editor", staff.scope()), ("moderator", staff.scope())}
    assert (account.name, account.language) == ("Ada", "fr")
    mail = mails.take_one().message
    assert (mail["To"], mail["Content-Language"]) == (EMAIL, "fr")
    assert make.link(mail, "invitation") != _link(result)
    assert steps.join(browser(app), _link(result)).status_code == 303


def test_create_without_a_declaration_is_for_all(app: Flask, mails: Mailbag) -> None:
    assert _create(app).exit_code == 0
    assert [grant.scope for grant in db.session.query(Account).one().grants] == [None]
    mails.take()


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("create", "no address", "--role", "editor"), "no mail address"),
        (("create", EMAIL), "Missing option '--role'"),
        (("create", EMAIL, "--role", "king"), "'king' is not one of"),
        (("create", EMAIL, "--role", "editor", "--declaration", "none"), "There is no declaration “none”."),
        (("create", EMAIL, "--role", "editor", "--name", "=1+1"), "The name cannot be used."),
        (("create", EMAIL, "--role", "editor", "--language", "xx"), "'xx' is not one of"),
        (("create", "TAKEN@example.org", "--role", "editor"), "There is an account for this address already."),
        (("invite", EMAIL), "There is no account"),
        (("disable", EMAIL), "There is no account"),
        (("enable", "no address"), "no mail address"),
    ],
)
def test_bad_input_ends_with_one_clear_line_and_leaves_nothing_behind(
    app: Flask, args: tuple[str, ...], line: str
) -> None:
    staff.account("editor", address="taken@example.org")
    result = _run(app, *args)
    assert (result.exit_code != 0, line in result.output) == (True, True), result.output
    assert db.session.query(Account).count() == 1
    assert "Traceback" not in result.output


def test_list_shows_states_addresses_and_grants(app: Flask, mails: Mailbag) -> None:
    assert _run(app, "list").output == "There are no accounts.\n"
    _create(app, "--declaration", make.SLUG)
    staff.account("organiser", slug=None, address="grace@example.org")
    output = _run(app, "list").output
    assert "  invited  ada@example.org\n" in output and f"  editor: {make.SLUG}\n" in output
    assert "  grace@example.org  Grace Hopper\n" in output and "  organiser: every declaration\n" in output
    mails.take()


def test_disable_ends_sessions_and_enable_lets_in_again(app: Flask) -> None:
    client = staff.browse(app, staff.account("editor", address=EMAIL))
    assert _run(app, "disable", EMAIL).exit_code == 0
    assert client.get("/console/account").status_code == 303
    assert "disabled" in _run(app, "list").output
    assert steps.sign_in(browser(app), EMAIL).status_code == 403
    assert _run(app, "enable", EMAIL).exit_code == 0
    assert steps.sign_in(browser(app), EMAIL).status_code == 303


def test_invite_prints_a_new_link_for_whoever_lost_their_factors(app: Flask, mails: Mailbag) -> None:
    staff.account("editor", address=EMAIL)
    link = _link(_run(app, "invite", EMAIL))
    mails.take()
    client = browser(app)
    steps.join(client, link)
    assert len(steps.codes(steps.set_up(client))) == 10


def test_an_operator_is_for_all_accounts_or_not_at_all(app: Flask) -> None:
    result = _run(app, "create", EMAIL, "--role", "operator", "--declaration", make.SLUG)
    assert result.exit_code == 1 and "leave --declaration out" in result.output
    assert not db.session.query(Account).count()
