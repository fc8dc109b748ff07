"""The outgoing mails of the embedded default: read by few, written down, and harmless whatever lies in the folder."""

import os
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from petition import clock
from petition.accounts import inviting, trail
from petition.console import mails
from petition.extensions import db
from petition.outbox import sending
from petition.outbox.carriers import FolderCarrier
from petition.outbox.handing_over import PostOffice
from petition.outbox.models import Mail
from tests import make, staff
from tests.conftest import browser

MAILS = "/console/mails"
BASE = "http://localhost:8000"


@pytest.fixture
def box(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of mails, as the embedded default has it."""
    ours = app.extensions["petition.settings"]
    embedded = replace(ours, database_url="", mail_url="", instance_dir=tmp_path)
    monkeypatch.setitem(app.extensions, "petition.settings", embedded)
    (tmp_path / "mail").mkdir()
    return tmp_path / "mail"


def _write(
    box: Path, name: str, *, subject: str = "Please confirm", text: str = "Hello", age: int = 0, kind: str = "confirm"
) -> None:
    moment = clock.now()
    known = {"kind": kind, "reference": "", "scope": 0, "language": "en", "created_at": moment, "due_at": moment}
    db.session.add(Mail(public_id=name, **known, sent_at=moment))
    db.session.commit()
    message = EmailMessage()
    message["To"], message["Subject"] = "ada@example.org", subject
    message["Date"] = "Wed, 04 Mar 2026 12:00:00 -0000"
    message.set_content(text)
    message.add_alternative("<script>alert(1)</script>", subtype="html")
    (box / f"{name}.eml").write_bytes(message.as_bytes())
    os.utime(box / f"{name}.eml", (1_772_625_600 - age,) * 2)


def test_mails_are_listed_newest_first_with_whom_they_go_to(app: Flask, box: Path) -> None:
    _write(box, "older", subject="First", age=60)
    _write(box, "newer", subject="يُرجى تأكيد توقيعكم")
    (box / ".draft.draft").write_text("half of one")
    page = staff.signed_in(app, "organiser", slug=None).get(MAILS)
    assert page.status_code == 200
    assert re.findall(r'action="/console/mails/(\w+)"', page.text) == ["newer", "older"]
    assert "يُرجى تأكيد توقيعكم" in page.text and "ada@example.org" in page.text
    assert 'datetime="2026-03-04T12:00:00Z"' in page.text
    assert ".draft" not in page.text


def test_more_mails_than_a_page_holds_are_paged(app: Flask, box: Path) -> None:
    for nth in range(mails.PAGE + 1):
        _write(box, f"mail{nth}", subject=f"Number {nth}", age=nth)
    operator = staff.signed_in(app, "operator", slug=None)
    first, second = operator.get(MAILS).text, operator.get(f"{MAILS}?page=2").text
    assert "Number 0<" in first and f"Number {mails.PAGE}<" not in first and "page=2" in first
    assert f"Number {mails.PAGE}<" in second and "page=1" in second and "page=3" not in second
    for odd in ("0", "-1", "x", "½", "9" * 40, "99999"):
        assert operator.get(MAILS, query_string={"page": odd}).status_code == 200


def test_a_mail_is_read_with_links_to_follow_to_our_own_pages_alone(app: Flask, box: Path) -> None:
    links = f"{BASE}/en/confirm/a-b_C, http://evil.example.org/x and javascript:alert(1) {BASE}.evil.example.org/y"
    _write(box, "one", text=f"<b>Hello</b> & {links}.\nBye")
    client = staff.signed_in(app, "organiser", slug=None)
    page = staff.staff_post(client, f"{MAILS}/one")
    assert page.status_code == 200
    main = page.text.partition("<main")[2]
    assert f'<a href="{BASE}/en/confirm/a-b_C">{BASE}/en/confirm/a-b_C</a>, http://evil' in main
    assert re.findall(r'<a href="([^"/][^"]*)"', main) == [f"{BASE}/en/confirm/a-b_C"]
    assert "&lt;b&gt;Hello&lt;/b&gt; &amp;" in main
    assert "<script" not in main and "alert(1)</" not in main, "the HTML part is not shown"


def test_a_mail_goes_to_a_mail_program_as_a_file(app: Flask, box: Path) -> None:
    _write(box, "one")
    answer = staff.staff_post(staff.signed_in(app, "organiser", slug=None), f"{MAILS}/one/file")
    assert answer.data == (box / "one.eml").read_bytes()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="one.eml"'
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"


def test_each_look_into_a_mail_is_written_down(app: Flask, box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, object]] = []
    monkeypatch.setattr(trail, "record", lambda act, **more: seen.append((act, more["subject"])))
    _write(box, "one")
    client = staff.signed_in(app, "operator", slug=None)
    client.get(MAILS)
    staff.staff_post(client, f"{MAILS}/one")
    staff.staff_post(client, f"{MAILS}/one/file")
    assert seen == [("mail.opened", "one"), ("mail.fetched", "one")]


@pytest.mark.parametrize(
    ("roles", "slug", "status"),
    [
        (("operator",), None, 200),
        (("organiser",), None, 200),
        (("organiser",), make.SLUG, 403),
        (("editor", "moderator", "exporter"), None, 403),
    ],
)
def test_only_operators_and_organisers_of_everything_read_them(
    app: Flask, box: Path, roles: tuple[str, ...], slug: str | None, status: int
) -> None:
    _write(box, "one")
    client = staff.signed_in(app, *roles, slug=slug)
    assert client.get(MAILS).status_code == status
    assert staff.staff_post(client, f"{MAILS}/one").status_code == status
    assert staff.staff_post(client, f"{MAILS}/one/file").status_code == status
    if "operator" not in roles:
        assert ("Outgoing mails" in client.get(f"/console/declarations/{make.SLUG}/").text) is (status == 200)


def test_invitations_are_for_operators_alone_and_so_is_what_nobody_knows_any_more(app: Flask, box: Path) -> None:
    _write(box, "request")
    _write(box, "invited", subject="You are invited", kind="invitation")
    _write(box, "erased", subject="Of somebody")
    db.session.execute(delete(Mail).where(Mail.public_id == "erased"))
    db.session.commit()
    for role, readable in (("organiser", {"request"}), ("operator", {"request", "invited", "erased"})):
        client = staff.signed_in(app, role, slug=None)
        assert set(re.findall(r'action="/console/mails/(\w+)"', client.get(MAILS).text)) == readable
        for name in ("request", "invited", "erased"):
            status = 200 if name in readable else 404
            assert staff.staff_post(client, f"{MAILS}/{name}").status_code == status
            assert staff.staff_post(client, f"{MAILS}/{name}/file").status_code == status


def test_a_real_invitation_is_known_by_its_file(app: Flask, box: Path) -> None:
    inviting.invite(staff.account("operator", address="ada@example.org"))
    db.session.commit()
    sending.send_due(PostOffice(lambda: FolderCarrier(box), connections=1))
    (file,) = box.glob("*.eml")
    organiser = staff.signed_in(app, "organiser", slug=None)
    assert "ada@example.org" not in organiser.get(MAILS).text
    assert staff.staff_post(organiser, f"{MAILS}/{file.stem}").status_code == 404
    operator = staff.signed_in(app, "operator", slug=None)
    assert "/console/invitation/" in staff.staff_post(operator, f"{MAILS}/{file.stem}").text


def test_whoever_opens_a_mail_proves_once_more_who_they_are(app: Flask, box: Path) -> None:
    _write(box, "one", text="A secret link")
    client = staff.signed_in(app, "organiser", slug=None, fresh=False)
    assert client.get(MAILS).status_code == 200
    for path in (f"{MAILS}/one", f"{MAILS}/one/file"):
        asked = staff.staff_post(client, path)
        assert (asked.status_code, "again_password" in asked.text, "A secret link" in asked.text) == (403, True, False)


def test_without_the_sessions_token_no_mail_is_opened(app: Flask, box: Path) -> None:
    _write(box, "one", text="A secret link")
    client = staff.signed_in(app, "organiser", slug=None)
    assert "A secret link" not in client.post(f"{MAILS}/one").text
    assert browser(app).post(f"{MAILS}/one").status_code in (303, 403)


def test_where_mails_leave_there_is_no_such_page(app: Flask) -> None:
    client = staff.signed_in(app, "organiser", "operator", slug=None)
    assert client.get(MAILS).status_code == 404
    assert staff.staff_post(client, f"{MAILS}/one").status_code == 404
    assert "Outgoing mails" not in client.get(f"/console/declarations/{make.SLUG}/").text


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../secret",
        "..%2Fsecret",
        "%2e%2e%2fsecret",
        "/etc/passwd",
        "one.eml",
        "one%00",
        "o ne",
        "ö",
        "x" * 300,
        "link",
    ],
)
def test_no_name_leads_out_of_the_folder(app: Flask, box: Path, name: str) -> None:
    _write(box, "one")
    _write(box.parent, "secret", text="Nobody reads this")
    (box / "link.eml").symlink_to(box.parent / "secret.eml")
    client = staff.signed_in(app, "organiser", slug=None)
    for path in (f"{MAILS}/{name}", f"{MAILS}/{name}/file"):
        answer = staff.staff_post(client, path)
        assert answer.status_code in (400, 404, 405), path
        assert "Nobody reads this" not in answer.text
    assert mails.find(box, name) is None and mails.source(box, name) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe not a mail",
        b"Subject: =?utf-8?b?4pyT?= \xed\xa0\x80\r\nTo: <\r\nDate: yesterday\r\n\r\n\xff",
        b"Content-Type: multipart/mixed\r\n\r\n--x",
        b"Content-Type: text/plain; charset=no-such-charset\r\n\r\nHello",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"To: " + b"a@example.org, " * 5000 + b"\r\n\r\nHello",
        b"Date: Wed, 99 Mar 99999 12:00:00\r\n\r\nHello",
        b"Subject: a\r\n b\0\x1b[31m\r\n\r\nHello\x07",
    ],
)
def test_whatever_lies_in_the_folder_makes_no_error(app: Flask, box: Path, content: bytes) -> None:
    (box / "odd.eml").write_bytes(content)
    (box / "a folder.eml").mkdir()
    (box / "folder.eml").mkdir()
    client = staff.signed_in(app, "operator", slug=None)
    assert client.get(MAILS).status_code == 200
    page = staff.staff_post(client, f"{MAILS}/odd")
    assert page.status_code == 200
    assert not re.search(r"[\0\x07\x1b]", page.text)
    assert staff.staff_post(client, f"{MAILS}/folder").status_code == 404


def test_a_folder_that_is_not_there_yet_is_empty(app: Flask, box: Path) -> None:
    box.rmdir()
    page = staff.signed_in(app, "organiser", slug=None).get(MAILS)
    assert page.status_code == 200 and "No mail lies here." in page.text
