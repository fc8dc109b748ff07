"""The shelf: the same bytes from every worker, never older than promised, and only what may be shared."""

import gzip
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, make_response
from werkzeug.test import TestResponse

from petition import clock
from petition.extensions import db
from petition.shelf import shelf
from petition.shelf.answers import accepts_gzip
from petition.tally import moving
from tests import make
from tests.standing import AppMaker, signature

COUNT = f"/api/v1/declarations/{make.SLUG}/count"
KEPT = [
    make.PAGE, f"/it/{make.SLUG}", f"{make.PAGE}/check-your-mail", f"{make.PAGE}/signatories", f"{make.PAGE}/numbers",
    "/en/privacy", COUNT, f"/api/v1/declarations/{make.SLUG}/numbers",
]  # fmt: skip


class Clocks:
    """Both clocks, standing still until they are moved: the one on the wall and the one that only runs."""

    def __init__(self, wall: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = wall
        self.ran = 1_000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.ran)

    def shift(self, by: timedelta) -> None:
        self.wall.shift(by)
        self.ran += by.total_seconds()


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clocks]:
    with time_machine.travel(clock.now().replace(minute=30, microsecond=0), tick=False) as wall:
        yield Clocks(wall, monkeypatch)


def get(app: Flask, path: str, **headers: str) -> TestResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get(path, headers={"Host": "localhost", **given})


def kept(app: Flask) -> shelf.Shelf:
    found: shelf.Shelf = app.extensions["petition.shelf"]
    return found


def count_renderings(app: Flask) -> list[str]:
    """Grows by each request that gets past the shelf."""
    seen: list[str] = []
    app.before_request_funcs[None].append(lambda: seen.append("request"))
    return seen


@pytest.mark.parametrize("path", KEPT)
def test_two_workers_give_the_same_bytes_and_etag_before_and_from_the_shelf(make_app: AppMaker, path: str) -> None:
    app = make_app("postgresql")
    with app.app_context():
        signature(visibility="public")
    make.move_tally(app)
    workers = [app, make_app.another(app)]
    answers = [get(worker, path) for worker in (*workers, *workers)]
    zipped = [get(worker, path, Accept_Encoding="gzip") for worker in workers]
    assert {answer.status_code for answer in (*answers, *zipped)} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.data for answer in zipped}) == 1
    assert len({answer.headers["ETag"] for answer in (*answers, *zipped)}) == 1
    for answer in (*answers, *zipped):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert _unzipped(zipped[0]) == answers[0].data
    assert {tuple(sorted(answer.headers.items())) for answer in answers[:1]} == {
        tuple(sorted(answers[2].headers.items()))
    }, "from the shelf as from Flask"


def _unzipped(answer: TestResponse) -> bytes:
    return gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data


