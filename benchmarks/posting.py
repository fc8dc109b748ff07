"""POST: a valid new signature with every defence on, against a view with one durable INSERT."""

from benchmarks import processes, requests
from benchmarks.figures import Figure, of_rounds, rotated
from benchmarks.ground import PAGE, SIGN, Ground, Product, Server, ticket

REACH = 0.35
Costs = dict[str, float]


def measure(ground: Ground) -> list[Figure]:
    product = ground.product("small")
    rates: dict[str, list[float]] = {"bare": [], "sign": []}
    costs: dict[str, list[Costs]] = {"bare": [], "sign": []}
    with ground.bare() as bare, ground.web(product) as web:
        sealed = ticket(web.fetch(PAGE))
        what = {
            # The very same form, so that both read as much.
            "bare": (bare, requests.sign(bare.host, "/insert", sealed), 200, "bare"),
            "sign": (web, requests.sign(web.host, SIGN, sealed), 303, product.database),
        }
        for server, request, status, _database in what.values():
            ground.load(server, request, status=status, seconds=1)
        for number in range(ground.scale.rounds):
            for name in rotated(list(what), number):
                rate, cost = _round(ground, *what[name])
                rates[name].append(rate)
                costs[name].append(cost)
    figure = of_rounds(
        "post",
        "POST of a valid new signature, against one bare durable INSERT",
        [ours / bare for ours, bare in zip(rates["sign"], rates["bare"], strict=True)],
        unit="of the bare INSERT",
        bound="at least",
        limit=REACH,
        signatures_a_second=[round(rate) for rate in rates["sign"]],
        inserts_a_second=[round(rate) for rate in rates["bare"]],
        milliseconds_of_cpu_a_signature=costs["sign"],
        milliseconds_of_cpu_an_insert=costs["bare"],
    )
    if not figure.reached:
        figure.profile = ground.profile(product, what["sign"][1], status=303)
    _check(product)
    return [figure]


def _round(ground: Ground, server: Server, request: bytes, status: int, database: str) -> tuple[float, Costs]:
    """Requests a second, and what one cost each side in milliseconds of CPU."""
    before = _used(server, database)
    found = ground.load(server, request, status=status, seconds=ground.scale.round_seconds)
    used = {name: cpu - before[name] for name, cpu in _used(server, database).items()}
    used["client"] = found["cpu"]
    return found["done"] / found["seconds"], {name: round(1000 * cpu / found["done"], 3) for name, cpu in used.items()}


def _used(server: Server, database: str) -> Costs:
    return {
        "web": processes.cpu_seconds(processes.family(server.pid)),
        "postgresql": processes.cpu_seconds(processes.backends(database)),
    }


def _check(product: Product) -> None:
    """Every one that was answered is there, with its mail."""
    with product.connect() as connection:
        row = connection.execute(
            "SELECT count(*), count(DISTINCT mailbox), (SELECT count(*) FROM mails) FROM submissions"
        ).fetchone()
    assert row is not None and len(set(row)) == 1, f"submissions, mailboxes, mails: {row}"
