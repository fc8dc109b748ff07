"""What the form says to bad input: beside the field, in a summary, in the title; nothing typed is lost."""

import html
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.declarations import folders, publishing
from petition.defence.requests import MAX_BODY_BYTES
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

TYPED = {
    "name": "Grace Hopper",
    "email": "grace@example.org",
    "country": "US",
    "affiliation": "Navy “Reserve” & <Sons>",
    "role": "Admiral",
    "visibility": "counted",
    "updates": "y",
    "agree": "y",
}

NAMES = [
    "", " ", "\u00a0\u2003", "1234", "!!!", "=1+1", "+Ada", "-Ada", "@Ada", "＝Ada", "＋Ada", "－Ada", "＠Ada",
    "Ada\u202eLovelace", "Ada\u200bLovelace", "\ufeffAda", "Ada\u200d", "Ada\r\nLovelace", "Ada\tLovelace",
    "Ada\u2028Lovelace", "Ada\x07", "Ada\u0378", "Ada\ue000", "Ada\ufffd", "Ada" + "\u0301" * 5, "Z" + "\u0335" * 60,
    "Ada 😀", "🇬🇧 Ada", "Ada ❤️", "http://ada.example.org", "www.example.org", "ada@example.org", "buy-now.com/",
    "A" * 101, "é" * 101, "a" * 10_000, "ক্ষ" * 200,
]  # fmt: skip
GOOD_NAMES = [
    "Ada", "X", "O’Brien", "Jean-Luc", "María-José Ñ.", "Nguyễn Thị Ánh", "မောင်မောင်", "श्री नरेंद्र", "李小龍", "محمد علي",
    "علی‌رضا", "A" * 100, "é" * 100, "Ada de l’Église, Jr.", "Ωmega Ἀθηνᾶ", "Łukasz", "שרה", "김민준", "Ada, @home",
]  # fmt: skip
ADDRESSES = [
    "", " ", "ada", "ada@", "@example.org", "ada@example", "ada example.org", "ada@@example.org", "ada@exa mple.org",
    "ada@example..org", ".ada@example.org", "ada.@example.org", "a..da@example.org", "ada@-example.org",
    "ada@[192.0.2.1]", "Ada <ada@example.org>", "ada@example.org, eve@example.org", "ada@example.org\r\nBcc: eve@x.org",
    '"ada"@example.org', "ada@☃\u200b.example.org", "a" * 65 + "@example.org", "ada@" + "a" * 64 + ".example.org",
    "ada@" + "a." * 130 + "example.org", "x" * 5000, "ada@example.org\u202e", "ada\u0000"[:3] + " @example.org",
    "ada@localhost", "ada@example.org.", "mailto:ada@example.org?x",
]  # fmt: skip
GOOD_ADDRESSES = [
    "ada@example.org", " ada@example.org ", "ada+tag@example.org", "o’brien@example.org".replace("’", "'"),
    "ada@xn--mnchen-3ya.example.org", "ada@münchen.example.org", "a" * 64 + "@example.org", "ADA@EXAMPLE.ORG",
]  # fmt: skip


def _assert_told(client: FlaskClient, changed: dict[str, str], wrong: str, *, path: str = make.SIGN) -> None:
    given = {**TYPED, "ticket": make.ticket(), **changed}
    answer = client.post(path, data=given)
    assert answer.status_code == 422, answer.status
    page = steps.Page(answer)
    assert page.title.startswith("Error")
    assert answer.headers["Cache-Control"] == "no-store"
    summary, beside = page.html.split('class="alert"', 1)[1].split("</ul>", 1)
    target = f"{wrong}-0" if wrong == "visibility" else wrong
    assert summary.count("<li>") == 1 and f'href="#{target}"' in summary
    assert f'id="{target}"' in beside
    assert beside.count("-error") == 2, "the sentence beside the field, and the field that names it"
    sentence = beside.split(f'id="{wrong}-error"')[1].split("</p>")[0].split("</span>")[1].strip()
    assert sentence and sentence in summary
    assert f'aria-describedby="{wrong}-error"' in beside or f'aria-describedby="{wrong}-hint {wrong}-error"' in beside
    assert 'aria-invalid="true"' in beside
    _assert_nothing_lost(page, {name: value for name, value in given.items() if name != "ticket"})
    assert steps.submissions() == []


