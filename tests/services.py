"""Real services on loopback for tests, benchmark and fault loops: PostgreSQL, Redis, SMTP."""

import asyncio
import atexit
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote
from weakref import WeakSet

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from psycopg import sql

LOOPBACK = "127.0.0.1"
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")
READY_WITHIN = timedelta(seconds=60)
STOPPED_WITHIN = timedelta(seconds=60)
LOOK_EVERY = timedelta(milliseconds=20)

# The death signal follows the thread that started a program, not the process: a program started in
# a short-lived thread would end with it. So one thread that lives as long as we do starts them all.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="services")


class ServiceError(Exception):
    """A service cannot run here; one sentence says what is missing or what it said last."""


def free_port() -> int:
    """A loopback port that nobody holds and that no outgoing connection will be given.

    Linux gives its own clients ports from 32768 up; below them a service that was stopped finds its
    port free when it starts again. Test processes beside each other draw from ports of their own, so
    that none takes what another has found free and not yet used.
    """
    # Not the shared generator: tests may seed it alike in every process that runs beside this one.
    for port in random.SystemRandom().sample(_ports(), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port
    raise ServiceError("none of a hundred ports between 20000 and 32768 is free")


def _ports() -> range:
    """All ports below Linux's own; in one of several test processes, every so manieth of them."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return range(20_000 + number, 32_768, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _find(program: str, *, package: str) -> str:
    if found := shutil.which(program):
        return found
    raise ServiceError(f"{program} is missing; on Debian: apt-get install {package}")


def _setpriv(*account: str, on_our_death: str) -> list[str]:
    """Put before a command, sends it that signal when the thread that started it ends."""
    return [_find("setpriv", package="util-linux"), "--pdeathsig", on_our_death, *account]


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


class _Program:
    """A child process that ends when we end, however we end, and hears no Ctrl-C meant for us."""

    def __init__(self, command: Sequence[str], *, folder: Path, log: Path) -> None:
        self._command = command
        self._folder = folder
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Return when it is ready; one that runs already is left alone.

        Raises ServiceError with the end of its log when it ends or takes longer than READY_WITHIN.
        """
        if self._process and self._process.poll() is None:
            return
        self._process = _STARTER.submit(self._spawn).result()
        deadline = time.monotonic() + READY_WITHIN.total_seconds()
        while not is_ready():
            self._wait_a_little(self._process, deadline=deadline)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_a_little(self, process: subprocess.Popen[bytes], *, deadline: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY.total_seconds())
            raise ServiceError(f"it ended while starting; {self._last_words()}")
        if time.monotonic() > deadline:
            self.stop(signal.SIGKILL)
            raise ServiceError(f"it is not ready after {READY_WITHIN}; {self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-5:]
        return f"{self._log} ends: {' / '.join(lines)}"

    def send(self, what: signal.Signals) -> None:
        """Send a signal; a program that does not run hears nothing."""
        if self._process:
            self._process.send_signal(what)

    def stop(self, how: signal.Signals) -> None:
        """Send a signal that ends it and wait until it has; twice is once."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(STOPPED_WITHIN.total_seconds())

    def pause(self) -> None:
        """Return when it is really stopped: a signal takes a moment to arrive."""
        if self._process:
            self._process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)


class _Service(ABC):
    """Ends with its `with` block, and without one when the interpreter exits."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        atexit.register(self._close_at_exit)

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def start_again(self) -> None: ...

    def close(self) -> None:
        """Stop for good; twice is once."""
        self.stop()
        atexit.unregister(self._close_at_exit)

    def _close_at_exit(self) -> None:
        # A forked child inherits this call, but not the service.
        if os.getpid() == self._owner:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# PostgreSQL


def _postgresql_programs() -> Path:
    """The folder of initdb and postgres: that of the PATH, else Debian's newest."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = DEBIAN_POSTGRESQL.glob("[0-9]*/bin/initdb")
    if newest := max(versions, key=lambda path: int(path.parts[-3]), default=None):
        return newest.parent
    raise ServiceError("initdb is missing; on Debian: apt-get install postgresql")


def _server_account() -> list[str]:
    """What setpriv needs so that PostgreSQL, which refuses to run as root, does not."""
    if os.geteuid() != 0:
        return []
    return ["--reuid=postgres", "--regid=postgres", "--init-groups"]


def _make_home(folder: Path) -> Path:
    """A folder that the server's account owns and may reach; pytest's folders are closed to it."""
    if os.geteuid() != 0:
        return Path(tempfile.mkdtemp(prefix="postgresql-", dir=folder))
    home = Path(tempfile.mkdtemp(prefix="petition-postgresql-", dir="/tmp"))
    shutil.chown(home, "postgres", "postgres")
    return home


def _initdb(programs: Path, home: Path) -> None:
    # What initdb wrote need not survive a power cut; what the tests write is the server's business.
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"]
    command = [str(programs / "initdb"), *options, "--username=petition", str(home / "data")]
    command = [*_setpriv(*_server_account(), on_our_death="KILL"), *command]
    result = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ServiceError(f"initdb failed: {result.stderr.strip()}")


class Postgresql(_Service):
    """A cluster of its own: superuser `petition`, no password, TCP on loopback only.

    It keeps its data through stop, kill and start_again, and loses them in close.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.log = folder / f"postgresql-{self.port}.log"
        self._programs = _postgresql_programs()
        self._home = _make_home(folder)
        self._program = _Program(self._command(settings), folder=self._home, log=self.log)
        super().__init__()

    @classmethod
    def start(cls, folder: Path, *, fast: bool = False, settings: Mapping[str, str] | None = None) -> Self:
        """Make a cluster with an empty database `petition` and start it.

        `folder` gets the log and, unless root runs this, the data. `fast` never waits for the disk:
        a power cut would lose data, kill() does not. `settings` are lines of postgresql.conf.
        """
        folder.mkdir(parents=True, exist_ok=True)
        speed = {"fsync": "off", "full_page_writes": "off"} if fast else {}
        server = cls(folder, settings={"max_connections": "100"} | speed | dict(settings or {}))
        _initdb(server._programs, server._home)
        server.start_again()
        server.make_database("petition")
        return server

    def _command(self, settings: Mapping[str, str]) -> list[str]:
        # The socket lies in the data folder and is named from there, because a socket's path may
        # have no more than 107 bytes.
        own = {"port": str(self.port), "listen_addresses": LOOPBACK, "unix_socket_directories": "."}
        options = [f"--{name}={value}" for name, value in (own | dict(settings)).items()]
        command = [str(self._programs / "postgres"), "-D", str(self._home / "data"), *options]
        return [*_setpriv(*_server_account(), on_our_death="INT"), *command]

    def url(self, database: str = "petition") -> str:
        """The address for SQLAlchemy, with psycopg 3."""
        return f"postgresql+psycopg://petition@{LOOPBACK}:{self.port}/{database}"

    def make_database(self, name: str) -> str:
        """Make an empty database and return its url."""
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, if there is one, and whatever is connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Fast shutdown: clients are cut off, everything is written down."""
        self._program.stop(signal.SIGINT)

    def kill(self) -> None:
        """Immediate shutdown, as in a crash: nothing is written down, the next start recovers."""
        self._program.stop(signal.SIGQUIT)

    def start_again(self) -> None:
        """Start on the same port with the same data and return when it answers."""
        self._program.start(self._answers)

    def restart(self) -> None:
        """Stop in the fast way and start again."""
        self.stop()
        self.start_again()

    def close(self) -> None:
        """Stop for good and remove the data; twice is once."""
        super().close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=LOOPBACK, port=self.port, user="petition", dbname="postgres", autocommit=True)

    def _run(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), self._connect():
            return True
        return False


# Redis


class Redis(_Service):
    """A Redis that keeps nothing: after stop and start_again it is empty."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / f"redis-{self.port}.log"
        command = [_find("redis-server", package="redis-server"), "--bind", LOOPBACK]
        options = ["--port", str(self.port), "--save", "", "--appendonly", "no"]
        prefix = _setpriv(on_our_death="KILL")
        self._program = _Program([*prefix, *command, *options], folder=folder, log=self.log)
        super().__init__()

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start one that writes nothing but its log into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        server = cls(folder)
        server.start_again()
        return server

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def stop(self) -> None:
        """End it at once: there is nothing to save, and while paused it would hear nothing less."""
        self._program.stop(signal.SIGKILL)

    def start_again(self) -> None:
        """Start, empty, on the same port and return when it listens."""
        self._program.start(lambda: _listens(self.port))

    def pause(self) -> None:
        """Make it hang: the kernel still takes connections, but nobody answers."""
        self._program.pause()

    def resume(self) -> None:
        """Let a paused one go on; it answers what was asked meanwhile."""
        self._program.send(signal.SIGCONT)


# Mail

Security = Literal["plain", "starttls", "tls"]


@dataclass(frozen=True)
class Mail:
    """One message that was accepted, its lines ended by LF, and the envelope it came in."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


def make_certificate(path: Path, *names: str) -> None:
    """Write a key and its self-signed certificate for 127.0.0.1, localhost and these names into one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    public = _sign_certificate(key, names).public_bytes(serialization.Encoding.PEM)
    path.write_bytes(secret + public)


def _sign_certificate(key: ec.EllipticCurvePrivateKey, names: Sequence[str]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A server of the tests")])
    # Tests set Python's clock but not OpenSSL's, so the certificate is good in any year.
    builder = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
    )
    for extension, critical in _certificate_extensions(key.public_key(), names):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, hashes.SHA256())


def _certificate_extensions(
    key: ec.EllipticCurvePublicKey, more: Sequence[str]
) -> list[tuple[x509.ExtensionType, bool]]:
    """What RFC 5280 wants of a certificate that is its own authority; Python 3.13 insists on it."""
    names = [x509.IPAddress(ip_address(LOOPBACK)), *map(x509.DNSName, ("localhost", *more))]
    return [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(key), False),
    ]


