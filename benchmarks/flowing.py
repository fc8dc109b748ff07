"""The whole way: sign, mail, confirm, count, with the web server and the worker of ``petition serve``."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks import processes, profiles
from benchmarks.figures import Figure
from benchmarks.ground import PAGE, ROOT, SIGN, Ground, LoadFailed, Product, Server, ticket
from tests.services import free_port

SIGNATURES_A_SECOND = 150.0
COUNTED_WITHIN = timedelta(seconds=60)
LOOK_EVERY = 0.2
MOMENT = 10
"""Seconds; of the stretches of this length the slowest is told too, for what is sustained has no pauses."""


def measure(ground: Ground) -> list[Figure]:
    found = _flow(ground, "flow", seconds=ground.scale.flow_seconds)
    each_second = found["each_second"]
    stretches = [each_second[start : start + MOMENT] for start in range(0, len(each_second), MOMENT)]
    figure = Figure(
        "flow",
        f"Signatures through sign, mail, confirm and count, sustained for {ground.scale.flow_seconds:g} s",
        round(mean(each_second), 1),
        "a second",
        "at least",
        SIGNATURES_A_SECOND,
        rounds=[float(number) for number in each_second],
        details={
            "slowest_ten_seconds": min(round(mean(stretch), 1) for stretch in stretches),
            **{name: value for name, value in found.items() if name != "each_second"},
        },
    )
    if not figure.reached:
        with ground.samples() as samples:
            _flow(ground, "flow_profiled", seconds=ground.scale.profile_seconds, samples=samples)
            figure.profile = profiles.summary(samples)
    return [figure]


def _flow(ground: Ground, name: str, *, seconds: float, samples: Path | None = None) -> dict[str, Any]:
    """Run it; the tally must be exact afterwards, and hold each signature that was confirmed. Raises LoadFailed."""
    mail_port = free_port()
    product = ground.product(name, mail_url=f"smtp://127.0.0.1:{mail_port}")
    with _mail_server(mail_port) as mails, ground.whole(product, samples=samples) as server:
        before = _cpu(server, product, mails.pid)
        found = _sign(server, mails, warm=ground.scale.warm_seconds, seconds=seconds)
        used = {what: cpu - before[what] for what, cpu in _cpu(server, product, mails.pid).items()}
        used["signatories"] = found.pop("cpu")
        each = {what: round(1000 * cpu / found["confirmed"], 2) for what, cpu in used.items()}
        found["milliseconds_of_cpu_a_signature"] = each
        found["seconds_until_counted"] = _wait_until_counted(product, found["confirmed"])
        found["seconds_until_the_last_mail"] = _wait_until_mailed(product)
    counted = product.run("tally", "recount").strip()
    if not counted.startswith(f"{found['confirmed']} counted; the tally is exact"):
        raise LoadFailed(f"{found['confirmed']} were confirmed, but: {counted}")
    return found | {"recount": counted}


@contextmanager
def _mail_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Its standard output is the links that were mailed."""
    command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "benchmarks.mailsink", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _sign(server: Server, mails: subprocess.Popen[bytes], *, warm: float, seconds: float) -> dict[str, Any]:
    sealed = ticket(server.fetch(PAGE))
    command = [sys.executable, "-m", "benchmarks.signatories"]
    done = subprocess.run(
        [*command, str(server.port), sealed, SIGN, str(warm), str(seconds)],
        cwd=ROOT,
        stdin=mails.stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LoadFailed(done.stderr.strip())
    found: dict[str, Any] = json.loads(done.stdout)
    if found.pop("wrong") or found["signed"] != found["confirmed"]:
        raise LoadFailed(f"not all went well: {done.stdout}")
    return found


def _cpu(server: Server, product: Product, mail_server: int) -> dict[str, float]:
    """What each side has used so far."""
    ours: dict[str, list[int]] = {"web": [], "worker": []}
    for pid in processes.family(server.pid):
        ours["worker" if "petition\0worker" in processes.command_line(pid) else "web"].append(pid)
    used = {name: processes.cpu_seconds(pids) for name, pids in ours.items()}
    used["postgresql"] = processes.cpu_seconds(processes.backends(product.database))
    used["mail server"] = processes.cpu_seconds([mail_server])
    return used


def _wait_until_counted(product: Product, confirmed: int) -> float:
    """Seconds until the number that pages show holds every confirmed signature."""
    return _wait(product, f"SELECT count >= {confirmed} FROM tallies WHERE kind = 'person'", "counted")


def _wait_until_mailed(product: Product) -> float:
    """Seconds until nothing is due any more: thanks with personal links went out too."""
    waiting = "sent_at IS NULL AND dropped_at IS NULL AND due_at <= now()"
    return _wait(product, f"SELECT NOT EXISTS (SELECT FROM mails WHERE {waiting})", "mailed")


def _wait(product: Product, question: str, what: str) -> float:
    started = time.monotonic()
    with product.connect() as connection:
        while (connection.execute(question).fetchone() or (False,))[0] is not True:
            if time.monotonic() - started > COUNTED_WITHIN.total_seconds():
                raise LoadFailed(f"not everything is {what} after {COUNTED_WITHIN}")
            time.sleep(LOOK_EVERY)
    return round(time.monotonic() - started, 1)
