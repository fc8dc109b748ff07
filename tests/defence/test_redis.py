"""Limits in a real Redis, asked by two real processes; and how signing goes on while it refuses or hangs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
import redis as redis_client
from flask import Flask

from tests import make
from tests.services import LOOPBACK, Redis, free_port
from tests.standing import ROOT, AppMaker, environment, wait_until

pytestmark = pytest.mark.slow
WITHIN = 0.2


class Pair:
    """Two web processes with one database and one Redis."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ports = [free_port(), free_port()]
        self.processes = [self._start(port) for port in self.ports]
        with app.app_context():
            self.ticket = make.ticket()

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", str(port)]
        return subprocess.Popen(
            words, cwd=ROOT, env=environment(self.app), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def is_up(self) -> bool:
        try:
            return all(self.ask("GET", number, make.PAGE)[0] == 200 for number in (0, 1))
        except OSError:
            return False

    def ask(self, method: str, number: int, path: str, body: str = "", client: str = "192.0.2.1") -> tuple[int, float]:
        """Status, and the seconds that it took."""
        connection = HTTPConnection(LOOPBACK, self.ports[number], timeout=30)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": client,
            "Sec-Fetch-Site": "same-origin",
        }
        begun = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, time.perf_counter() - begun
        finally:
            connection.close()

    def sign(self, number: int, client: str) -> tuple[int, float]:
        values = make.form(ticket=self.ticket)
        return self.ask("POST", number, make.SIGN, urlencode(values), client)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis.start(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def pair(make_app: AppMaker, own_redis: Redis) -> Iterator[Pair]:
    # The limiter is one object a process: only the processes started here are to use this Redis.
    # By the hour, because where one minute ends and the next begins a fifth post may pass.
    app = make_app(sign_limits="4/hour", trusted_proxies=1)
    settings = type(app.extensions["petition.settings"])(
        **{**vars(app.extensions["petition.settings"]), "redis_url": own_redis.url}
    )
    app.extensions["petition.settings"] = settings
    pair = Pair(app)
    try:
        wait_until(pair.is_up, seconds=40)
        yield pair
    finally:
        pair.close()


def test_two_processes_share_the_limits_and_redis_learns_no_address(pair: Pair, own_redis: Redis) -> None:
    statuses = [pair.sign(number % 2, "192.0.2.55")[0] for number in range(6)]
    assert statuses == [303] * 4 + [429] * 2
    assert pair.sign(0, "192.0.2.56")[0] == 303
    with redis_client.Redis(host=LOOPBACK, port=own_redis.port) as client:
        keys = client.keys()
        kept = b" ".join(keys) + b" ".join(client.dump(key) or b"" for key in keys)
    assert keys
    for address in (b"192.0.2", bytes([192, 0, 2, 55]), b"c0000237"):
        assert address not in kept


def test_connections_that_redis_cut_while_they_lay_idle_lose_no_count(pair: Pair, own_redis: Redis) -> None:
    statuses = [pair.sign(number % 2, "192.0.2.57")[0] for number in range(2)]
    with redis_client.Redis(host=LOOPBACK, port=own_redis.port) as client:
        assert client.client_kill_filter(_type="normal", skipme=True) >= 2
    statuses += [pair.sign(number % 2, "192.0.2.57")[0] for number in range(4)]
    assert statuses == [303] * 4 + [429] * 2


@pytest.mark.alone
@pytest.mark.parametrize("trouble", ["refuses", "hangs"])
def test_signing_goes_on_while_redis_is_in_trouble_and_limits_come_back(
    pair: Pair, own_redis: Redis, trouble: str
) -> None:
    assert pair.sign(0, "192.0.2.1")[0] == 303
    plain = min(pair.sign(0, f"192.0.2.{number}")[1] for number in range(2, 6))
    if trouble == "refuses":
        own_redis.stop()
    else:
        own_redis.pause()
    answers = [pair.sign(0, f"198.51.100.{number}") for number in range(20)]
    assert {status for status, _ in answers} == {303}
    assert max(taken for _, taken in answers) < plain + WITHIN + 0.15, "the rest is for a machine that is shared"
    quick = sorted(taken for _, taken in answers)[len(answers) // 2]
    assert quick < WITHIN, "and most do not wait at all"
    # Each process limits by itself meanwhile.
    assert [pair.sign(0, "192.0.2.99")[0] for _ in range(6)] == [303] * 4 + [429] * 2
    if trouble == "refuses":
        own_redis.start_again()
    else:
        own_redis.resume()

    def is_shared_again() -> bool:
        client = f"203.0.113.{next(CLIENTS)}"
        return [pair.sign(number % 2, client)[0] for number in range(6)][4:] == [429, 429]

    wait_until(is_shared_again, seconds=90)


CLIENTS = iter(range(1, 10_000))
