"""The staff's home at a million signatures: how long the server takes for it, and a worker to count for it."""

import http.client
import time
from collections.abc import Iterator
from statistics import median, quantiles

from sqlalchemy import delete

from benchmarks.figures import Figure
from benchmarks.ground import Ground, LoadFailed, Product, Server
from benchmarks.growing import signed
from petition.accounts import sessions
from petition.accounts.cookies import COOKIE
from petition.console import counting, figures
from petition.console.models import StoredFigures
from petition.extensions import db, writing
from tests import make, staff

HOME = f"/console/declarations/{make.SLUG}/"
REACH_MILLISECONDS = 150.0
WARM = 20


def measure(ground: Ground) -> list[Figure]:
    product = signed(ground, ground.scale.rows)
    counted = [_count(product) for _ in range(ground.scale.rounds)]
    headers = {"Accept-Encoding": "gzip", "Cookie": f"{COOKIE}={_session(product)}"}
    with ground.web(product) as web:
        answers = list(_answers(web, headers, number=WARM + ground.scale.pages))
    times = [milliseconds for milliseconds, _size in answers[WARM:]]
    figure = Figure(
        "console",
        f"GET console home at {ground.scale.rows:,} signatures, p95 of server time",
        round(quantiles(times, n=20)[-1], 2),
        "ms",
        "at most",
        REACH_MILLISECONDS,
        details={
            "milliseconds_at_the_median": round(median(times), 2),
            "milliseconds_of_the_slowest": round(max(times), 2),
            "requests": len(times),
            "bytes_compressed": answers[-1][1],
            "seconds_of_a_worker_to_count_everything": counted,
        },
    )
    return [figure]


def _count(product: Product) -> float:
    """Seconds that a worker takes where nothing has been counted before, so that it counts all there is."""
    with product.app.app_context():
        with writing():
            db.session.execute(delete(StoredFigures))
        began = time.monotonic()
        counting.count_all()
        took = time.monotonic() - began
        kept = figures.find(staff.scope())
        db.session.remove()
    if kept is None or not kept.figures.signatures:
        raise LoadFailed("nothing was counted")
    return round(took, 3)


def _session(product: Product) -> str:
    """The cookie of an organiser who has signed in, made in the database."""
    with product.app.app_context():
        _row, token = sessions.begin(staff.account("organiser"), proved=True)
        db.session.commit()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return token


def _answers(web: Server, headers: dict[str, str], *, number: int) -> Iterator[tuple[float, int]]:
    """Milliseconds from the request to the whole answer, one request at a time, and the body's size."""
    connection = http.client.HTTPConnection("localhost", web.port)
    for _ in range(number):
        began = time.monotonic()
        connection.request("GET", HOME, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        took = time.monotonic() - began
        if answer.status != 200:
            raise LoadFailed(f"{answer.status} instead of 200 for {HOME}")
        yield 1000 * took, len(body)
