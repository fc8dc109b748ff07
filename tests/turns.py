"""Tests that run beside each other take turns: whoever measures time has the machine alone."""

import fcntl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ALONE = "alone"


class Turns:
    """A door and a room: everybody goes in through the door, and whoever wants to be alone shuts it behind them."""

    def __init__(self, folder: Path) -> None:
        self._door = (folder / "door").open("w")
        self._room = (folder / "room").open("w")

    @contextmanager
    def take(self, *, alone: bool) -> Iterator[None]:
        """While inside, nobody else runs a test if ``alone``, and else nobody who wants to be."""
        # Whoever waits for the room keeps the door, so that those who come later do not slip in first.
        fcntl.flock(self._door, fcntl.LOCK_EX)
        fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if not alone:
            fcntl.flock(self._door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)
            fcntl.flock(self._door, fcntl.LOCK_UN)

    def close(self) -> None:
        self._door.close()
        self._room.close()


class TakeTurns:
    """What makes a process that runs tests beside others take its turns; one that runs them by itself needs none."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @classmethod
    def beside_others(cls, config: pytest.Config) -> None:
        # pytest-xdist gives each of its processes a folder of its own, side by side.
        if hasattr(config, "workerinput"):
            config.pluginmanager.register(cls(Turns(Path(config.getoption("basetemp")).parent)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with self._turns.take(alone=item.get_closest_marker(ALONE) is not None):
            return (yield)

    def pytest_unconfigure(self) -> None:
        self._turns.close()
