"""What the server leans on goes away and comes back: nothing is lost, and it recovers by itself."""

import os
import resource
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

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
LOG_SEGMENT = 16 * 1024 * 1024
RECOVERS_WITHIN = timedelta(seconds=10)


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
    """No table may grow beyond a size: an INSERT that needs a new page is refused by the kernel, as on a full disk.

    A tablespace on a small disk would need the right to mount one. The log of PostgreSQL must still be written:
    without it the whole cluster stops, and what the server does then is what it does when PostgreSQL crashes.
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
        _fill_mails(own_postgresql)
        with Crowd(served, mail_server) as crowd:
            for _ in range(rounds(FILLS)):
                crowd.wait_for(8)
                _limit_backends(own_postgresql, LOG_SEGMENT)
                told = crowd.answers[503]
                until(lambda told=told: crowd.answers[503] > told + 5, what="somebody is told 503")  # type: ignore[misc]
                _limit_backends(own_postgresql, resource.RLIM_INFINITY)
                crowd.wait_for(8, within=RECOVERS_WITHIN)
        assert crowd.unheard == 0
        check_promises(crowd, folder, common)
        assert served.stop() == 0
    mail_server.clear()


def _limit_files(served: Served, size: int) -> None:
    """How large a file each process of the server may make; Python gets EFBIG where others are killed."""
    for pid in served.all_processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _limit_backends(server: Postgresql, size: int) -> None:
    """The same for PostgreSQL's backends, those to come included; its background processes go on."""
    with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        backends = [pid for (pid,) in connection.execute(query)]
    # Only its own account may do that to it, and PostgreSQL refuses to be root's.
    account = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    limit = "unlimited" if size == resource.RLIM_INFINITY else str(size)
    for pid in {*backends, running.parent(backends[0])}:
        # A backend may have ended meanwhile.
        subprocess.run([*account, "prlimit", f"--pid={pid}", f"--fsize={limit}:"], capture_output=True, check=False)


def _fill_mails(server: Postgresql) -> None:
    """Make the table of mails larger than a segment of the log, which must still be written.

    With rows no larger than those to come, or these would find room between them.
    """
    row = """
        INSERT INTO mails (public_id, kind, reference, scope, mailbox, language, created_at, due_at, attempts,
                           sent_at, reason)
        SELECT 'fill' || n, 'confirm', 'fill' || n, 0, NULL, 'en', now(), now(), 1, now(), repeat('x', 60)
        FROM generate_series(1, 120000) AS n
    """
    with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        connection.execute(row)
