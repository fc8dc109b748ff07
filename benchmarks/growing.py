"""Growth: what one request costs with a million signatures, against a hundred, or as few as fill the same page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import population, processes, requests
from benchmarks.figures import Figure, of_rounds, rotated
from benchmarks.ground import COUNT, PAGE, SIGN, Ground, LoadFailed, Product, Server, ticket
from petition.signatures import listing

REACH = 1.10
REACH_LISTS = 1.20
LIST = f"{PAGE}/signatories"
NUMBERS = f"{PAGE}/numbers"
SEARCH = f"{LIST}?name=ro&country=IT"
FURTHER = f"{LIST}?after=CURSOR"


@dataclass(frozen=True)
class Sides:
    """The two that are compared: under *few* and *many* the database and its server."""

    rows: int
    """Signatures in the smaller."""
    products: dict[str, Product]
    servers: dict[str, Server]


def measure(ground: Ground) -> list[Figure]:
    return [*_of_any_page(ground), *_of_full_pages(ground)]


def _of_any_page(ground: Ground) -> list[Figure]:
    with _sides(ground, ground.scale.few_rows) as sides:
        return [
            *[
                _figure(ground, sides, f"GET {what}", requests.get("HOST", path), 200, limit=limit)
                for what, path, limit in (
                    ("declaration page", PAGE, REACH),
                    ("count", COUNT, REACH),
                    ("list of signatories", LIST, REACH_LISTS),
                    ("numbers page", NUMBERS, REACH_LISTS),
                )
            ],
            _figure(ground, sides, "POST of a new signature", requests.sign("HOST", SIGN, "TICKET"), 303),
        ]


def _of_full_pages(ground: Ground) -> list[Figure]:
    """What no shelf keeps: every request is answered by the database, and both sides show the same number of names."""
    with _sides(ground, ground.scale.page_rows) as sides:
        return [
            _figure(ground, sides, f"GET {what}", requests.get("HOST", path), 200, limit=REACH_LISTS, full=True)
            for what, path in (
                ("list by name and country, a full page", SEARCH),
                ("second page of the list, a full page", FURTHER),
            )
        ]


@contextmanager
def _sides(ground: Ground, rows: int) -> Iterator[Sides]:
    products = {"few": signed(ground, rows), "many": signed(ground, ground.scale.rows)}
    with ground.web(products["few"]) as few, ground.web(products["many"]) as many:
        yield Sides(rows, products, {"few": few, "many": many})


def signed(ground: Ground, rows: int) -> Product:
    """A product with so many signatures; filled once."""
    name = f"signed_{rows}"
    known = name in ground.products
    product = ground.product(name)
    if not known:
        population.populate(product, rows)
    return product


def _figure(
    ground: Ground,
    sides: Sides,
    name: str,
    request: bytes,
    status: int,
    *,
    limit: float = REACH,
    full: bool = False,
) -> Figure:
    scale = ground.scale
    number = scale.pages if full else scale.posts if status == 303 else scale.gets
    costs: dict[str, list[float]] = {"few": [], "many": []}
    filled = {which: _filled(request, server) for which, server in sides.servers.items()}
    if full:
        for which, server in sides.servers.items():
            _check_full(server, filled[which])
    # One round more than is kept, to warm up.
    for each in range(ground.scale.rounds + 1):
        for which in rotated(["few", "many"], each):
            cost = _cost(ground, sides.servers[which], sides.products[which], filled[which], status, number)
            if each:
                costs[which].append(cost)
    figure = of_rounds(
        "size",
        f"{name}, CPU at {ground.scale.rows:,} signatures against {sides.rows:,}",
        [many / few for few, many in zip(costs["few"], costs["many"], strict=True)],
        unit="times",
        bound="at most",
        limit=limit,
        milliseconds_at_few=[round(cost, 4) for cost in costs["few"]],
        milliseconds_at_many=[round(cost, 4) for cost in costs["many"]],
    )
    if not figure.reached:
        figure.profile = ground.profile(sides.products["many"], filled["many"], status=status)
    return figure


def _filled(request: bytes, server: Server) -> bytes:
    """The request for this server, with a ticket of its own, and the place where the list's first page ends."""
    if b"CURSOR" in request:
        request = request.replace(b"CURSOR", _cursor(server))
    host, sealed = server.host.encode(), ticket(server.fetch(PAGE)).encode()
    head, _, body = request.replace(b"HOST", host).partition(b"\r\n\r\n")
    longer = body.replace(b"TICKET", sealed)
    head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(longer))
    return head + b"\r\n\r\n" + longer


def _cursor(server: Server) -> bytes:
    found = re.search(r'after=([^"&]+)" rel="next"', server.fetch(LIST))
    if found is None:
        raise LoadFailed("the list has no second page")
    return found[1].encode()


def _check_full(server: Server, request: bytes) -> None:
    """Raises LoadFailed where the page has room for more names: then the two sides would not do the same."""
    path = request.split(b" ", 2)[1].decode()
    shown = server.fetch(path).count('class="person"')
    if shown < listing.PAGE:
        raise LoadFailed(f"{path} shows {shown} names, no full page")


def _cost(ground: Ground, server: Server, product: Product, request: bytes, status: int, number: int) -> float:
    """Milliseconds of CPU that one request takes in the web server's processes and in PostgreSQL's."""
    before = _used(server, product)
    ground.load(server, request, status=status, requests=number)
    return 1000 * (_used(server, product) - before) / number


def _used(server: Server, product: Product) -> float:
    return processes.cpu_seconds([*processes.family(server.pid), *processes.backends(product.database)])
