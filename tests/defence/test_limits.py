"""Limits: how often one client may post, who is one client, and what those are told who post too often."""

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from petition import clock
from petition.declarations import folders, publishing
from petition.defence import clients
from petition.defence.models import NetworkKey
from petition.extensions import db
from petition.settings import Network, Settings
from petition.signatures.models import Submission
from tests import make
from tests.conftest import browser
from tests.standing import AppMaker

DEFAULT = Settings().sign_limits
ANYTHING = {"name": "", "ticket": "x"}


def limited(make_app: AppMaker, limits: str = DEFAULT, **given: object) -> Flask:
    return make_app(sign_limits=limits, **given)


def posts(client: FlaskClient, number: int, path: str = make.SIGN, **headers: str) -> list[int]:
    return [client.post(path, data=ANYTHING, headers=headers).status_code for _ in range(number)]


def allowed(statuses: list[int]) -> int:
    return sum(status != 429 for status in statuses)


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """The clock stands still: at the turn of a minute a limit would have room again."""
    with time_machine.travel(clock.now().replace(minute=0, second=7, microsecond=0), tick=False) as time:
        yield time


def test_thirty_posts_a_minute_are_taken_and_the_next_is_told_when_to_come_again(
    make_app: AppMaker, noon: time_machine.Traveller
) -> None:
    client = browser(limited(make_app))
    assert allowed(posts(client, 30)) == 30
    refused = client.post(make.SIGN, data=ANYTHING)
    assert refused.status_code == 429
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 70
    assert refused.headers["Cache-Control"] == "no-store"
    noon.shift(timedelta(seconds=wait))
    assert posts(client, 1) != [429], "what the page says is true"


@pytest.mark.parametrize("limits", ["30/minute", "3/minute", "1/minute", "10/second", "90/hour", "7/minute;20/hour"])
def test_retry_after_is_true_wherever_in_the_window_one_asks(
    make_app: AppMaker, noon: time_machine.Traveller, limits: str
) -> None:
    client = browser(limited(make_app, limits))
    for step in (0.3, 25, 59.5, 400.7):
        for _ in range(400):
            answer = client.post(make.SIGN, data=ANYTHING)
            if answer.status_code == 429:
                break
        assert answer.status_code == 429
        noon.shift(timedelta(seconds=int(answer.headers["Retry-After"])))
        assert posts(client, 1) != [429]
        noon.shift(timedelta(seconds=step))


def test_three_hundred_posts_an_hour_are_taken_however_they_are_spread(
    make_app: AppMaker, noon: time_machine.Traveller
) -> None:
    client = browser(limited(make_app))
    taken = 0
    for _minute in range(20):
        taken += allowed(posts(client, 20))
        noon.shift(timedelta(minutes=1))
    assert 299 <= taken <= 301


def test_the_window_slides_so_that_its_edge_gives_no_second_quota(
    make_app: AppMaker, noon: time_machine.Traveller
) -> None:
    client = browser(limited(make_app, "30/minute"))
    posts(client, 1)
    noon.shift(timedelta(seconds=51))
    taken = allowed(posts(client, 29))
    noon.shift(timedelta(seconds=2.5))
    taken += allowed(posts(client, 30))
    assert taken <= 31, "a fixed window would take 59 within three seconds"


def test_every_post_counts_whatever_comes_of_it(app: Flask, make_app: AppMaker) -> None:
    own = limited(make_app, "6/minute")
    with own.app_context():
        good = make.form()
    client = browser(own)
    assert client.post(make.SIGN, data=good).status_code == 303
    assert client.post(make.SIGN, data={}).status_code == 409
    assert client.post(make.SIGN, data={**good, "email": "no"}).status_code == 422
    assert client.post(make.SIGN, data={**good, "switch": "en"}).status_code == 200
    assert client.post("/en/no-such-text/sign", data=good).status_code == 404
    assert client.post(make.SIGN, data=good).status_code == 303
    assert client.post(f"/it/{make.SLUG}/sign", data=good).status_code != 429, "one declaration, two languages"
    assert client.post(make.SIGN, data=good).status_code == 429
    assert client.post(f"/it/{make.SLUG}/sign", data=good).status_code == 429
    assert client.get(make.SIGN).status_code == 200, "reading is never limited"
    assert client.get(make.PAGE).status_code == 200


FOREIGN = {"Sec-Fetch-Site": "cross-site"}


