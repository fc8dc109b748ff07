"""Taking turns: tests run beside each other, and whoever wants to be alone is."""

import fcntl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import services
from tests.running import until
from tests.turns import TakeTurns, Turns


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Callable[[], Turns]]:
    """Makes what each of several processes has: locks are held by whoever opened the files."""
    made: list[Turns] = []

    def make() -> Turns:
        made.append(Turns(tmp_path))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_process_takes_turns_if_it_runs_tests_beside_others(pytestconfig: pytest.Config) -> None:
    plugins = [each for each in pytestconfig.pluginmanager.get_plugins() if isinstance(each, TakeTurns)]
    assert len(plugins) == hasattr(pytestconfig, "workerinput")


def test_who_does_not_want_to_be_alone_waits_for_nobody(another: Callable[[], Turns]) -> None:
    with another().take(alone=False), another().take(alone=False):
        pass


def test_who_wants_to_be_alone_waits_for_the_others_and_goes_before_whoever_comes_later(
    another: Callable[[], Turns], tmp_path: Path
) -> None:
    went: list[str] = []

    def take(name: str, *, alone: bool) -> threading.Thread:
        def go() -> None:
            with turns.take(alone=alone):
                went.append(name)

        turns = another()
        thread = threading.Thread(target=go)
        thread.start()
        return thread

    with another().take(alone=False):
        alone = take("alone", alone=True)
        until(lambda: _is_shut(tmp_path / "door"), what="the first stands in the door")
        later = take("later", alone=False)
        assert not went
    alone.join()
    later.join()

    assert went == ["alone", "later"]


def test_neighbours_draw_from_ports_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    ports: list[range] = []
    for name in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", name)
        ports.append(services._ports())
        assert services.free_port() in ports[-1]
    assert sorted(port for some in ports for port in some) == [*range(20_000, 32_768)]


def _is_shut(door: Path) -> bool:
    with door.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
