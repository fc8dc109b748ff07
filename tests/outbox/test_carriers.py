"""Carriers: SMTP in its three securities, and files."""

import time
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from petition import clock
from petition.outbox import carriers, claiming, handing_over
from petition.outbox.composing import Message
from petition.outbox.letters import Envelope
from tests.outbox.mailing import a_server, a_talker, post, register, row, rows, send, trusting
from tests.services import MailServer, Security
from tests.standing import AppMaker, settings_of


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("login", [None, ("petition", "pass:w@rd/%")])
def test_mail_leaves_encrypted_and_with_a_login(
    make_app: AppMaker, tmp_path: Path, security: Security, login: tuple[str, str] | None
) -> None:
    with a_server(tmp_path, security=security, login=login) as server:
        app = make_app(mail_url=trusting(server))
        register(app)
        with app.app_context():
            post("ada")
            send(app)
            assert row("ada").sent_at is not None, row("ada").reason
        assert [mail.recipients for mail in server.messages] == [("ada@example.org",)]


def test_mail_leaves_in_plain_with_a_login(make_app: AppMaker, tmp_path: Path) -> None:
    with a_server(tmp_path, login=("petition", "secret")) as server:
        app = make_app(mail_url=server.url)
        register(app)
        with app.app_context():
            post("ada")
            send(app)
        assert len(server.messages) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail_and_loses_none(
    make_app: AppMaker, tmp_path: Path, security: Security
) -> None:
    with a_server(tmp_path, security=security) as server:
        app = make_app(mail_url=server.url + ("?tls=starttls" if security == "starttls" else ""))
        register(app)
        with app.app_context():
            post("ada")
            send(app)
            assert (row("ada").sent_at, row("ada").dropped_at) == (None, None)
            assert "CERTIFICATE_VERIFY_FAILED" in str(row("ada").reason)
        assert not server.messages


@pytest.mark.parametrize(
    ("needs", "given"),
    [
        ({"login": ("petition", "secret")}, "smtp://petition:wrong@{place}"),
        ({"login": ("petition", "secret")}, "smtp://{place}"),
        ({"security": "starttls"}, "smtp://{place}"),
        ({}, "smtp://{place}?tls=starttls"),
        ({}, "smtps://{place}"),
        ({}, "smtp://user:secret@{place}"),
        ({"login": ("petition", "secret")}, "smtp://petition:pässwort@{place}"),
        ({"security": "tls"}, "smtps://{place}?ca=/nowhere.pem"),
    ],
    ids=[
        "wrong login",
        "no login",
        "no STARTTLS",
        "no STARTTLS offered",
        "no TLS there",
        "no login offered",
        "no ASCII",
        "no CA",
    ],
)
def test_a_misconfigured_mail_server_drops_no_mail(
    make_app: AppMaker, tmp_path: Path, needs: dict[str, object], given: str
) -> None:
    with a_server(tmp_path, **needs) as server:
        app = make_app(mail_url=given.format(place=f"127.0.0.1:{server.port}"))
        register(app)
        with app.app_context():
            post("ada")
            send(app)
            waiting = row("ada")
            assert (waiting.sent_at, waiting.dropped_at) == (None, None), waiting.reason
            assert waiting.reason
            assert "secret" not in waiting.reason