def _assert_nothing_lost(page: steps.Page, given: dict[str, str]) -> None:
    values = page.form("/sign").values
    for name, value in given.items():
        if name == "country" and value not in ("US", ""):
            continue  # A browser chooses from the list; what is not on it cannot be shown there.
        if name == "visibility" and value not in ("public", "addressee", "counted"):
            continue
        if name == "agree" and value in ("", "false"):
            continue
        # A page's line ends are one.
        assert _lines(values.get(name, "")) == _lines(value), name


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_that_cannot_be_printed_is_told_beside_it(client: FlaskClient, name: str) -> None:
    _assert_told(client, {"name": name}, "name")


@pytest.mark.parametrize("name", [name for name in NAMES if name.strip()][::3], ids=ascii)
@pytest.mark.parametrize("field", ["affiliation", "role"])
def test_affiliation_and_role_obey_the_same_rules(client: FlaskClient, field: str, name: str) -> None:
    _assert_told(client, {field: name}, field)


@pytest.mark.parametrize("address", ADDRESSES, ids=ascii)
def test_an_address_that_no_mail_can_reach_is_told_beside_it(client: FlaskClient, address: str) -> None:
    _assert_told(client, {"email": address}, "email")


@pytest.mark.parametrize("country", ["", "XX", "ZZ", "EU", "us", "USA", "  ", "U", "\u0130T", "x" * 3000, "GB "])
def test_a_country_that_is_not_on_the_list_is_told_beside_it(client: FlaskClient, country: str) -> None:
    _assert_told(client, {"country": country}, "country")


@pytest.mark.parametrize("visibility", ["", "everyone", "PUBLIC", "public ", "x" * 3000])
def test_a_visibility_that_does_not_exist_is_told_beside_it(client: FlaskClient, visibility: str) -> None:
    _assert_told(client, {"visibility": visibility}, "visibility")


@pytest.mark.parametrize("agree", ["", "false"])
def test_who_does_not_agree_does_not_sign(client: FlaskClient, agree: str) -> None:
    _assert_told(client, {"agree": agree}, "agree")


@pytest.mark.parametrize("name", GOOD_NAMES, ids=ascii)
def test_a_real_name_is_taken_as_it_is(app: Flask, client: FlaskClient, mails: Mailbag, name: str) -> None:
    steps.sign(client, make.email(), name=name)

    assert [each.name for each in steps.submissions()] == [name]
    mails.take_one()


@pytest.mark.parametrize("address", GOOD_ADDRESSES)
def test_a_real_address_is_taken_and_mailed_to(client: FlaskClient, mails: Mailbag, address: str) -> None:
    steps.sign(client, address)

    (recipient,) = mails.take_one().recipients
    assert recipient.partition("@")[0].casefold() == address.strip().partition("@")[0].casefold()


def test_every_error_is_in_the_summary_in_the_order_of_the_form(client: FlaskClient) -> None:
    page = steps.Page(client.post(make.SIGN, data={"ticket": make.ticket(), "role": "=x", "visibility": "x"}))

    summary = page.html.split('class="alert"', 1)[1].split("</ul>", 1)[0]
    assert [part.split('"')[0] for part in summary.split('href="#')[1:]] == [
        "name", "email", "country", "role", "visibility-0", "agree",
    ]  # fmt: skip


def test_a_good_form_has_no_error_in_its_title(client: FlaskClient) -> None:
    page = steps.look(client, make.SIGN)

    assert not page.title.startswith("Error")
    assert "-error" not in page.html and 'role="alert"' not in page.html


def test_what_was_typed_comes_back_as_text(client: FlaskClient) -> None:
    attack = '"><script>alert(1)</script>'
    page = steps.Page(client.post(make.SIGN, data={"ticket": make.ticket(), "name": attack, "email": attack}))

    assert "<script>alert" not in page.html
    assert page.form("/sign").values["name"] == attack
    assert html.escape(attack, quote=False).replace('"', "&#34;") in page.html


