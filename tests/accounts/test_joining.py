"""Taking up an account: the invitation, the password, the second factor, the recovery codes."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import clock, keys
from petition.accounts import factors, inviting, passwords, recovering
from petition.accounts.models import Account, Invitation, StaffSession
from petition.extensions import db
from petition.server import preparing
from tests import make, staff
from tests.accounts import steps
from tests.conftest import Mailbag, browser


def test_whoever_is_invited_chooses_a_password_sets_up_their_app_and_is_in(client: FlaskClient) -> None:
    account, path = steps.invited("editor")
    assert "Welcome" in client.get(path).text
    assert steps.join(client, path).location == "/console/set-up"
    done = steps.set_up(client)
    assert len(set(steps.codes(done))) == 10
    assert client.get("/console/account").status_code == 200
    assert (account.name, factors.is_set_up(account), account.joined_at is not None) == ("Ada Lovelace", True, True)


def test_the_qr_code_stands_in_the_page_without_a_style_of_its_own(client: FlaskClient) -> None:
    _, path = steps.invited()
    steps.join(client, path)
    page = client.get("/console/set-up").text
    assert '<svg class="qr"' in page or "<svg" in page
    assert "style=" not in page and "data:" not in page


def test_no_page_opens_before_the_second_factor_is_set_up(client: FlaskClient) -> None:
    _, path = steps.invited()
    steps.join(client, path)
    answer = client.get("/console/account")
    assert answer.location == "/console/sign-in/second?next=/console/account"
    assert client.get(answer.location).location == "/console/set-up"
    assert client.get("/console/set-up").status_code == 200
    assert not steps.codes(steps.set_up(client, code="000000"))
    assert client.get("/console/account").status_code == 303


def test_a_wrong_code_keeps_the_secret_that_was_scanned(client: FlaskClient) -> None:
    _, path = steps.invited()
    steps.join(client, path)
    first = client.get("/console/set-up")
    fields = {"csrf_token": steps.hidden(first, "csrf_token"), "sealed": steps.hidden(first, "sealed")}
    again = client.post("/console/set-up", data={**fields, "code": "no"})
    assert (again.status_code, steps.secret(again)) == (422, steps.secret(first))


def test_a_sealed_secret_of_somebody_else_is_not_taken(app: Flask) -> None:
    pages, fields = [], []
    for client in (browser(app), browser(app)):
        steps.join(client, steps.invited()[1])
        pages.append(client.get("/console/set-up"))
        fields.append(steps.hidden(pages[-1], "csrf_token"))
    sealed = steps.hidden(pages[0], "sealed")
    answer = client.post("/console/set-up", data={"csrf_token": fields[1], "sealed": sealed, "code": "1"})
    assert answer.status_code == 422
    assert steps.secret(answer) != steps.secret(pages[0])


def test_an_invitation_is_good_once_and_using_one_ends_all(app: Flask) -> None:
    account, path = steps.invited()
    other = f"/console/invitation/{inviting.mint(account)}"
    db.session.commit()
    steps.join(browser(app), path)
    for used in (path, other):
        answer = browser(app).get(used)
        assert (answer.status_code, "no longer good" in answer.text) == (404, True)
        assert steps.join(browser(app), used, password="another one of four words").status_code == 404


def test_an_invitation_is_good_for_seven_days(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = steps.invited()
    now = clock.now()
    steps.set_clock(monkeypatch, now + timedelta(days=7, seconds=-5))
    assert browser(app).get(path).status_code == 200
    steps.set_clock(monkeypatch, now + timedelta(days=7, seconds=5))
    assert browser(app).get(path).status_code == 404
    assert steps.join(browser(app), path).status_code == 404


def test_following_the_link_uses_nothing_up(client: FlaskClient) -> None:
    _, path = steps.invited()
    for _ in range(3):
        assert client.get(path).status_code == 200


def test_the_database_holds_neither_token_nor_password_nor_secret_nor_code_in_clear(client: FlaskClient) -> None:
    account, path = steps.invited()
    steps.join(client, path)
    secret = steps.secret(client.get("/console/set-up"))
    codes = steps.codes(steps.set_up(client))
    rows = [account, *db.session.query(Invitation), *db.session.query(StaffSession)]
    kept = " ".join(str(vars(row)) for row in rows) + "".join(
        str(row) for row in db.session.execute(db.text("SELECT * FROM recovery_codes"))
    )
    assert str(account.password_hash).startswith("$argon2id$")
    for clear in (path.rpartition("/")[2], steps.NEW_PASSWORD, secret, codes[0], codes[0].replace("-", "")):
        assert clear not in kept


def test_the_page_speaks_the_accounts_language(client: FlaskClient) -> None:
    _, path = steps.invited(language="ar")
    page = client.get(path, headers={"Accept-Language": "fr"}).text
    assert '<html lang="ar" dir="rtl">' in page


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("", steps.NEW_PASSWORD, "Please enter your name."),
        ("=HYPERLINK(1)", steps.NEW_PASSWORD, "name"),
        ("Ada", "", "Please choose a password."),
        ("Ada", "short", "at least 12 characters"),
        ("Ada", "x" * 257, "at most 256 bytes"),
        ("Ada", "€" * 90, "at most 256 bytes"),
        ("Ada", "password1234", "soon be guessed"),
        ("Ada", "Qwertyuiop123!", "soon be guessed"),
        ("Ada", "ada.lovelace.1815", "soon be guessed"),
        ("Ada", "localhost-localhost", "soon be guessed"),
    ],
)
def test_bad_input_comes_back_with_a_sentence_beside_its_field(
    client: FlaskClient, name: str, password: str, sentence: str
) -> None:
    _, path = steps.invited(address="ada.lovelace@example.org")
    answer = steps.join(client, path, name=name, password=password)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'aria-invalid="true"' in answer.text
    assert not password or password not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.get(path).status_code == 200, "the invitation is still good"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "violet anchors under plaster",
        "Tr0mbone&gravel-quilt",
        "дальний берег и туман",
        "静かな湖畔の森の影から",
        "n8Qz!vR2#kLp",
        "eb3f0c7d9a1264",
    ],
)
def test_good_passwords_are_taken(password: str) -> None:
    if len(password) >= passwords.SHORTEST:
        passwords.refuse_weak(password, known=("ada.lovelace@example.org", "Ada Lovelace", "localhost"))


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password2024!", "p4ssw0rd!!!!", "iloveyou1234", "qwertyuiop[]", "123456789012", "aaaaaaaaaaaa",
        "abcabcabcabc", "abcdefghijkl", "letmeinletmein", "Welcome12345!", "Summer2025Summer", "1qaz2wsx3edc",
        "passwordpassword", "motdepasse123", "Willkommen2025", "zxcvbnmasdfgh", "organiser1234", "PasswordPetition1",
        "987654321098", "asdfghjkl;'#", "michaeljordan23", "footballfootball", "administrator1",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises((passwords.PasswordTooCommon, passwords.PasswordTooShort)):
        passwords.refuse_weak(password)


def test_another_sites_form_takes_no_invitation_up(client: FlaskClient) -> None:
    account, path = steps.invited()
    answer = client.post(
        path,
        data={"name": "Eve", "new_password": steps.NEW_PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert (answer.status_code, account.password_hash) == (403, None)


def test_a_new_invitation_replaces_password_and_second_factor_and_ends_the_sessions(app: Flask) -> None:
    account = staff.account("editor")
    old = staff.browse(app, account)
    with app.test_request_context():
        path = f"/console/invitation/{inviting.invite_again(account)}"
        db.session.execute(db.text("DELETE FROM mails"))
        db.session.commit()
    assert old.get("/console/account").status_code == 200, "nothing changes before it is taken up"
    client = browser(app)
    steps.join(client, path)
    assert old.get("/console/account").status_code == 303
    assert not factors.is_set_up(account)
    steps.set_up(client)
    assert steps.sign_in(browser(app), _address(account)).status_code == 403
    assert steps.sign_in(browser(app), _address(account), steps.NEW_PASSWORD).status_code == 303


def test_a_new_invitation_ends_the_older_ones(app: Flask) -> None:
    account, path = steps.invited()
    inviting.invite_again(account)
    db.session.execute(db.text("DELETE FROM mails"))
    db.session.commit()
    assert browser(app).get(path).status_code == 404


def test_a_disabled_accounts_invitation_is_not_good(app: Flask) -> None:
    account, path = steps.invited()
    account.disabled_at = clock.now()
    db.session.commit()
    assert browser(app).get(path).status_code == 404


def test_the_invitation_is_mailed_with_a_link_of_its_own(app: Flask, mails: Mailbag) -> None:
    account, path = steps.invited()
    inviting.invite(account)
    db.session.commit()
    mail = mails.take_one().message
    assert mail["Subject"] == "You are invited to the console"
    mailed = make.link(mail, "invitation")
    assert mailed != path
    client = browser(app)
    assert steps.join(client, mailed).status_code == 303


def test_no_invitation_is_mailed_to_whoever_has_taken_it_up_or_is_disabled(app: Flask, mails: Mailbag) -> None:
    taken, path = steps.invited()
    inviting.invite(taken)
    disabled, _ = steps.invited()
    inviting.invite(disabled)
    disabled.disabled_at = clock.now()
    db.session.commit()
    steps.join(browser(app), path)
    assert mails.take() == []


def test_recovery_codes_are_good_once_each_and_for_their_owner_alone(app: Flask) -> None:
    mine, theirs = staff.account("editor"), staff.account("editor")
    codes = recovering.renew(mine)
    recovering.renew(theirs)
    assert not recovering.take(theirs, codes[0])
    assert recovering.take(mine, codes[0].upper().replace("-", " "))
    assert not recovering.take(mine, codes[0])
    assert recovering.count_left(mine) == 9
    recovering.renew(mine)
    assert not recovering.take(mine, codes[1])


def _address(account: Account) -> str:
    return keys.ring().decrypt(account.address)


# The first organiser


def _first(app: Flask) -> str | None:
    path = preparing.invite_first()
    assert path is None or path.startswith("/console/invitation/")
    return path


def test_the_first_organiser_says_their_address_and_is_in(app: Flask) -> None:
    path, client = _first(app), browser(app)
    assert path is not None
    assert 'name="email"' in client.get(path, headers={"Accept-Language": "pl"}).text
    fields = {"name": "Ada", "new_password": steps.NEW_PASSWORD}
    for wrong in ("", "no address", "x" * 300):
        answer = client.post(path, data={**fields, "email": wrong})
        assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)
    done = client.post(path, data={**fields, "email": "ada@example.org"}, headers={"Accept-Language": "pl"})
    assert done.location == "/console/set-up"
    steps.set_up(client)
    account = db.session.query(Account).one()
    assert {grant.role for grant in account.grants} == {"organiser", "operator"}
    assert (_address(account), account.language) == ("ada@example.org", "pl")
    assert _first(app) is None
    assert steps.sign_in(browser(app), "ada@example.org", steps.NEW_PASSWORD).status_code == 303


def test_each_start_gives_another_first_invitation_and_ends_the_one_before(app: Flask) -> None:
    one, other = _first(app), _first(app)
    assert one and other and one != other
    assert [browser(app).get(path).status_code for path in (one, other)] == [404, 200]


def test_where_there_is_an_account_nobody_is_invited_as_the_first(app: Flask) -> None:
    path = _first(app)
    steps.invited()
    assert (_first(app), db.session.query(Account).count()) == (None, 1)
    assert path is not None and browser(app).get(path).status_code == 404, "an older one is good no more"