def test_a_mail_file_is_whole_private_and_named_for_its_message_id(make_app: AppMaker) -> None:
    app = make_app()
    register(app)
    with app.app_context():
        post("ada", "grace")
        send(app)
        names = {f"{mail.public_id}.eml" for mail in rows().values()}
    folder = settings_of(app).instance_dir / "mail"
    assert {file.name for file in folder.iterdir()} == names, "and nothing half written beside them"
    assert folder.stat().st_mode & 0o777 == 0o700
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
        assert message["To"] in ("ada@example.org", "grace@example.org")
        assert message["Message-ID"] == f"<{file.stem}@localhost>"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_mails_wait_while_the_mail_folder_cannot_be_written(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    register(app)
    folder = settings_of(app).instance_dir / "mail"
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    with app.app_context():
        post("ada")
        send(app)
        assert (row("ada").sent_at, row("ada").dropped_at) == (None, None)
        assert "cannot be written" in str(row("ada").reason)


def letter_to(app: Flask, address: str) -> None:
    register(app, lambda mail: Message(to=address, subject="Hello", text="Hello.\n", html="<p>Hello.</p>"))


@pytest.mark.parametrize(
    ("typed", "envelope"),
    [("ada@exämple.org", "ada@xn--exmple-cua.org"), ("jörg@example.org", "jörg@example.org")],
    ids=["domain", "local part"],
)
def test_an_internationalised_address_gets_its_mail(
    make_app: AppMaker, tmp_path: Path, typed: str, envelope: str
) -> None:
    with a_server(tmp_path) as server:
        app = make_app(mail_url=server.url)
        letter_to(app, typed)
        with app.app_context():
            post("ada")
            send(app)
            assert row("ada").sent_at is not None, row("ada").reason
        assert [mail.recipients for mail in server.messages] == [(envelope,)]


def test_an_address_outside_ascii_can_be_read_in_its_mail_file(make_app: AppMaker) -> None:
    app = make_app()
    letter_to(app, "jörg@exämple.org")
    with app.app_context():
        post("ada")
        send(app)
        assert row("ada").sent_at is not None, row("ada").reason
    (file,) = (settings_of(app).instance_dir / "mail").iterdir()
    assert "To: jörg@xn--exmple-cua.org" in file.read_text()


def test_a_connection_that_the_server_cut_meanwhile_is_made_anew(make_app: AppMaker, tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        carrier = carriers.make(settings_of(make_app(mail_url=server.url)))
        until = clock.now() + timedelta(minutes=1)
        try:
            carrier.carry(letter("ada"), until=until)
            server.stop()
            server.start_again()
            carrier.carry(letter("grace"), until=until)
        finally:
            carrier.hang_up()
        assert [mail.recipients[0] for mail in server.messages] == ["ada@example.org", "grace@example.org"]


@pytest.mark.parametrize("code", ["550 5.1.1", "451 4.3.0"])
def test_an_address_that_a_server_quotes_is_kept_nowhere(
    make_app: AppMaker, mail_server: MailServer, code: str
) -> None:
    mail_server.clear()
    mail_server.refuse_recipients["ada@example.org"] = f"{code} <ada@example.org>: ada@example.org is unknown"
    app = make_app(mail_url=mail_server.url)
    register(app)
    with app.app_context():
        post("ada")
        send(app)
        assert row("ada").reason == f"{code} <…>: … is unknown"
    assert b"@example.org" not in bytes_of(app)
    mail_server.clear()


@pytest.mark.parametrize("refused", ["GREETING", "EHLO", "MAIL", "DATA"])
def test_an_address_in_any_other_reply_is_kept_nowhere(make_app: AppMaker, refused: str) -> None:
    def answer(word: str) -> str:
        if word in (refused, "HELO"):
            return "554 no <ada@example.org>"
        return "220 hello" if word == "GREETING" else "250 yes"

    with a_talker(answer) as (url, _):
        app = make_app(mail_url=url)
        register(app)
        with app.app_context():
            post("ada")
            send(app)
            assert "554" in str(row("ada").reason)
        assert b"@example.org" not in bytes_of(app)


def bytes_of(app: Flask) -> bytes:
    """The SQLite database, with what still stands in its journal."""
    file = Path(settings_of(app).database.removeprefix("sqlite:///"))
    return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def test_no_message_is_handed_over_late_in_its_claim_however_slow_the_server(make_app: AppMaker) -> None:
    with time_machine.travel(clock.now(), tick=False) as stopped:

        def answer(word: str) -> str:
            if word != "DATA":
                return "220 hello" if word == "GREETING" else "250 yes"
            stopped.shift(claiming.CLAIM_FOR - handing_over.MARGIN + timedelta(seconds=1))
            return "354 go on"

        with a_talker(answer) as (url, heard):
            app = make_app(mail_url=url)
            register(app)
            with app.app_context():
                post("ada")
                send(app)
                assert (row("ada").sent_at, row("ada").reason) == (None, "the mail server took too long")
            assert heard[-1].upper() == "DATA"


@pytest.mark.parametrize(
    "greeting", ["250 hello", "250-hello\r\n250-SIZE 1000\r\n250 PIPELINING"], ids=["alone", "in a row"]
)
@pytest.mark.parametrize(
    ("said", "dropped", "reason"),
    [
        ({"MAIL": "451 4.3.0 later", "RCPT": "503 no", "DATA": "503 no"}, False, "451 4.3.0 later"),
        ({"MAIL": "550 5.7.1 not you"}, False, "550 5.7.1 not you"),
        ({"MAIL": "421 4.3.2 closing"}, False, "421 4.3.2 closing"),
        ({"RCPT": "550 5.1.1 nobody", "DATA": "554 5.5.1 no"}, True, "550 5.1.1 nobody"),
        ({"RCPT": "550 5.1.1 nobody", "DATA": "354 go on", ".": "554 5.5.1 no"}, True, "550 5.1.1 nobody"),
        ({"RCPT": "451 4.2.0 later", "DATA": "503 no"}, False, "451 4.2.0 later"),
        ({"RCPT": "421 4.3.2 closing"}, False, "421 4.3.2 closing"),
        ({"DATA": "451 4.3.0 later"}, False, "451 4.3.0 later"),
        ({"DATA": "554 5.7.1 never"}, True, "554 5.7.1 never"),
    ],
)
def test_a_refusal_at_any_step_means_the_same_alone_and_in_a_row(
    make_app: AppMaker, greeting: str, said: dict[str, str], dropped: bool, reason: str
) -> None:
    usual = {"GREETING": "220 hello", "EHLO": greeting}

    with a_talker(lambda word: {**usual, **said}.get(word, "250 yes")) as (url, heard):
        app = make_app(mail_url=url)
        register(app)
        with app.app_context():
            post("ada")
            send(app)
            mail = row("ada")
            assert (mail.sent_at, mail.dropped_at is not None, mail.reason) == (None, dropped, reason)
        assert not any("Hello" in line for line in heard)


def test_a_mail_without_an_answer_is_not_handed_over_again_at_once_and_uses_up_a_try(make_app: AppMaker) -> None:
    said = {"GREETING": "220 hello", "DATA": "354 go on", ".": ""}
    with a_talker(lambda word: said.get(word, "250 yes")) as (url, heard):
        app = make_app(mail_url=url)
        register(app)
        carrier = carriers.make(settings_of(app))
        with pytest.raises(carriers.Deferred, match="has not said"):
            carrier.carry(letter("ada"), until=clock.now() + timedelta(minutes=1))
        with app.app_context():
            post("grace")
            send(app)
            mail = row("grace")
            assert (mail.sent_at, mail.dropped_at, mail.attempts) == (None, None, 1)
    assert heard.count(".") == 2


def test_a_kept_connection_that_gives_no_answer_to_a_mail_is_told_it_once(make_app: AppMaker) -> None:
    answers = iter(["250 taken", ""])
    said = {"GREETING": "220 hello", "DATA": "354 go on"}
    with a_talker(lambda word: next(answers) if word == "." else said.get(word, "250 yes")) as (url, heard):
        carrier = carriers.make(settings_of(make_app(mail_url=url)))
        until = clock.now() + timedelta(minutes=1)
        carrier.carry(letter("ada"), until=until)
        with pytest.raises(carriers.Deferred):
            carrier.carry(letter("grace"), until=until)
    assert heard.count(".") == 2


def test_a_server_that_looks_into_a_mail_for_longer_than_it_may_for_a_command_is_waited_for(
    make_app: AppMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carriers, "TIMEOUT_SECONDS", 0.2)
    said = {"GREETING": "220 hello", "DATA": "354 go on"}

    def answer(word: str) -> str:
        if word == ".":
            time.sleep(0.6)
        return said.get(word, "250 yes")

    with a_talker(answer) as (url, heard):
        app = make_app(mail_url=url)
        register(app)
        with app.app_context():
            post("ada")
            send(app)
            assert row("ada").sent_at is not None, row("ada").reason
    assert heard.count(".") == 1


def test_a_line_that_begins_with_a_dot_arrives_as_it_was(make_app: AppMaker, mail_server: MailServer) -> None:
    mail_server.clear()
    words = ".\n..two\nplain\n." + "x" * 200 + "\n.\n"
    app = make_app(mail_url=mail_server.url)
    register(app, lambda mail: Message(to="ada@example.org", subject="Dots", text=words, html="<p>Dots.</p>"))
    with app.app_context():
        post("ada")
        send(app)
    [mail] = mail_server.messages
    plain = mail.message.get_body(("plain",))
    assert plain is not None and plain.get_content().rstrip("\n") == words.rstrip("\n")


def letter(name: str) -> Envelope:
    return Envelope(name, "declaration@example.org", f"{name}@example.org", b"Subject: Hello\r\n\r\nHello.\r\n")
