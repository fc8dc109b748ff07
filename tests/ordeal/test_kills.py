"""Processes are killed while people sign: what was acknowledged is never lost."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.ordeal.crowd import Crowd, check_promises
from tests.running import Served, rounds, until
from tests.services import MailServer

pytestmark = [pytest.mark.ordeal, pytest.mark.slow]

KILLS = 20
VICTIMS: tuple[Callable[[Served], list[int]], ...] = (
    lambda served: served.web_workers[:1],
    lambda served: [served.mail_worker] if served.mail_worker else [],
    lambda served: [served.master] if served.master else [],
    lambda served: served.web_workers,
)


def test_what_was_acknowledged_survives_kill_9(
    tmp_path: Path, settings: dict[str, str], mail_server: MailServer
) -> None:
    mail_server.clear()
    folder = tmp_path / "instance"
    common = {**settings, "mail_url": mail_server.url, "tally_every": "1"}
    with Served.start(folder, "--workers", "2", **common) as served:
        with Crowd(served, mail_server) as crowd:
            # Never so often that the supervisor takes it for a process that cannot run.
            for number in range(rounds(KILLS)):
                crowd.wait_for(8)
                _kill(served, VICTIMS[number % len(VICTIMS)])
                until(lambda: served.answers, within=timedelta(seconds=30), what="it answers again")
            until(lambda: len(crowd.confirmed) > 3, within=timedelta(seconds=60), what="some have confirmed")
        check_promises(crowd, folder, common)
        assert served.stop() == 0
    assert crowd.unheard < len(crowd.signed), "most were heard"
    mail_server.clear()


def test_what_was_acknowledged_survives_a_kill_of_everything(
    tmp_path: Path, settings: dict[str, str], mail_server: MailServer
) -> None:
    mail_server.clear()
    folder = tmp_path / "instance"
    common = {**settings, "mail_url": mail_server.url, "tally_every": "1"}
    served = Served.start(folder, "--workers", "2", **common)
    with served, Crowd(served, mail_server) as crowd:
        crowd.wait_for(30)
        served.kill_tree()
    with Served.start(folder, port=served.port, **common) as again:
        crowd.served = again
        check_promises(crowd, folder, common)
    mail_server.clear()


def _kill(served: Served, victims: Callable[[Served], list[int]]) -> None:
    until(lambda: victims(served), within=timedelta(seconds=30), what="there is somebody to kill")
    for pid in victims(served):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
