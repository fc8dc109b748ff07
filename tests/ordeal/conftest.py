"""Both databases for the faults, each ordeal with one of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import running
from tests.conftest import DATABASES
from tests.services import Postgresql


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings of a database of this test's own: SQLite in its folder, or a PostgreSQL that waits for its disk."""
    if request.param == "sqlite":
        yield {}
        return
    with Postgresql.start(tmp_path / "postgresql") as server:
        yield {"database_url": server.url(), **running.secrets()}
