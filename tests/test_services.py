"""The services that the other tests lean on do start, fail on demand and come back."""

import os
import select
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests import services
from tests.services import MailServer, Postgresql, Redis, Security, ServiceError, free_port

LOGIN = ("petition", "pass:word@1")


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgresql]:
    with Postgresql.start(tmp_path_factory.mktemp("postgresql"), fast=True) as server:
        yield server


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Redis]:
    with Redis.start(tmp_path) as server:
        yield server


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer.start(tmp_path) as server:
        yield server


def connect(server: Postgresql, database: str = "petition") -> psycopg.Connection:
    address = server.url(database).replace("postgresql+psycopg", "postgresql")
    return psycopg.connect(address, autocommit=True)


def ask(server: Postgresql, query: LiteralString) -> object:
    with connect(server) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def ping(server: Redis) -> bool:
    never = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(server.url, socket_timeout=0.2, retry=never) as client:
        return bool(client.ping())


def make_message(to: str = "ada@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Petition <no-reply@example.org>"
    message["To"] = to
    message["Subject"] = "Žádost 请愿"
    message.set_content("Děkujeme.\n")
    return message


def post(server: MailServer, to: str = "ada@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
        client.send_message(make_message(to))


def open_client(server: MailServer, security: Security) -> smtplib.SMTP:
    """A client that verifies the server's certificate, as ours must."""
    trust = ssl.create_default_context(cafile=server.certificate) if security != "plain" else None
    if security == "tls":
        return smtplib.SMTP_SSL("127.0.0.1", server.port, timeout=10, context=trust)
    client = smtplib.SMTP("127.0.0.1", server.port, timeout=10)
    if security == "starttls":
        client.starttls(context=trust)
    return client


def wait_for_the_end(pid: int) -> bool:
    """Whether a process, anybody's child, ends within 20 seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    ended = bool(poll.poll(20_000))
    os.close(handle)
    return ended


def test_free_port_is_one_that_linux_gives_to_no_client() -> None:
    assert 20_000 <= free_port() < 32_768


# PostgreSQL


def test_postgresql_is_utf8_everywhere_and_keeps_to_loopback(postgresql: Postgresql) -> None:
    collation = "SELECT datcollate FROM pg_database WHERE datname = 'petition'"
    assert ask(postgresql, "SHOW server_encoding") == "UTF8"
    assert ask(postgresql, collation) == "C.UTF-8"
    assert ask(postgresql, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(postgresql, "SHOW max_connections") == "100"


def test_fast_postgresql_does_not_wait_for_the_disk(postgresql: Postgresql) -> None:
    assert ask(postgresql, "SHOW fsync") == "off"
    assert ask(postgresql, "SHOW synchronous_commit") == "on"


def test_ordinary_postgresql_waits_for_the_disk_and_obeys_settings(tmp_path: Path) -> None:
    settings = {"max_connections": "12", "log_min_messages": "error"}
    with Postgresql.start(tmp_path, settings=settings) as server:
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW max_connections") == "12"
        assert ask(server, "SHOW log_min_messages") == "error"


def test_a_database_is_made_empty_and_dropped_under_its_clients(postgresql: Postgresql) -> None:
    assert postgresql.make_database("one-run") == postgresql.url("one-run")
    with connect(postgresql, "one-run") as client:
        postgresql.drop_database("one-run")
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
    postgresql.drop_database("one-run")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgresql, "one-run")


def test_restart_cuts_clients_off_and_keeps_data_and_port(postgresql: Postgresql) -> None:
    with connect(postgresql) as client:
        client.execute("CREATE TABLE kept AS SELECT 7 AS number")
        postgresql.restart()
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
    assert ask(postgresql, "SELECT number FROM kept") == 7


def test_a_killed_postgresql_recovers_what_was_committed(postgresql: Postgresql) -> None:
    with connect(postgresql) as client:
        client.execute("CREATE TABLE acknowledged AS SELECT 7 AS number")
    postgresql.kill()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        connect(postgresql)
    postgresql.start_again()
    assert ask(postgresql, "SELECT number FROM acknowledged") == 7
    assert "automatic recovery in progress" in postgresql.log.read_text()


def test_stopping_and_starting_twice_is_once(postgresql: Postgresql) -> None:
    postgresql.stop()
    postgresql.stop()
    postgresql.start_again()
    postgresql.start_again()
    assert ask(postgresql, "SELECT 1") == 1


def test_postgresql_outlives_the_thread_that_started_it(postgresql: Postgresql) -> None:
    postgresql.stop()
    with ThreadPoolExecutor(max_workers=1) as passing:
        passing.submit(postgresql.start_again).result()
    postgresql.restart()
    assert ask(postgresql, "SELECT 1") == 1


def test_closing_postgresql_removes_its_data(tmp_path: Path) -> None:
    with Postgresql.start(tmp_path, fast=True) as server:
        folder = ask(server, "SHOW data_directory")
    assert isinstance(folder, str)
    assert not Path(folder).parent.exists()


def test_a_postgresql_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"fsync.*requires a Boolean value"):
        Postgresql.start(tmp_path, settings={"fsync": "perhaps"})


def test_without_path_debians_postgresql_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "setpriv").symlink_to("/usr/bin/setpriv")
    monkeypatch.setenv("PATH", str(tmp_path))
    with Postgresql.start(tmp_path, fast=True) as server:
        assert ask(server, "SELECT 1") == 1


# Redis


def test_redis_answers_and_keeps_nothing(redis_server: Redis) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("limit", "1")
    redis_server.stop()
    with pytest.raises(redis.ConnectionError):
        ping(redis_server)
    redis_server.start_again()
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.keys() == []


def test_a_paused_redis_hangs_until_it_is_resumed(redis_server: Redis) -> None:
    for _ in range(3):
        redis_server.pause()
        with pytest.raises(redis.TimeoutError):
            ping(redis_server)
        redis_server.resume()
        assert ping(redis_server)


def test_a_paused_redis_can_be_stopped(redis_server: Redis) -> None:
    redis_server.pause()
    redis_server.stop()
    with pytest.raises(redis.ConnectionError):
        ping(redis_server)


def test_a_missing_program_names_its_debian_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceError, match="apt-get install redis-server"):
        Redis.start(tmp_path)
    monkeypatch.setattr(services, "DEBIAN_POSTGRESQL", tmp_path)
    with pytest.raises(ServiceError, match="apt-get install postgresql"):
        Postgresql.start(tmp_path)


# Mail


def test_mail_is_kept_with_its_envelope(mail_server: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", mail_server.port) as client:
        client.send_message(make_message(), "bounce@example.org", ["a@example.org", "b@example.org"])
    [mail] = mail_server.wait_for(1)
    assert mail.sender == "bounce@example.org"
    assert mail.recipients == ("a@example.org", "b@example.org")
    assert mail.message["To"] == "ada@example.org"
    assert mail.message["Subject"] == "Žádost 请愿"
    assert mail.message.get_content() == "Děkujeme.\n"
    assert mail_server.messages_to("b@example.org") == [mail]
    assert mail_server.messages_to("ada@example.org") == []


@pytest.mark.parametrize("reply", ["550 5.1.1 no such mailbox", "451 4.3.0 try later"])
def test_a_recipient_is_refused_for_as_long_as_the_test_wants(mail_server: MailServer, reply: str) -> None:
    mail_server.refuse_recipients["ada@example.org"] = reply
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        post(mail_server)
    code, words = reply.split(" ", 1)
    assert refusal.value.recipients == {"ada@example.org": (int(code), words.encode())}
    post(mail_server, "grace@example.org")
    del mail_server.refuse_recipients["ada@example.org"]
    post(mail_server)
    assert [mail.recipients[0][0] for mail in mail_server.wait_for(2)] == ["g", "a"]


def test_a_mail_server_that_was_down_comes_back_with_its_mails(mail_server: MailServer) -> None:
    post(mail_server)
    mail_server.stop()
    mail_server.stop()
    with pytest.raises(ConnectionRefusedError):
        post(mail_server)
    mail_server.start_again()
    mail_server.start_again()
    post(mail_server)
    assert len(mail_server.wait_for(2)) == 2


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_mail_server_that_goes_down_hangs_up(tmp_path: Path, security: Security) -> None:
    server = MailServer.start(tmp_path, security=security)
    with server, open_client(server, security) as client:
        client.ehlo()
        server.stop()
        # An abort resets the connection, which a client under TLS learns as an OSError.
        with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
            client.mail("no-reply@example.org")
        client.close()


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_silent_client_does_not_keep_a_mail_server_up(tmp_path: Path, security: Security) -> None:
    server = MailServer.start(tmp_path, security=security)
    with server, socket.create_connection(("127.0.0.1", server.port)):
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            post(server)


@pytest.mark.parametrize("login", [None, LOGIN])
@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_mail_comes_by_every_way_that_a_client_must_know(
    tmp_path: Path, security: Security, login: tuple[str, str] | None
) -> None:
    server = MailServer.start(tmp_path, security=security, login=login)
    with server, open_client(server, security) as client:
        if login:
            client.login(*login)
        client.send_message(make_message())
        assert len(server.wait_for(1)) == 1


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_client_must_log_in_with_the_right_password(tmp_path: Path, security: Security) -> None:
    server = MailServer.start(tmp_path, security=security, login=LOGIN)
    with server, open_client(server, security) as client:
        with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
            client.send_message(make_message())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("petition", "wrong")
        assert server.messages == []


def test_a_client_must_use_starttls(tmp_path: Path) -> None:
    server = MailServer.start(tmp_path, security="starttls")
    with server, pytest.raises(smtplib.SMTPException, match="STARTTLS"):
        post(server)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_client_that_does_not_trust_the_certificate_turns_away(tmp_path: Path, security: Security) -> None:
    with MailServer.start(tmp_path, security=security) as server:
        trusted, server.certificate = server.certificate, None
        with pytest.raises(ssl.SSLCertVerificationError):
            open_client(server, security)
        server.certificate = trusted
        with open_client(server, security) as client:
            client.send_message(make_message())


def test_the_mail_address_says_how_to_come_in(tmp_path: Path) -> None:
    with MailServer.start(tmp_path) as plain:
        assert plain.url == f"smtp://127.0.0.1:{plain.port}"
    with MailServer.start(tmp_path, security="tls", login=LOGIN) as tls:
        assert tls.url == f"smtps://petition:pass%3Aword%401@127.0.0.1:{tls.port}"


def test_waiting_for_mail_ends_when_it_comes_or_in_an_error(mail_server: MailServer) -> None:
    with ThreadPoolExecutor(max_workers=4) as posts:
        sent = [posts.submit(post, mail_server) for _ in range(8)]
        assert len(mail_server.wait_for(8)) == 8
        assert [each.result() for each in sent] == [None] * 8
    with pytest.raises(TimeoutError, match="8 of 9 mails came"):
        mail_server.wait_for(9, timedelta(milliseconds=10))


def test_clearing_readies_a_mail_server_for_the_next_test(mail_server: MailServer) -> None:
    post(mail_server)
    mail_server.refuse_recipients["ada@example.org"] = "550 5.1.1 no such mailbox"
    mail_server.clear()
    assert mail_server.messages == []
    post(mail_server)
    assert len(mail_server.wait_for(1)) == 1


# What happens to services when the tests end


HOLD_SERVICES = """
import sys
from pathlib import Path
from tests.services import MailServer, Postgresql, Redis
folder = Path(sys.argv[1])
mail = MailServer.start(folder)
postgresql = Postgresql.start(folder, fast=True)
redis = Redis.start(folder)
redis.pause()
print(postgresql._program._process.pid, redis._program._process.pid, postgresql._home, flush=True)
sys.stdin.read()
"""


def hold_services(folder: Path) -> tuple[subprocess.Popen[str], int, int, Path]:
    command = [sys.executable, "-W", "error", "-c", HOLD_SERVICES, str(folder)]
    holder = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    postgresql, redis_server, home = holder.stdout.readline().split(maxsplit=2)
    return holder, int(postgresql), int(redis_server), Path(home.strip())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_services_end_with_a_test_run_that_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    holder, postgresql, redis_server, home = hold_services(tmp_path)
    with holder:
        holder.send_signal(how)
        assert holder.wait(20) == -how
    assert wait_for_the_end(postgresql)
    assert wait_for_the_end(redis_server)
    # Whoever is killed cleans nothing up; root's data lie where pytest does not look.
    shutil.rmtree(home)


def test_services_nobody_closed_end_with_the_interpreter(tmp_path: Path) -> None:
    holder, postgresql, redis_server, home = hold_services(tmp_path)
    assert holder.communicate(timeout=20) == ("", "")
    assert holder.returncode == 0
    assert wait_for_the_end(postgresql)
    assert wait_for_the_end(redis_server)
    assert not home.exists()
