"""What the logs tell of a signature's whole life: what happened, and nothing of whom."""

import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog
from flask.testing import FlaskClient

from petition import logs
from tests import make
from tests.running import Served


@pytest.mark.slow
def test_the_log_of_a_whole_life_names_no_person_no_address_and_no_token(tmp_path: Path) -> None:
    email, name, affiliation = make.email(), "Zenobia Quillfeather", "Academy of Larkmoor"
    with Served.start(tmp_path / "instance", log_level="debug") as served:
        assert served.sign(email, name="=" + name).status == 422
        assert served.sign(email, name=name, affiliation=affiliation).status == 303
        confirm = make.link(served.mail_to(email, "confirm your signature"), "confirm")
        assert served.confirm(confirm).status == 303
        personal = make.link(served.mail_to(email, "is confirmed"), "signature")
        assert served.get(personal).status == 200
        assert served.get(personal + "/download").status == 200
        assert served.post(personal + "/withdraw", {}).status == 303
        assert served.post(personal + "/erase", {}).status == 200
        assert served.get(personal).status == 404
        assert served.get(f"/en/confirm/{'x' * 43}?email={email}").status == 404
        log = served.log
    assert '"rule": "/<language:language>/<slug>/sign"' in log
    tokens = [urlsplit(path).path.split("/")[3] for path in (confirm, personal)]
    for secret in (name, "Zenobia", affiliation, email, email.split("@")[0], *tokens, "127.0.0.1", "x" * 43):
        assert secret not in log, f"{secret!r} is in the log"


def test_a_full_disk_under_the_log_troubles_nobody(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "w", buffering=1)  # noqa: SIM115  Closing it fails too.
    monkeypatch.setattr(sys, "stderr", full)
    logs.configure("debug")
    try:
        structlog.get_logger().warning("this cannot be written")
        assert client.get("/healthz").status_code == 200
    finally:
        monkeypatch.undo()
        logs.configure("error")
        with suppress(OSError):
            full.close()
