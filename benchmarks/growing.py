"""Growth: what one request costs with a million signatures, against a hundred."""

from benchmarks import population, processes, requests
from benchmarks.figures import Figure, of_rounds, rotated
from benchmarks.ground import COUNT, PAGE, SIGN, Ground, Product, Server, ticket

REACH = 1.10
REACH_LISTS = 1.20
LIST = f"{PAGE}/signatories"
NUMBERS = f"{PAGE}/numbers"


def measure(ground: Ground) -> list[Figure]:
    products = {"few": signed(ground, ground.scale.few_rows), "many": signed(ground, ground.scale.rows)}
    with ground.web(products["few"]) as few, ground.web(products["many"]) as many:
        servers = {"few": few, "many": many}
        return [
            *[
                _figure(ground, products, servers, f"GET {what}", requests.get("HOST", path), 200, limit=limit)
                for what, path, limit in (
                    ("declaration page", PAGE, REACH),
                    ("count", COUNT, REACH),
                    ("list of signatories", LIST, REACH_LISTS),
                    ("numbers page", NUMBERS, REACH_LISTS),
                )
            ],
            _figure(ground, products, servers, "POST of a new signature", requests.sign("HOST", SIGN, "TICKET"), 303),
        ]


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
    products: dict[str, Product],
    servers: dict[str, Server],
    name: str,
    request: bytes,
    status: int,
    *,
    limit: float = REACH,
) -> Figure:
    number = ground.scale.posts if status == 303 else ground.scale.gets
    costs: dict[str, list[float]] = {"few": [], "many": []}
    filled = {which: _filled(request, server) for which, server in servers.items()}
    # One round more than is kept, to warm up.
    for each in range(ground.scale.rounds + 1):
        for which in rotated(["few", "many"], each):
            cost = _cost(ground, servers[which], products[which], filled[which], status, number)
            if each:
                costs[which].append(cost)
    figure = of_rounds(
        "size",
        f"{name}, CPU at {ground.scale.rows:,} signatures against {ground.scale.few_rows}",
        [many / few for few, many in zip(costs["few"], costs["many"], strict=True)],
        unit="times",
        bound="at most",
        limit=limit,
        milliseconds_at_few=[round(cost, 4) for cost in costs["few"]],
        milliseconds_at_many=[round(cost, 4) for cost in costs["many"]],
    )
    if not figure.reached:
        figure.profile = ground.profile(products["many"], filled["many"], status=status)
    return figure


def _filled(request: bytes, server: Server) -> bytes:
    """The request for this server, with a ticket of its own."""
    host, sealed = server.host.encode(), ticket(server.fetch(PAGE)).encode()
    head, _, body = request.replace(b"HOST", host).partition(b"\r\n\r\n")
    longer = body.replace(b"TICKET", sealed)
    head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(longer))
    return head + b"\r\n\r\n" + longer


def _cost(ground: Ground, server: Server, product: Product, request: bytes, status: int, number: int) -> float:
    """Milliseconds of CPU that one request takes in the web server's processes and in PostgreSQL's."""
    before = _used(server, product)
    ground.load(server, request, status=status, requests=number)
    return 1000 * (_used(server, product) - before) / number


def _used(server: Server, product: Product) -> float:
    return processes.cpu_seconds([*processes.family(server.pid), *processes.backends(product.database)])
