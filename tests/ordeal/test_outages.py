"""What the server leans on goes away and comes back: nothing is lost, and it recovers by itself."""

import resource
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests import make, running
from tests.ordeal.crowd import Crowd, ask, check_promises, engine
from tests.running import Served, rounds, until
from tests.services import MailServer, Postgresql

pytestmark = [pytest.mark.ordeal, pytest.mark.slow]

RESTARTS = 20
OUTAGES = 10
FILLS = 10
RECOVERS_WITHIN = timedelta(seconds=10)


REFUSE_AS_FULL = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device';
    END $$
"""


@pytest.fixture
def own_postgresql(tmp_path: Path) -> Iterator[Postgresql]:
    with Postgresql.start(tmp_path / "postgresql") as server:
        yield server


def test_a_mail_server_that_is_down_for_a_while_loses_no_mail(
    tmp_path: Path, settings: dict[str, str], mail_server: MailServer
) -> None:
    mail_server.clear()
    folder = tmp_path / "instance"
    common = {**settings, "mail_url": mail_server.url, "tally_every": "1"}
    with Served.start(folder, "--workers", "2", **common) as served:
        with Crowd(served, mail_server, people=2) as crowd:
            for _ in range(rounds(OUTAGES)):
                crowd.wait_for(5)
                mail_server.stop()
                try:
                    crowd.wait_for(5)
                finally:
                    mail_server.start_again()
            crowd.wait_for(5)
        check_promises(crowd, folder, common)
        assert crowd.answers.keys() <= {200, 303}, "nobody who signs notices"
        assert served.stop() == 0
    mail_server.clear()


def test_postgresql_restarted_under_load_gives_503_and_recovers(
    tmp_path: Path, own_postgresql: Postgresql, mail_server: MailServer
) -> None:
    mail_server.clear()
    folder = tmp_path / "instance"
    common = {
        "database_url": own_postgresql.url(),
        "mail_url": mail_server.url,
        "tally_every": "1",
        **running.secrets(),
    }
    with Served.start(folder, "--workers", "2", **common) as served:
        until(lambda: len(served.web_workers) == 2)
        processes = set(served.all_processes)
        with Crowd(served, mail_server) as crowd:
            for number in range(rounds(RESTARTS)):
                crowd.wait_for(8)
                # In turn an orderly stop, and a crash.
                own_postgresql.stop() if number % 2 else own_postgresql.kill()
                troubled = crowd.answers[503]
                until(lambda told=troubled: crowd.answers[503] > told, what="somebody is told 503")  # type: ignore[misc]
                page = served.get("/readyz")
                assert (page.status, "Retry-After" in page.headers) == (503, True)
                own_postgresql.start_again()
                crowd.wait_for(8, within=RECOVERS_WITHIN)
        assert crowd.unheard == 0, "every request got an answer"
        assert crowd.slowest < 15
        assert set(served.all_processes) == processes, "no process died of it"
        check_promises(crowd, folder, common)
        assert served.stop() == 0
    mail_server.clear()


def test_a_full_disk_gives_503_and_nothing_half_written(tmp_path: Path, mail_server: MailServer) -> None:
    """SQLite's files may not grow: the kernel refuses the write, as on a full disk, to every process at once."""
    mail_server.clear()
    folder = tmp_path / "instance"
    common = {"mail_url": mail_server.url, "tally_every": "1"}
    with Served.start(folder, "--workers", "2", **common) as served:
        with Crowd(served, mail_server) as crowd:
            for _ in range(rounds(FILLS)):
                crowd.wait_for(8)
                _limit_files(served, 4096)
                told = crowd.answers[503]
                until(lambda told=told: crowd.answers[503] > told + 5, what="somebody is told 503")  # type: ignore[misc]
                assert served.get(make.PAGE).status == 200, "who reads does not notice"
                _limit_files(served, resource.RLIM_INFINITY)
                crowd.wait_for(8, within=RECOVERS_WITHIN)
        assert crowd.unheard == 0
        check_promises(crowd, folder, common)
        database = engine(folder, common)
        whole = "SELECT count(*) FROM submissions WHERE public_id NOT IN (SELECT reference FROM mails)"
        assert ask(database, whole) == 0, "no submission without its mail"
        database.dispose()
        assert served.stop() == 0
    check = running.run(folder, "tally", "recount", **common)
    assert check.returncode == 0, check
    mail_server.clear()


def test_a_full_disk_under_postgresql_gives_503_and_nothing_half_written(
    tmp_path: Path, own_postgresql: Postgresql, mail_server: MailServer
) -> None:
    """PostgreSQL itself says that its disk is full, in the words and with the code that it has for that.

    A disk that is really full would need the right to mount a small one; a limit on the size of files gives
    another error there than a full disk does.
    """
    mail_server.clear()
    folder = tmp_path / "instance"
    common = {
        "database_url": own_postgresql.url(),
        "mail_url": mail_server.url,
        "tally_every": "1",
        **running.secrets(),
    }
    with Served.start(folder, "--workers", "2", **common) as served:
        _run(own_postgresql, REFUSE_AS_FULL)
        with Crowd(served, mail_server) as crowd:
            for _ in range(rounds(FILLS)):
                crowd.wait_for(8)
                _run(
                    own_postgresql,
                    "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON mails EXECUTE FUNCTION refuse()",
                )
                told = crowd.answers[503]
                until(lambda told=told: crowd.answers[503] > told + 5, what="somebody is told 503")  # type: ignore[misc]
                _run(own_postgresql, "DROP TRIGGER full_disk ON mails")
                crowd.wait_for(8, within=RECOVERS_WITHIN)
        assert crowd.unheard == 0
        check_promises(crowd, folder, common)
        database = engine(folder, common)
        whole = "SELECT count(*) FROM submissions WHERE public_id NOT IN (SELECT reference FROM mails)"
        assert ask(database, whole) == 0, "no submission without its mail"
        database.dispose()
        assert served.stop() == 0
    mail_server.clear()


def _limit_files(served: Served, size: int) -> None:
    """How large a file each process of the server may make; Python gets EFBIG where others are killed."""
    for pid in served.all_processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _run(server: Postgresql, statement: LiteralString) -> None:
    with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        connection.execute(statement)
