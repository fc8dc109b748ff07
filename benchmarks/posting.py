"""POST: a valid new signature with every defence on, by form and by API, against a view with one durable INSERT."""

from benchmarks import processes, requests
from benchmarks.figures import Figure, of_rounds, rotated
from benchmarks.ground import DECLARATION, PAGE, PARTNER, SIGN, SLUG, Ground, Product, Server, ticket
from petition.declarations import reading
from petition.declarations.plans import digest
from petition.extensions import writing
from petition.partners import api_keys
from petition.partners import reading as partners

WAYS = {
    "sign": ("POST of a valid new signature, against one bare durable INSERT", 0.35),
    "api": ("POST of the same through the API, with a partner's key and an Idempotency-Key", 0.3),
}
Costs = dict[str, float]
Way = tuple[Server, bytes, int, str]
"""To which server, the request, its answer's status, and the database that it writes to."""


def measure(ground: Ground) -> list[Figure]:
    product = ground.product("small")
    with ground.bare() as bare, ground.web(product) as web:
        sealed = ticket(web.fetch(PAGE))
        what: dict[str, Way] = {
            # The very same form, so that both read as much.
            "bare": (bare, requests.sign(bare.host, "/insert", sealed), 200, "bare"),
            "sign": (web, requests.sign(web.host, SIGN, sealed), 303, product.database),
            "api": (web, _submission(product, web.host), 202, product.database),
        }
        rates, costs = _measured(ground, what)
    figures = [_figure(name, rates, costs) for name in WAYS]
    for name, figure in zip(WAYS, figures, strict=True):
        if not figure.reached:
            figure.profile = ground.profile(product, what[name][1], status=what[name][2])
    _check(product)
    return figures


def _submission(product: Product, host: str) -> bytes:
    """What the server of a partner sends, whose key has no limit to speak of."""
    with product.app.app_context():
        with writing():
            partner = partners.find(PARTNER)
            assert partner is not None
            _key, secret = api_keys.make(partner)
        text = reading.find_current(SLUG, "en")
        assert text is not None
        agreed = digest(text.declaration.plan.consents["agree"]["en"])
        return requests.submit(host, f"{DECLARATION}/signatures", secret, sha256=text.sha256, agreed=agreed)


def _measured(ground: Ground, what: dict[str, Way]) -> tuple[dict[str, list[float]], dict[str, list[Costs]]]:
    rates: dict[str, list[float]] = {name: [] for name in what}
    costs: dict[str, list[Costs]] = {name: [] for name in what}
    for server, request, status, _database in what.values():
        ground.load(server, request, status=status, seconds=1)
    for number in range(ground.scale.rounds):
        for name in rotated(list(what), number):
            rate, cost = _round(ground, *what[name])
            rates[name].append(rate)
            costs[name].append(cost)
    return rates, costs


def _figure(name: str, rates: dict[str, list[float]], costs: dict[str, list[Costs]]) -> Figure:
    title, reach = WAYS[name]
    return of_rounds(
        "post",
        title,
        [ours / bare for ours, bare in zip(rates[name], rates["bare"], strict=True)],
        unit="of the bare INSERT",
        bound="at least",
        limit=reach,
        signatures_a_second=[round(rate) for rate in rates[name]],
        inserts_a_second=[round(rate) for rate in rates["bare"]],
        milliseconds_of_cpu_a_signature=costs[name],
        milliseconds_of_cpu_an_insert=costs["bare"],
    )


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