def test_another_site_uses_up_nothing_of_what_its_visitors_may_post(make_app: AppMaker) -> None:
    own = limited(make_app, "3/minute")
    client = browser(own)
    assert posts(client, 5, **FOREIGN) == [403] * 3 + [429] * 2, "a flood of them is limited, too"
    assert posts(client, 4) == [409] * 3 + [429]


def test_the_page_of_a_post_from_another_site_offers_nothing_to_send_again(make_app: AppMaker) -> None:
    client = browser(limited(make_app, "1/minute"))
    posts(client, 1, **FOREIGN)
    refused = client.post(make.SIGN, data={"name": "Mallory"}, headers=FOREIGN)
    assert refused.status_code == 429
    assert "<form" not in refused.text and "Mallory" not in refused.text


def test_each_declaration_has_its_own_quota(make_app: AppMaker, folder: object) -> None:
    own = limited(make_app, "2/minute")
    with own.app_context():
        read = folders.read(folders.SAMPLE)
        other = type(read)(**{**vars(read), "frame": type(read.frame)(**{**vars(read.frame), "slug": "another-text"})})
        publishing.publish(other)
        db.session.commit()
    client = browser(own)
    assert posts(client, 3)[-1] == 429
    assert client.post("/en/another-text/sign", data=ANYTHING).status_code == 409


def test_the_pages_that_links_lead_to_are_limited_too(make_app: AppMaker) -> None:
    client = browser(limited(make_app, "2/minute"))
    for path in ("/en/confirm", "/en/confirm/x", "/en/confirm/x/resend", "/en/not-me/x", "/en/not-me/x/lift",
                 "/en/signature/x", "/en/signature/x/withdraw", "/en/signature/x/erase"):  # fmt: skip
        assert posts(client, 3, path)[-1] == 429, path