class _Connection(SMTP):
    """Tells the controller its transports: the plain one and, after STARTTLS, the encrypted one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(self.event_handler, _Handler)
        assert isinstance(transport, asyncio.Transport)
        self.event_handler.transports.add(transport)
        super().connection_made(transport)


class _Controller(Controller):
    """Hangs up on its clients when it stops, as a mail server does that goes down."""

    handler: "_Handler"

    def factory(self) -> SMTP:
        return _Connection(self.handler, **self.SMTP_kwargs)

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        for listener in self.server.sockets:
            self.loop.remove_reader(listener)
        # asyncio never closes a connection that it loses between accept and connection_made: three
        # turns of its loop take each one past that point.
        for _ in range(3):
            await asyncio.sleep(0)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for transport in self.handler.transports:
                transport.abort()
            for task in others:
                task.cancel()
            await asyncio.wait(others)


class _Handler:
    """aiosmtpd's hooks: who may send, who is refused, what is kept."""

    def __init__(self, server: "MailServer") -> None:
        self.transports: WeakSet[asyncio.Transport] = WeakSet()
        self._server = server

    async def handle_EHLO(
        self, smtp: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # It reads line by line, so it takes commands in a row as well, but does not say so.
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        # aiosmtpd's own auth_required warns unless STARTTLS is used, and our warnings are errors.
        if self._server.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self._server.refuse_recipients.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        content = (envelope.original_content or b"").replace(b"\r\n", b"\n")
        message = BytesParser(EmailMessage, policy=default).parsebytes(content)
        self._server.keep(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message))
        return "250 2.0.0 OK"


