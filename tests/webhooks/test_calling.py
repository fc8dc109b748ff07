"""One call: what a receiver may do to us, and what comes of it."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from petition.webhooks.calling import Answer, Caller, CallFailed
from petition.webhooks.failures import Failure
from tests.services import free_port
from tests.webhooks.receiving import (
    Answer as Answering,
)
from tests.webhooks.receiving import a_receiver, caller, endless, never, raw, status, trickle

SOON = timedelta(seconds=0.5)


def _call(using: Caller, url: str) -> Answer:
    return using.call(url, headers={"webhook-id": "one"}, body=b"{}")


def _failure(using: Caller, url: str) -> Failure:
    with pytest.raises(CallFailed) as problem:
        _call(using, url)
    return problem.value.failure


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_every_2xx_is_success(code: int) -> None:
    with a_receiver(code) as receiver:
        assert _call(caller(), receiver.url) == Answer(code)
    [received] = receiver.received
    assert (received.path, received.body) == ("/hooks", b"{}")
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["webhook-id"] == "one"
    assert received.headers["Host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (301, Failure.REDIRECT), (307, Failure.REDIRECT), (304, Failure.REDIRECT), (400, Failure.STATUS),
        (404, Failure.STATUS), (410, Failure.GONE), (429, Failure.STATUS), (500, Failure.STATUS), (503, Failure.STATUS),
    ],
)  # fmt: skip
def test_everything_else_is_none(code: int, failure: Failure) -> None:
    with a_receiver(code) as receiver:
        answer = _call(caller(), receiver.url)
    assert (answer.status, answer.failure) == (code, failure)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code: int) -> None:
    with a_receiver() as elsewhere, a_receiver(status(code, Location=elsewhere.url)) as receiver:
        assert _call(caller(), receiver.url).failure is Failure.REDIRECT
    assert len(receiver.received) == 1
    assert not elsewhere.received


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", timedelta(minutes=2)), ("99999999", timedelta(days=1)), ("soon", None), ("", None), ("٣", None),
     ("-5", None), ("9" * 400, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)  # fmt: skip
def test_how_long_to_wait_is_heeded_in_seconds_and_for_a_day_at_most(value: str, expected: timedelta | None) -> None:
    with a_receiver(raw(f"HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\n\r\n".encode())) as receiver:
        assert _call(caller(), receiver.url) == Answer(503, expected)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (raw(b"\x00\xff\xfe garbage \r\n\r\n"), Failure.GARBAGE),
        (raw(b"HTTP/9.9 what OK\r\n\r\n"), Failure.GARBAGE),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), Failure.GARBAGE),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), Failure.GARBAGE),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000), Failure.GARBAGE),
        (never, Failure.TIMEOUT),
        (trickle, Failure.TIMEOUT),
    ],
    ids=["garbage", "another protocol", "a header without end", "too many headers", "go on, go on", "never", "trickle"],
)
def test_an_answer_that_is_none_fails_within_the_time(answer: Answering, failure: Failure) -> None:
    with a_receiver(answer) as receiver:
        began = time.monotonic()
        assert _failure(caller(within=SOON), receiver.url) is failure
        assert time.monotonic() - began < 10 * SOON.total_seconds()


@pytest.mark.parametrize("answer", [raw(b""), raw(b"HTTP/1.1 200 OK\r\nContent-Le")])
def test_a_connection_that_is_closed_before_the_answer_fails(answer: Answering) -> None:
    with a_receiver(answer) as receiver:
        assert _failure(caller(), receiver.url) is Failure.UNREACHABLE


@pytest.mark.parametrize(
    "answer",
    [endless, raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nfour")],
    ids=["without end", "closed in the middle"],
)
def test_the_head_of_an_answer_decides_and_little_of_its_body_is_read(answer: Answering) -> None:
    with a_receiver(answer) as receiver:
        assert _call(caller(), receiver.url) == Answer(200)


def test_nobody_who_listens_is_unreachable() -> None:
    assert _failure(caller(), f"http://127.0.0.1:{free_port()}/") is Failure.UNREACHABLE


def test_a_name_that_is_gone_is_told() -> None:
    assert _failure(caller(), "https://no-such-host.invalid/") is Failure.UNKNOWN_HOST


def test_a_certificate_is_checked_against_the_name(tmp_path: Path) -> None:
    certificate = tmp_path / "receiver.pem"
    with a_receiver(certificate=certificate) as receiver:
        assert _failure(caller(), receiver.url) is Failure.TLS, "nobody vouches for it"
        trusting = caller(certificate=certificate)
        assert _call(trusting, receiver.url) == Answer(204)
        assert _call(trusting, receiver.url.replace("127.0.0.1", "localhost")) == Answer(204)
        assert _failure(trusting, receiver.url.replace("127.0.0.1", "127.0.0.2")) in (Failure.TLS, Failure.UNREACHABLE)
    assert receiver.received[1].headers["Host"].startswith("localhost:"), "the name stays, whatever the address"


def test_a_receiver_that_speaks_no_tls_is_not_safe() -> None:
    with a_receiver() as receiver:
        assert _failure(caller(), receiver.url.replace("http:", "https:")) is Failure.TLS


def test_a_private_address_is_refused_when_it_is_called_too() -> None:
    with a_receiver() as receiver:
        strict = Caller((), caller().context)
        assert _failure(strict, receiver.url) is Failure.PRIVATE
        assert _failure(strict, receiver.url.replace("127.0.0.1", "localhost")) is Failure.PRIVATE
        assert _failure(Caller((ip_network("10.0.0.0/8"),), strict.context), receiver.url) is Failure.PRIVATE
    assert not receiver.received


def test_a_name_that_changes_its_address_between_looks_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: a name server, which is the wire here, answers the first look well and every later one badly."""
    looked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, **given: int) -> object:
        looked.append(host)
        return real("127.0.0.1" if len(looked) == 1 else "127.0.0.2", port, **given)  # type: ignore[arg-type]

    with a_receiver() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", answer)
        only = Caller((ip_network("127.0.0.1/32"),), caller().context)
        assert _call(only, receiver.url.replace("127.0.0.1", "hooks.example.org")) == Answer(204)
        assert looked == ["hooks.example.org"], "it is connected to the address that was checked"
        assert _failure(only, receiver.url.replace("127.0.0.1", "hooks.example.org")) is Failure.PRIVATE


def test_a_name_server_that_never_answers_keeps_nobody_longer_than_the_call_may_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()

    def answer(*_: object, **__: object) -> list[object]:
        over.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    began = time.monotonic()
    try:
        failure = _failure(caller(within=timedelta(seconds=0.2)), "https://hooks.example.org/")
    finally:
        over.set()
    assert failure is Failure.UNKNOWN_HOST
    assert time.monotonic() - began < 10


def test_of_a_names_addresses_the_first_that_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def answer(_host: str, port: int, **given: int) -> object:
        return [*real("127.0.0.3", port, **given), *real("127.0.0.1", port, **given)]  # type: ignore[arg-type]

    with a_receiver() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", answer)
        assert _call(caller(), receiver.url) == Answer(204)


def test_many_calls_at_once_do_not_mix() -> None:
    names = [str(number) for number in range(20)]
    using = caller()
    with a_receiver() as receiver, ThreadPoolExecutor(8) as threads:
        calls = [
            threads.submit(using.call, receiver.url, headers={"webhook-id": name}, body=name.encode()) for name in names
        ]
        assert {call.result(timeout=30) for call in calls} == {Answer(204)}
    assert {each.headers["webhook-id"]: each.body.decode() for each in receiver.received} == {n: n for n in names}