class Kept(HTMLParser):
    """The hidden fields of a page, and where its form goes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.method = self.action = "none"
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.method, self.action = given["method"], given["action"]
        if tag == "input":
            assert given["type"] == "hidden"
            self.fields.append((given["name"], given["value"]))


def test_the_page_of_a_refused_post_keeps_everything_that_was_typed(
    make_app: AppMaker, noon: time_machine.Traveller
) -> None:
    own = limited(make_app, "1/minute")
    client = browser(own)
    posts(client, 1)
    with own.app_context():
        typed = make.form(name='Zoë "Q" <O’Hara> & 田中', affiliation="a\nb\tc", email="zoë@example.org")
    typed["agree"] = ["y", "n"]
    refused = client.post(make.SIGN, data=typed)
    assert refused.status_code == 429
    kept = Kept(refused.text)
    values = {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
    expected = [(name, value) for name, several in values.items() for value in several]
    assert kept.fields == expected, "both of what came twice, too"
    assert (kept.method, kept.action) == ("post", make.SIGN), "sent again to where it came from"
    wait = int(refused.headers["Retry-After"])
    assert f"{wait} seconds" in refused.text or "minutes" in refused.text
    noon.shift(timedelta(seconds=wait))
    again: dict[str, list[str]] = {}
    for name, value in kept.fields:
        again.setdefault(name, []).append(value)
    answer = client.post(make.SIGN, data=again)
    assert answer.status_code == 422, "a line break in an affiliation is told as it always is"


def test_the_page_of_a_refused_post_speaks_the_readers_language(make_app: AppMaker) -> None:
    client = browser(limited(make_app, "1/minute"))
    refused = [client.post(f"/it/{make.SLUG}/sign", data=ANYTHING) for _ in range(2)][-1]
    assert refused.status_code == 429
    assert '<html lang="it"' in refused.text
    assert "Too many" not in refused.text


# Who is one client?


def shares_a_quota(app: Flask, first: dict[str, str], second: dict[str, str]) -> bool:
    """Whether two clients, each given as peer address and X-Forwarded-For, count as one."""
    for client in (first, first):
        assert one_post(app, client) != 429
    assert one_post(app, first) == 429
    return one_post(app, second) == 429


def one_post(app: Flask, client: dict[str, str]) -> int:
    forwarded = {"X-Forwarded-For": client["forwarded"]} if "forwarded" in client else {}
    return browser(app, client["peer"]).post(make.SIGN, data=ANYTHING, headers=forwarded).status_code


PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("hops", "first", "second", "one"),
    [
        (0, {"peer": "192.0.2.1"}, {"peer": "192.0.2.1", "forwarded": "198.51.100.7"}, True),
        (0, {"peer": "192.0.2.1"}, {"peer": "192.0.2.2"}, False),
        (1, {"peer": PROXY, "forwarded": "192.0.2.1"}, {"peer": PROXY, "forwarded": "192.0.2.2"}, False),
        (1, {"peer": PROXY, "forwarded": "192.0.2.1"}, {"peer": PROXY, "forwarded": "198.51.100.7, 192.0.2.1"}, True),
        (1, {"peer": PROXY, "forwarded": "1.1.1.1,192.0.2.1"}, {"peer": PROXY, "forwarded": "2.2.2.2,192.0.2.1"}, True),
        (2, {"peer": PROXY, "forwarded": "192.0.2.1, 10.0.0.2"}, {"peer": PROXY, "forwarded": "192.0.2.2, 10.0.0.2"},
         False),
        (2, {"peer": PROXY, "forwarded": "192.0.2.1, 10.0.0.2"},
         {"peer": PROXY, "forwarded": "1.1.1.1, 192.0.2.1, 10.0.0.2"}, True),
        (2, {"peer": PROXY}, {"peer": PROXY, "forwarded": "192.0.2.9"}, True),
        (1, {"peer": PROXY, "forwarded": "unknown"}, {"peer": PROXY, "forwarded": "_hidden"}, True),
    ],
)  # fmt: skip
def test_a_client_is_the_address_after_exactly_the_trusted_proxies(
    make_app: AppMaker, hops: int, first: dict[str, str], second: dict[str, str], one: bool
) -> None:
    assert shares_a_quota(limited(make_app, "2/minute", trusted_proxies=hops), first, second) is one


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_one_household_is_one_client(make_app: AppMaker, first: str, second: str, one: bool) -> None:
    app = limited(make_app, "2/minute")
    assert shares_a_quota(app, {"peer": first}, {"peer": second}) is one


@pytest.mark.parametrize("inside", ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8:77::5"])
def test_a_named_network_has_limits_of_its_own(make_app: AppMaker, inside: str) -> None:
    networks = tuple(
        Network("hall", clients.ip_network(range_), "20/minute") for range_ in ("203.0.113.0/24", "2001:db8:77::/48")
    )
    app = limited(make_app, "2/minute", networks=networks)
    assert allowed(posts(browser(app, inside), 25)) == 20
    assert allowed(posts(browser(app, "198.51.100.1"), 5)) == 2


# Network addresses are kept only as hashes under a key that lives for a month.


def test_a_month_has_one_key_for_all_processes_and_the_next_month_another(make_app: AppMaker) -> None:
    app = make_app()
    other = make_app.another(app)
    may, june = "2026-05-31T23:59:59Z", "2026-06-01T00:00:00Z"
    with time_machine.travel(may, tick=False):
        in_may = [hash_of(each, "192.0.2.1") for each in (app, other)]
        assert hash_of(app, "192.0.2.2") != in_may[0]
    with time_machine.travel(june, tick=False):
        in_june = [hash_of(each, "192.0.2.1") for each in (other, app)]
    assert in_may[0] == in_may[1]
    assert in_june[0] == in_june[1]
    assert in_may[0] != in_june[0]


def hash_of(app: Flask, address: str) -> bytes:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        return clients.network_hash()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_key_is_destroyed_a_month_after_its_own(make_app: AppMaker, database: str) -> None:
    app = make_app(database)

    def months() -> list[str]:
        with app.app_context():
            db.session.rollback()
            return list(db.session.scalars(select(NetworkKey.month).order_by(NetworkKey.month)))

    def purge(day: str) -> None:
        with time_machine.travel(f"{day}T12:00:00Z", tick=False):
            assert app.test_cli_runner().invoke(args=["privacy", "purge"]).exit_code == 0

    for month in ("2025-12", "2026-01", "2026-02"):
        with time_machine.travel(f"{month}-15T12:00:00Z", tick=False):
            hash_of(app, "192.0.2.1")
    purge("2026-01-31")
    assert months() == ["2025-12", "2026-01", "2026-02"]
    purge("2026-02-01")
    assert months() == ["2026-01", "2026-02"]
    purge("2026-03-31")
    assert months() == ["2026-02"]
    purge("2026-04-01")
    assert months() == []


def test_a_submission_keeps_the_hash_and_nowhere_the_address(make_app: AppMaker) -> None:
    app = make_app()
    with app.app_context():
        answer = browser(app, "192.0.2.77").post(make.SIGN, data=make.form())
        assert answer.status_code == 303
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
        assert db.session.scalars(select(Submission.network)).one() == hash_of(app, "192.0.2.77")
        path = str(db.engine.url.database)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    with open(path, "rb") as file:
        assert b"192.0.2.77" not in file.read()