def test_what_compressing_makes_longer_is_given_as_it_is(make_app: AppMaker) -> None:
    app = make_app()
    short, long = (get(app, path, Accept_Encoding="gzip") for path in (COUNT, make.PAGE))
    assert "Content-Encoding" not in short.headers
    assert long.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("form", ["{0}", 'W/"old", {0}', "{1}", '"x" , {1} ,"y"', "*", "{0},{0}"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("warm", [True, False])
def test_whoever_has_it_already_gets_304(make_app: AppMaker, form: str, method: str, warm: bool) -> None:
    app = make_app()
    etag = get(app, make.PAGE).headers["ETag"]
    if not warm:
        kept(app).clear()
    header = form.format(etag, etag.removeprefix("W/"))
    answer = app.test_client().open(make.PAGE, method=method, headers={"Host": "localhost", "If-None-Match": header})
    assert answer.status_code == 304
    assert answer.data == b""
    assert answer.headers["ETag"] == etag
    assert "Cache-Control" in answer.headers
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("etag", ['"other"', 'W/"other"', "", "W/", '"', "**"])
def test_whoever_has_another_gets_the_page(make_app: AppMaker, etag: str) -> None:
    app = make_app()
    for _ in range(2):
        answer = get(app, make.PAGE, If_None_Match=etag)
        assert answer.status_code == 200
        assert answer.data


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("br, gzip ; q=0.1", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*, gzip;q=0", False),
        ("*;q=0", False),
        ("*;q=0, gzip", True),
        ("notgzip", False),
    ],
)
def test_gzip_is_given_to_those_who_take_it(make_app: AppMaker, accepted: str, zipped: bool) -> None:
    assert accepts_gzip(accepted) is zipped
    app = make_app()
    for _ in range(2):
        answer = get(app, make.PAGE, Accept_Encoding=accepted)
        assert answer.headers.get("Content-Encoding") == ("gzip" if zipped else None)
        assert b"<!doctype html>" in (gzip.decompress(answer.data) if zipped else answer.data)


def test_head_gives_the_headers_of_get_and_no_body(make_app: AppMaker) -> None:
    app = make_app()
    for _ in range(2):
        head = app.test_client().head(make.PAGE, headers={"Host": "localhost"})
        got = get(app, make.PAGE)
        assert head.data == b""
        assert sorted(head.headers.items()) == sorted(got.headers.items())


@pytest.mark.parametrize("every", [1, 5, 30, 60])
def test_no_answer_is_ever_older_than_two_intervals(make_app: AppMaker, noon: Clocks, every: int) -> None:
    """Tally, shelf (its renewal hanging as long as it likes) and caches together."""
    app = make_app(tally_every=timedelta(seconds=every))
    first = get(app, COUNT)
    max_age = int(first.headers["Cache-Control"].removeprefix("public, max-age="))
    (hung,) = kept(app).kept.values()
    rendered = count_renderings(app)
    begun = clock.now()
    oldest = timedelta(0)
    for _ in range(400):
        noon.shift(timedelta(seconds=every / 100))
        before = len(rendered)
        # Whoever renders never comes back, so that nothing new is put on the shelf.
        get(app, COUNT)
        kept(app).kept["localhost", COUNT] = hung
        if len(rendered) == before:
            oldest = clock.now() - begun
    assert timedelta(0) < oldest
    assert every + oldest.total_seconds() + max_age <= 2 * every


def test_a_change_of_the_tally_is_shown_after_the_renewal(make_app: AppMaker, noon: Clocks) -> None:
    app = make_app(tally_every=timedelta(seconds=5))
    before = get(app, make.PAGE)
    assert get(app, COUNT).get_json()["count"] == 0
    with app.app_context():
        signature()
        noon.shift(timedelta(seconds=1))
        moving.move()
    noon.shift(timedelta(seconds=1))
    after = get(app, make.PAGE)
    assert get(app, COUNT).get_json()["count"] == 1
    assert after.headers["ETag"] != before.headers["ETag"]
    assert get(app, make.PAGE, If_None_Match=before.headers["ETag"]).status_code == 200


def test_one_request_renders_the_next_and_the_others_are_given_the_last(make_app: AppMaker, noon: Clocks) -> None:
    app = make_app(tally_every=timedelta(seconds=50))
    rendered = count_renderings(app)
    for _ in range(5):
        get(app, make.PAGE)
    assert len(rendered) == 1
    noon.shift(timedelta(seconds=10))
    answers: list[int] = []

    def others_come_meanwhile() -> None:
        if not answers:
            answers.append(0)
            answers.append(get(app, make.PAGE).status_code)

    app.before_request_funcs[None].append(others_come_meanwhile)
    get(app, make.PAGE)
    assert answers == [0, 200]
    assert len(rendered) == 2, "the other one was not rendered"


def test_an_unknown_host_is_never_shelved_and_gets_nothing_from_the_shelf(make_app: AppMaker) -> None:
    app = make_app()
    for _ in range(2):
        assert app.test_client().get(make.PAGE, headers={"Host": "evil.example.org"}).status_code == 400
    assert not kept(app).kept
    get(app, make.PAGE)
    assert app.test_client().get(make.PAGE, headers={"Host": "evil.example.org"}).status_code == 400
    assert [host for host, _ in kept(app).kept] == ["localhost"]


def test_a_query_string_goes_past_the_shelf(make_app: AppMaker) -> None:
    app = make_app()
    rendered = count_renderings(app)
    for number in range(3):
        assert get(app, f"{make.PAGE}/signatories?utm={number}").status_code == 200
    assert len(rendered) == 3
    assert not kept(app).kept


def test_a_post_goes_past_the_shelf(make_app: AppMaker) -> None:
    app = make_app()
    get(app, make.PAGE)
    assert app.test_client().post(make.PAGE, headers={"Host": "localhost"}).status_code == 405


def test_the_shelf_holds_no_more_than_its_size(make_app: AppMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    monkeypatch.setattr(shelf, "MOST_ANSWERS", 3)
    for path in KEPT:
        get(app, path)
    assert [path for _, path in kept(app).kept] == KEPT[-3:]


@pytest.mark.parametrize("hosts", [["localhost", "LOCALHOST", "localhost:1", "LocalHost:9"], ["[::1]", "[::1]:8000"]])
def test_made_up_ports_and_capitals_share_one_place(make_app: AppMaker, hosts: list[str]) -> None:
    app = make_app()
    rendered = count_renderings(app)
    answers = [app.test_client().get(make.PAGE, headers={"Host": host}) for host in hosts]
    assert {answer.status_code for answer in answers} == {200}
    assert list(kept(app).kept) == [(hosts[0], make.PAGE)]
    assert len(rendered) == 1


@pytest.mark.parametrize("host", ["localhost:80:80", "evil@localhost:80", "localhost:80x", ":80", "localhost:\xb2"])
def test_a_broken_host_gets_nothing_from_the_shelf(host: str) -> None:
    assert shelf.place({"HTTP_HOST": host, "PATH_INFO": make.PAGE}) != ("localhost", make.PAGE)


def test_a_page_that_stops_being_there_leaves_the_shelf(make_app: AppMaker, noon: Clocks) -> None:
    app = make_app()
    path = "/en/moving"
    status = [200]

    @app.get(path)
    def page() -> object:
        return shelf.keep(make_response("here", status[0]), every=timedelta(seconds=5))

    assert get(app, path).status_code == 200
    assert len(kept(app).kept) == 1
    status[0] = 404
    assert get(app, path).status_code == 200, "for a moment"
    noon.shift(timedelta(seconds=1))
    assert [get(app, path).status_code for _ in range(2)] == [404, 404]
    assert not kept(app).kept


@pytest.mark.parametrize("path", ["/", make.SIGN, "/en/confirm", "/healthz", "/no-such-page", "/static/site.css"])
def test_what_is_not_the_same_for_everyone_is_not_shelved(make_app: AppMaker, path: str) -> None:
    app = make_app()
    get(app, path)
    assert not kept(app).kept


def test_signing_shelves_nothing_and_leaves_the_pages_alone(make_app: AppMaker) -> None:
    app = make_app()
    before = get(app, make.PAGE).headers["ETag"]
    with app.app_context():
        signature()
        db.session.rollback()
    assert get(app, make.PAGE).headers["ETag"] == before
