"""Sending: what comes of a mail that is taken, refused, deferred, not composed; and that none is lost."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message as EmailMessage
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from petition import clock
from petition.extensions import db
from petition.outbox import claiming, handing_over, sending
from petition.outbox.carriers import FolderCarrier
from petition.outbox.composing import Composed, Later, Message, NotDue
from petition.outbox.handing_over import PostOffice
from petition.outbox.models import Mail
from tests import make, running
from tests.conftest import Mailbag
from tests.outbox.mailing import a_server, post, register, row, rows, send
from tests.services import MailServer
from tests.standing import AppMaker, environment, settings_of, submission

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_permanent_refusal_drops_the_mail_and_keeps_the_reason(
    make_app: AppMaker, mail_server: MailServer, database: str
) -> None:
    mail_server.clear()
    mail_server.refuse_recipients["ada@example.org"] = "550 5.1.1 no such mailbox"
    app = make_app(database, mail_url=mail_server.url)
    register(app)
    with app.app_context():
        post("ada", "grace")
        send(app)
        assert row("ada").dropped_at is not None
        assert row("ada").reason == "550 5.1.1 no such mailbox"
        assert row("grace").sent_at is not None, "the other one left"
        with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
            assert send(app) == 0, "a dropped mail is never tried again"
    mail_server.clear()


def test_a_deferred_mail_is_tried_with_growing_pauses_and_given_up_at_the_end(
    make_app: AppMaker, mail_server: MailServer
) -> None:
    mail_server.clear()
    mail_server.refuse_recipients["ada@example.org"] = "451 4.3.0 try later"
    app = make_app(mail_url=mail_server.url)
    register(app)
    pauses = []
    with app.app_context(), time_machine.travel(NOON, tick=False) as time:
        post("ada")
        while row("ada").dropped_at is None:
            assert send(app) == 1
            pauses.append(row("ada").due_at - clock.now())
            time.move_to(max(row("ada").due_at, clock.now()))
        given_up = row("ada")
        assert given_up.reason == "given up: 451 4.3.0 try later"
        assert given_up.attempts == len(handing_over.PAUSES) + 1
    mail_server.clear()
    for pause, planned in zip(pauses, handing_over.PAUSES, strict=False):
        assert 1 - handing_over.JITTER <= pause / planned <= 1 + handing_over.JITTER
    assert all(later > earlier for earlier, later in pairwise(pauses[: len(handing_over.PAUSES) - 1]))


def test_pauses_are_spread_so_that_mails_do_not_come_back_all_at_once(
    make_app: AppMaker, mail_server: MailServer
) -> None:
    mail_server.clear()
    names = [f"name{number}" for number in range(20)]
    for name in names:
        mail_server.refuse_recipients[f"{name}@example.org"] = "451 4.3.0 try later"
    app = make_app(mail_url=mail_server.url)
    register(app)
    random.seed(1)
    with app.app_context(), time_machine.travel(NOON, tick=False):
        post(*names)
        send(app)
        due = [mail.due_at for mail in rows().values()]
    mail_server.clear()
    assert len(set(due)) > 10
    assert max(due) - min(due) > timedelta(seconds=5)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost_while_the_mail_server_is_down_for_hours(
    make_app: AppMaker, tmp_path: Path, database: str
) -> None:
    with a_server(tmp_path) as server:
        app = make_app(database, mail_url=server.url)
        register(app)
        server.stop()
        with app.app_context(), time_machine.travel(NOON, tick=False) as time:
            post("ada", "grace", "joan")
            for _ in range(60):
                time.shift(timedelta(minutes=6))
                assert send(app) == 3, "asked again within five minutes and a bit"
            server.start_again()
            time.shift(timedelta(minutes=6))
            send(app)
            assert all(mail.sent_at for mail in rows().values())
        assert len(server.messages) == 3


def test_while_no_mail_server_answers_only_one_batch_is_composed_until_the_rest_is_over(
    make_app: AppMaker, tmp_path: Path
) -> None:
    with a_server(tmp_path) as server:
        app = make_app(mail_url=server.url)
        register(app)
        server.stop()
        office = PostOffice.from_settings(settings_of(app))
        with app.app_context(), time_machine.travel(NOON, tick=False) as time:
            post("ada")
            assert sending.send_due(office) == 1
            server.start_again()
            post("grace", "joan")
            time.shift(handing_over.REST * (1 - handing_over.JITTER) - timedelta(seconds=1))
            assert sending.send_due(office) == 0
            assert row("grace").composed_at is None
            time.shift(handing_over.REST * 2 * handing_over.JITTER + timedelta(seconds=2))
            assert sending.send_due(office) == 2
            assert not office.rests, "a server that answers is not spared"
            assert row("grace").sent_at is not None
        office.close()


def test_a_command_tries_at_once_even_if_the_worker_rests(make_app: AppMaker, tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        app = make_app(mail_url=server.url)
        register(app)
        server.stop()
        with app.app_context(), time_machine.travel(NOON, tick=False):
            post("ada")
            send(app)
            server.start_again()
            post("grace")
            assert send(app) == 1
            assert row("grace").sent_at is not None


class Slow(FolderCarrier):
    """Takes its time over each mail."""

    def __init__(self, folder: Path, shift: Callable[[timedelta], None]) -> None:
        super().__init__(folder)
        self.shift = shift

    def carry(self, message: EmailMessage, *, until: datetime) -> None:
        self.shift(handing_over.HAND_OVER_WITHIN * 0.6)
        super().carry(message, until=until)


def test_a_batch_stops_early_and_a_slow_server_still_gets_every_mail(make_app: AppMaker, tmp_path: Path) -> None:
    app = make_app()
    register(app)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time:
        office = PostOffice(lambda: Slow(tmp_path / "slow", time.shift), connections=1)
        post("ada", "grace", "joan", "mary", "rosa")
        assert [sending.send_due(office) for _ in range(4)] == [5, 3, 1, 0]
        assert all(mail.sent_at and mail.attempts == 1 for mail in rows().values())
        office.close()


class Broken:
    """Cannot carry anything."""

    def carry(self, message: EmailMessage, *, until: datetime) -> None:
        raise LookupError("ada@example.org")

    def hang_up(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("broken", ["composer", "carrier"])
def test_a_mail_that_cannot_leave_is_given_up_at_the_end(make_app: AppMaker, broken: str) -> None:
    def composer(_mail: Mail) -> Composed:
        if broken == "composer":
            raise LookupError("ada@example.org")
        return Message(to="ada@example.org", subject="Hello", text="x", html="x")

    app = make_app()
    register(app, composer)
    office = PostOffice(Broken, connections=1)
    with app.app_context(), time_machine.travel(NOON, tick=False) as time:
        post("ada")
        for _ in handing_over.PAUSES:
            assert sending.send_due(office) == 1
            assert row("ada").dropped_at is None
            time.move_to(row("ada").due_at)
        assert sending.send_due(office) == 1
        assert (row("ada").dropped_at, row("ada").reason) == (clock.now(), "LookupError")
    office.close()


def test_an_outage_uses_up_none_of_the_tries_that_a_deferral_has(make_app: AppMaker, tmp_path: Path) -> None:
    with a_server(tmp_path) as server:
        app = make_app(mail_url=server.url)
        register(app)
        server.stop()
        with app.app_context(), time_machine.travel(NOON, tick=False) as time:
            post("ada")
            for _ in range(30):
                time.shift(timedelta(minutes=7))
                send(app)
            server.start_again()
            # A server that comes back greylists strangers.
            server.refuse_recipients["ada@example.org"] = "451 4.7.1 greylisted"
            time.shift(timedelta(minutes=7))
            send(app)
            assert row("ada").dropped_at is None, row("ada").reason
            server.refuse_recipients.clear()
            time.shift(timedelta(hours=1))
            send(app)
        assert len(server.messages) == 1


def test_a_mail_keeps_its_message_id_over_retries(make_app: AppMaker, mail_server: MailServer) -> None:
    mail_server.clear()
    app = make_app(mail_url=mail_server.url, base_url="https://sign.example.org")
    register(app)
    with app.app_context():
        post("ada")
        identity = f"<{row('ada').public_id}@sign.example.org>"
        for _ in range(3):
            # As if each worker had died after it handed over and before it wrote that down.
            send(app)
            mail = row("ada")
            mail.sent_at = None
            db.session.commit()
    assert [mail.message["Message-ID"] for mail in mail_server.messages] == [identity] * 3
    mail_server.clear()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_mail_that_cannot_be_composed_does_not_keep_the_others(
    make_app: AppMaker, mail_server: MailServer, database: str
) -> None:
    mail_server.clear()
    app = make_app(database, mail_url=mail_server.url)
    register(app)

    def broken(mail: Mail) -> Composed:
        db.session.add(Mail(id=mail.id, kind="broken"))
        db.session.flush()
        raise LookupError

    register(app, broken, kind="broken")
    with app.app_context():
        post("ada")
        post("bad", kind="broken")
        post("unknown", kind="nobody writes this kind")
        post("grace")
        send(app)
        assert {name for name, mail in rows().items() if mail.sent_at} == {"ada", "grace"}
        for name in ("bad", "unknown"):
            assert row(name).dropped_at is None
            assert row(name).attempts == 1
            assert row(name).due_at > clock.now(), "it is tried again, later"
    assert len(mail_server.messages) == 2
    mail_server.clear()


@pytest.mark.parametrize(
    "message",
    [
        Message(to="ada@example.org\nBcc: eve@example.org", subject="Hello", text="x", html="x"),
        Message(to="ada@example.org", subject="Hello\nBcc: eve@example.org", text="x", html="x"),
        Message(to="ada@example.org", subject="Hello\r\n\r\nA body", text="x", html="x"),
        Message(to="ada@example.org, eve@example.org", subject="Hello", text="x", html="x"),
        Message(
            to="ada@example.org", subject="Hello", text="x", html="x", unsubscribe="https://x>\nBcc: eve@example.org"
        ),
        Message(to="ada@example.org", subject="Hello", text="a broken half \ud800", html="x"),
        Message(to="ada@example.org", subject="A broken half \ud800", text="x", html="x"),
    ],
    ids=["to", "subject", "subject with body", "two addresses", "way out", "surrogate in text", "surrogate in subject"],
)
def test_a_mail_whose_headers_are_broken_injects_nothing_and_keeps_no_other(
    make_app: AppMaker, mail_server: MailServer, message: Message
) -> None:
    mail_server.clear()
    app = make_app(mail_url=mail_server.url)
    register(app)
    register(app, lambda _mail: message, kind="broken")
    with app.app_context():
        post("bad", kind="broken")
        post("grace")
        send(app)
        assert row("grace").sent_at is not None
        assert row("bad").sent_at is None
        assert send(app) == 0, "the broken one waits"
    assert [mail.recipients for mail in mail_server.messages] == [("grace@example.org",)]
    mail_server.clear()


def test_a_name_with_a_line_break_puts_no_header_into_a_mail(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    for name in ("Ada\r\nBcc: eve@example.org", "Ada\nSubject: Buy"):
        assert client.post(make.SIGN, data=make.form(name=name)).status_code == 422
    assert mails.take() == []


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Host"])
def test_a_forged_host_never_reaches_a_mail(make_app: AppMaker, mail_server: MailServer, header: str) -> None:
    mail_server.clear()
    app = make_app(mail_url=mail_server.url, trusted_proxies=1)
    with app.app_context():
        forged = "host=evil.example.org" if header == "Forwarded" else "evil.example.org"
        given = {"Host": "localhost:8000", "Sec-Fetch-Site": "same-origin", header: forged}
        answer = app.test_client().post(make.SIGN, data=make.form(), headers=given)
        assert answer.status_code == (400 if header == "Host" else 303)
        assert b"evil" not in answer.data
        make.send_mails(app)
    for mail in mail_server.messages:
        assert "evil" not in mail.message.as_string()
        assert "http://localhost:8000/en/confirm/" in mail.message.as_string().replace("=\n", "")
    assert len(mail_server.messages) == (0 if header == "Host" else 1)
    mail_server.clear()


def test_mails_that_are_not_due_are_dropped_and_those_for_later_wait(
    make_app: AppMaker, mail_server: MailServer
) -> None:
    mail_server.clear()
    app = make_app(mail_url=mail_server.url)
    tomorrow = clock.now() + timedelta(days=1)
    register(app, lambda _mail: NotDue("already signed"), kind="not due")
    register(app, lambda _mail: Later(tomorrow), kind="later")
    with app.app_context():
        post("ada", kind="not due")
        post("grace", kind="later")
        send(app)
        assert row("ada").reason == "already signed"
        assert row("ada").dropped_at is not None
        assert (row("grace").due_at, row("grace").claimed_until) == (tomorrow, None)
        assert row("grace").attempts == 0
    assert not mail_server.messages


@pytest.mark.slow
def test_the_send_command_sends_every_batch_and_says_how_many(make_app: AppMaker) -> None:

    app = make_app()
    with app.app_context():
        for _ in range(claiming.BATCH + 5):
            submission()
    done = running.typed(("outbox", "send"), environment(app))
    assert done.returncode == 0, done.stderr
    assert f"{claiming.BATCH + 5} mails taken up." in done.stdout
    with app.app_context():
        assert all(mail.sent_at for mail in rows().values() if mail.kind == "confirm")


def test_a_subject_may_hold_spaces_that_do_not_break_and_joiners(make_app: AppMaker, mail_server: MailServer) -> None:
    mail_server.clear()
    subject = "Rappel\u00a0: confirmez\u202f! \u0915\u094d\u200d\u0937"
    app = make_app(mail_url=mail_server.url)
    register(app, lambda _mail: Message(to="ada@example.org", subject=subject, text="x", html="x"))
    with app.app_context():
        post("ada")
        send(app)
        assert row("ada").sent_at is not None
    assert [mail.message["Subject"] for mail in mail_server.messages] == [subject]
    mail_server.clear()