class MailServer(_Service):
    """A real SMTP server in a thread; what it accepted outlives stop and start_again.

    `refuse_recipients` maps an address, as the client writes it, to the reply that RCPT gets:
    "550 5.1.1 no such mailbox" or "451 4.3.0 try later". It may be changed while the server runs.
    """

    def __init__(self, folder: Path, *, security: Security, login: tuple[str, str] | None) -> None:
        self.port = free_port()
        self.login = login
        self.certificate = None if security == "plain" else folder / f"mail-{self.port}.pem"
        self.refuse_recipients: dict[str, str] = {}
        self._security = security
        self._mails: list[Mail] = []
        self._arrival = threading.Condition()
        self._controller: _Controller | None = None
        super().__init__()

    @classmethod
    def start(cls, folder: Path, *, security: Security = "plain", login: tuple[str, str] | None = None) -> Self:
        """Start one that insists on the given security and on the given (user, password).

        "starttls" refuses mail before STARTTLS; "tls" speaks TLS from the first byte. Both write
        `certificate` into `folder`, a PEM file which a client that verifies has to trust.
        """
        folder.mkdir(parents=True, exist_ok=True)
        server = cls(folder, security=security, login=login)
        if server.certificate:
            make_certificate(server.certificate)
        server.start_again()
        return server

    @property
    def url(self) -> str:
        """smtp://127.0.0.1:PORT, or smtps for "tls"; with user:password@ where one must log in."""
        scheme = "smtps" if self._security == "tls" else "smtp"
        account = ":".join(quote(word, safe="") for word in self.login) + "@" if self.login else ""
        return f"{scheme}://{account}{LOOPBACK}:{self.port}"

    def start_again(self) -> None:
        """Listen on the same port; a server that runs is left alone."""
        if self._controller:
            return
        controller = self._make_controller()
        controller.start()
        self._controller = controller

    def stop(self) -> None:
        """Refuse connections and cut off those that are open; twice is once."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    @property
    def messages(self) -> list[Mail]:
        """What was accepted so far, oldest first."""
        with self._arrival:
            return list(self._mails)

    def messages_to(self, address: str) -> list[Mail]:
        """What was accepted for this recipient of the envelope, oldest first."""
        return [mail for mail in self.messages if address in mail.recipients]

    def wait_for(self, count: int, timeout: timedelta = timedelta(seconds=10)) -> list[Mail]:
        """All messages, as soon as there are at least so many; TimeoutError if they do not come."""
        with self._arrival:
            if self._arrival.wait_for(lambda: len(self._mails) >= count, timeout.total_seconds()):
                return list(self._mails)
            raise TimeoutError(f"{len(self._mails)} of {count} mails came within {timeout}")

    def clear(self) -> None:
        """Forget every message and every refusal, for the next test."""
        with self._arrival:
            self._mails.clear()
        self.refuse_recipients.clear()

    def keep(self, mail: Mail) -> None:
        """Add a message; called from the server's thread."""
        with self._arrival:
            self._mails.append(mail)
            self._arrival.notify_all()

    def _make_controller(self) -> _Controller:
        context = self._make_context()
        return _Controller(
            _Handler(self),
            hostname=LOOPBACK,
            port=self.port,
            # Otherwise aiosmtpd asks the DNS for our own name.
            server_hostname="mail.example.org",
            ssl_context=context if self._security == "tls" else None,
            tls_context=context if self._security == "starttls" else None,
            require_starttls=self._security == "starttls",
            # aiosmtpd knows only STARTTLS as TLS, and offers AUTH wherever it does not require it.
            auth_require_tls=self._security == "starttls" or not self.login,
            auth_callback=self._knows,
        )

    def _make_context(self) -> ssl.SSLContext | None:
        if not self.certificate:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context

    def _knows(self, mechanism: str, user: bytes, password: bytes) -> bool:
        return self.login == (user.decode(), password.decode())