def test_a_declaration_asks_what_its_plan_says(app: Flask, client: FlaskClient, mails: Mailbag, folder: Path) -> None:
    plan = folder / "declaration.toml"
    text = plan.read_text()
    for field, asked in (("affiliation", "required"), ("role", "off"), ("sector", "required"), ("comment", "optional")):
        text = "\n".join(
            f'{field} = "{asked}"' if line.startswith(f"{field} = ") else line for line in text.splitlines()
        )
    plan.write_text(text)
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)

    fields = steps.look(client, make.SIGN).form("/sign").values
    assert {"affiliation", "sector", "comment"} <= set(fields) and "role" not in fields
    good = {**TYPED, "affiliation": "Navy", "sector": "faith", "comment": "First line.\r\nSecond line.", "role": "x"}
    for wrong, value in (("affiliation", ""), ("sector", ""), ("sector", "nonsense"), ("comment", "x" * 501)):
        page = steps.Page(client.post(make.SIGN, data={**good, "ticket": make.ticket(), wrong: value}))
        assert f'id="{wrong}-error"' in page.html, wrong
        assert value == "nonsense" or page.form("/sign").values[wrong] == value
    assert client.post(make.SIGN, data={**good, "ticket": make.ticket()}).status_code == 303
    (submission,) = steps.submissions()
    assert (submission.affiliation, submission.sector, submission.role) == ("Navy", "faith", None)
    assert submission.comment == "First line. Second line."
    mails.take_one()


# Bodies that no form sends


@pytest.mark.parametrize("field", ["name", "email", "country", "affiliation", "visibility", "ticket", "agree", "other"])
@pytest.mark.parametrize("junk", ["%00", "Ada%00", "%ff", "%c3%28", "%ed%a0%80", "\x00", "Ada\xff"])
def test_nul_bytes_and_broken_utf8_are_a_bad_request(client: FlaskClient, field: str, junk: str) -> None:
    body = f"{field}={junk}".encode("latin-1")

    answer = client.post(make.SIGN, data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert steps.submissions() == []


@pytest.mark.parametrize("path", ["/en/\x00/sign", "/en/\xff/sign", "/en/child-dignity/sign\x00", "/\xc3\x28/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paths_that_are_no_text_are_a_bad_request(client: FlaskClient, path: str, method: str) -> None:
    assert client.open("/", method=method, environ_overrides={"PATH_INFO": path}).status_code == 400


def test_a_body_over_64_kilobytes_is_refused_and_one_of_64_is_read(client: FlaskClient) -> None:
    form = "application/x-www-form-urlencoded"
    assert client.post(make.SIGN, data=b"name=" + b"a" * MAX_BODY_BYTES, content_type=form).status_code == 413
    assert client.post(make.SIGN, data=b"name=" + b"a" * (MAX_BODY_BYTES - 5), content_type=form).status_code == 409
    chunked = {"wsgi.input_terminated": True}
    answer = client.post(
        make.SIGN,
        data=b"x" * (MAX_BODY_BYTES + 1),
        content_type=form,
        environ_overrides={"CONTENT_LENGTH": "", **chunked},
    )
    assert answer.status_code == 413, "without a length, too"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(TYPED).encode(), "application/json"),
        (b"{", "application/json"),
        (b"", "application/json"),
        (b"name=Ada", "text/plain"),
        (b"name=Ada", ""),
        (b"name=Ada", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data"),
        (b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\nAda\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b"&&&===&name&=&name=a&name=b", "application/x-www-form-urlencoded"),
        (b"name[]=a&name[b]=c&" + b"a=1&" * 2000, "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [make.SIGN, "/en/confirm", "/en/confirm/token", "/en/signature/token"])
def test_no_kind_of_body_is_a_server_error(client: FlaskClient, path: str, body: bytes, kind: str) -> None:
    answer = client.post(path, data=body, content_type=kind)

    assert 400 <= answer.status_code < 500
    assert steps.submissions() == []


def test_a_form_posted_as_multipart_signs_too(client: FlaskClient, mails: Mailbag) -> None:
    form = {**TYPED, "ticket": make.ticket()}

    assert client.post(make.SIGN, data=form, content_type="multipart/form-data").status_code == 303

    mails.take_one()


@pytest.mark.parametrize("slug", ["nothing", "x" * 3000, "☃", "child-dignity%20", "..", "child_dignity"])
def test_a_declaration_that_does_not_exist_is_not_found(client: FlaskClient, slug: str) -> None:
    for path in (f"/en/{slug}/sign", f"/en/{slug}/signatories", f"/en/{slug}/check-your-mail"):
        assert client.get(path).status_code == 404
    assert client.post(f"/en/{slug}/sign", data=make.form()).status_code == 404
