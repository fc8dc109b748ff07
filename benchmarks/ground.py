"""What everything is measured on: PostgreSQL and Redis on loopback, the product's servers, and the bare one."""

import base64
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import gunicorn.config  # type: ignore[import-untyped]
import psycopg
from flask import Flask

from benchmarks import profiles, requests
from benchmarks.bare import TABLE
from benchmarks.load import Plan
from benchmarks.scales import Scale
from petition.application import create_app
from petition.extensions import writing
from petition.server import preparing, supervising, web
from petition.settings import Settings
from tests import make
from tests.services import LOOPBACK, Postgresql, Redis, free_port

# The web server's configuration holds the collector off until its application is loaded, which is not done here.
gc.enable()

ROOT = Path(__file__).parent.parent
SAMPLED = ROOT / "benchmarks" / "sampled"
SLUG = make.SLUG
PAGE = make.PAGE
SIGN = make.SIGN
DECLARATION = f"/api/v1/declarations/{SLUG}"
COUNT = f"{DECLARATION}/count"
PARTNER = "byron"
EMBED = f"/embed/{SLUG}?partner={PARTNER}&lang=en&source=letter"
WEB_WORKERS = 2
LIMITS = "1000000/minute;60000000/hour"
"""Raised, so that the load is not refused; they are counted in Redis as ever."""
STARTS_WITHIN = 60.0


class LoadFailed(Exception):
    """Not every answer was what it must be, so the figure would mean nothing."""


@dataclass(frozen=True)
class Server:
    """A server that answers on loopback, and its first process."""

    port: int
    pid: int

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def fetch(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self.host}{path}") as answer:
            text: str = answer.read().decode()
        return text


