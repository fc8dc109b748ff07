"""GET: the declaration's page, the count and a partner's frame, warm from the shelf, against a page that says hello."""

from benchmarks import requests
from benchmarks.figures import Figure, of_rounds, rotated
from benchmarks.ground import COUNT, EMBED, PAGE, Ground, Server

REACH = {"declaration page": 1.0, "count": 1.2, "embedded form": 0.9}


def measure(ground: Ground) -> list[Figure]:
    product = ground.product("small")
    with ground.bare() as bare, ground.web(product) as web:
        what = {
            "hello": (bare, requests.get(bare.host, "/")),
            "declaration page": (web, requests.get(web.host, PAGE)),
            "count": (web, requests.get(web.host, COUNT)),
            "embedded form": (web, requests.get(web.host, EMBED)),
        }
        rates = _rates(ground, what)
    return [_figure(ground, name, what[name][1], rates) for name in REACH]


def _rates(ground: Ground, what: dict[str, tuple[Server, bytes]]) -> dict[str, list[float]]:
    """Requests a second in every round, each round in an order of its own."""
    rates: dict[str, list[float]] = {name: [] for name in what}
    for server, request in what.values():
        ground.load(server, request, seconds=1)
    for number in range(ground.scale.rounds):
        for name in rotated(list(what), number):
            found = ground.load(*what[name], seconds=ground.scale.round_seconds)
            rates[name].append(found["done"] / found["seconds"])
    return rates


def _figure(ground: Ground, name: str, request: bytes, rates: dict[str, list[float]]) -> Figure:
    ratios = [ours / hello for ours, hello in zip(rates[name], rates["hello"], strict=True)]
    figure = of_rounds(
        "get",
        f"GET {name}, warm, requests a second against hello",
        ratios,
        unit="of hello",
        bound="at least",
        limit=REACH[name],
        requests_a_second=[round(rate) for rate in rates[name]],
        hello_a_second=[round(rate) for rate in rates["hello"]],
    )
    if not figure.reached:
        figure.profile = ground.profile(ground.product("small"), request)
    return figure