@dataclass
class Product:
    """One database of the product, prepared, and the environment that its processes get."""

    app: Flask
    environ: dict[str, str]
    database: str
    conninfo: str

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.conninfo, autocommit=True)

    def run(self, *arguments: str) -> str:
        """Run a command of the product; returns what it printed."""
        command = [sys.executable, "-m", "petition", *arguments]
        done = subprocess.run(command, env=self.environ, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LoadFailed(f"petition {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout


@dataclass
class Ground:
    """The services, and what they serve."""

    scale: Scale
    folder: Path
    postgresql: Postgresql
    redis: Redis
    sent: int = 0
    """So many numbered requests went out; each has a number, and so an address, of its own."""
    products: dict[str, Product] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def made(cls, scale: Scale, folder: Path) -> Iterator[Self]:
        """Start the services in this folder, PostgreSQL as durable as it is by itself."""
        with ExitStack() as stack:
            # Two databases under load at once, each with the connections of two workers.
            settings = {"max_connections": "200", "max_wal_size": "4GB"}
            postgresql = stack.enter_context(Postgresql.start(folder / "postgresql", settings=settings))
            redis = stack.enter_context(Redis.start(folder / "redis"))
            yield cls(scale, folder, postgresql, redis)

    def product(self, name: str, **given: Any) -> Product:
        """The product on a database of this name, migrated, with the sample declaration; made once."""
        if name not in self.products:
            self.products[name] = self._make_product(name, given)
        return self.products[name]

    def _make_product(self, name: str, given: Mapping[str, Any]) -> Product:
        instance = self.folder / name
        instance.mkdir()
        url = self.postgresql.make_database(name)
        settings = make.settings(
            instance,
            **{
                "database_url": url,
                "redis_url": self.redis.url,
                "sign_limits": LIMITS,
                "api_limits": LIMITS,
                "log_level": "warning",
                "base_url": "http://localhost",
                **given,
            },
        )
        app = create_app(settings)
        with app.app_context():
            preparing.prepare()
            with writing():
                make.partner(PARTNER)
            for engine in app.extensions["migrate"].db.engines.values():
                engine.dispose()
        return Product(app, _environ(settings), name, url.replace("+psycopg", ""))

    @contextmanager
    def web(self, product: Product, *, samples: Path | None = None) -> Iterator[Server]:
        """The web server alone, by the command with which ``petition serve`` starts it."""
        port = free_port()
        environ = product.environ | {
            "PETITION_BIND": f"{LOOPBACK}:{port}",
            "PETITION_WEB_WORKERS": str(WEB_WORKERS),
            "PETITION_BASE_URL": f"http://localhost:{port}",
        }
        with self.served(supervising.WEB, environ, port, ready="/readyz", samples=samples) as server:
            yield server

    @contextmanager
    def whole(self, product: Product, *, samples: Path | None = None) -> Iterator[Server]:
        """Web server and worker, as ``petition serve`` runs them."""
        port = free_port()
        command = (sys.executable, "-m", "petition", "serve", "--workers", str(WEB_WORKERS), "--port", str(port))
        environ = product.environ | {"PETITION_BASE_URL": f"http://localhost:{port}"}
        with self.served(command, environ, port, ready="/readyz", samples=samples) as server:
            yield server

    @contextmanager
    def bare(self) -> Iterator[Server]:
        """The bare application, under the same server with the same settings."""
        port = free_port()
        url = self.postgresql.make_database("bare").replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute(TABLE)
        configuration = self.folder / "bare.conf.py"
        configuration.write_text(_same_settings(web, bind=[f"{LOOPBACK}:{port}"]))
        command = (sys.executable, "-m", "gevent.monkey", "--module", "gunicorn", "-c", str(configuration))
        with self.served(command, os.environ | {"BENCH_DATABASE": url}, port, ready="/") as server:
            yield server
        self.postgresql.drop_database("bare")

    @contextmanager
    def served(
        self,
        command: tuple[str, ...],
        environ: Mapping[str, str],
        port: int,
        *,
        ready: str,
        samples: Path | None = None,
    ) -> Iterator[Server]:
        """A server that ends with the block, and with us. ``samples``: the folder for its profile."""
        if samples:
            environ = sampled(environ, samples)
        log = self.folder / f"server-{port}.log"
        with log.open("wb") as output:
            # However we end, it does.
            bound = ["setpriv", "--pdeathsig", "TERM", *command]
            process = subprocess.Popen(
                bound, env=environ, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _wait_until_it_answers(process, f"http://localhost:{port}{ready}", log)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait()

    def load(self, server: Server, request: bytes, *, status: int = 200, **how: float) -> dict[str, Any]:
        """Send this request from a process of its own, ``seconds`` long or ``requests`` times. Raises LoadFailed."""
        plan = Plan(
            port=server.port,
            request=base64.b64encode(request).decode(),
            status=str(status),
            first_number=self.sent,
            **how,  # type: ignore[arg-type]
        )
        command = [sys.executable, "-m", "benchmarks.load"]
        done = subprocess.run(command, input=json.dumps(asdict(plan)), cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise LoadFailed(done.stderr.strip())
        found: dict[str, Any] = json.loads(done.stdout)
        if found["wrong"]:
            raise LoadFailed(f"{found['wrong']} instead of {status}, of {found['done']} requests")
        if requests.NUMBER in request:
            self.sent += found["done"]
        return found

    def profile(self, product: Product, request: bytes, *, status: int = 200) -> dict[str, Any]:
        """Where the web server's time goes while it answers this request."""
        with self.samples() as samples:
            with self.web(product, samples=samples) as server:
                # The request names the host of a server that has ended.
                renamed = re.sub(rb"localhost:\d+", server.host.encode(), request)
                self.load(server, renamed, status=status, seconds=self.scale.profile_seconds)
            return profiles.summary(samples)

    @contextmanager
    def samples(self) -> Iterator[Path]:
        folder = self.folder / "samples"
        folder.mkdir()
        yield folder
        shutil.rmtree(folder)


def sampled(environ: Mapping[str, str], samples: Path) -> dict[str, str]:
    """The environment in which every Python process samples itself."""
    return {**environ, "PYTHONPATH": f"{SAMPLED}:{ROOT}", "BENCH_SAMPLES": str(samples)}


def ticket(page: str) -> str:
    """The form ticket on the declaration's page."""
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    if found is None:
        raise LoadFailed("the page has no form ticket")
    return found[1]


def _environ(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PETITION_")}
    ours = ("instance_dir", "database_url", "redis_url", "mail_url", "sign_limits", "api_limits", "log_level")
    secrets = ("secret_key", "data_keys", "lookup_key", "signing_key")
    return kept | {f"PETITION_{name.upper()}": str(getattr(settings, name)) for name in (*ours, *secrets)}


def _same_settings(configuration: ModuleType, *, bind: list[str]) -> str:
    """The same gunicorn settings for the bare application, without a line of the product."""
    known = {setting.name: getattr(configuration, setting.name, None) for setting in gunicorn.config.KNOWN_SETTINGS}
    values = {name: value for name, value in known.items() if value is not None and not callable(value)}
    # What it opens, it opens when it is made.
    values |= {"preload_app": False, "bind": bind, "workers": WEB_WORKERS, "wsgi_app": "benchmarks.bare:make_app()"}
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.02)
    raise LoadFailed(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")
