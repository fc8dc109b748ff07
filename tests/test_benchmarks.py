"""The benchmarks run, and write what they found where they are told to."""

import json
import subprocess
import sys
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from benchmarks.figures import Figure, of_rounds
from benchmarks.mailsink import find_link
from tests import make

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_page_is_weighed_and_the_result_written_where_it_was_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "weight", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads((tmp_path / "last.json").read_text())
    (figure,) = run["figures"]
    weights = figure["details"]["bytes"]
    assert figure["value"] == round(sum(weights.values()) / 1000, 2)
    assert weights[make.PAGE] > 1000
    assert any(path.endswith("/site.css") for path in weights)
    assert f"| {figure['name']} |" in (tmp_path / "performance.md").read_text()


def test_an_unknown_part_is_named_and_nothing_is_started() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "speed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no speed" in done.stderr


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64"])
def test_the_mail_server_finds_the_link_however_a_mail_is_encoded(encoding: str) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail.set_content("Please confirm:\n\nhttp://localhost:8000/en/confirm/a-b_C9\n", cte=encoding)
    mail.add_alternative("<p>Please confirm.</p>", subtype="html")
    assert find_link(mail.as_bytes()) == b"/en/confirm/a-b_C9"


def test_a_figure_is_the_median_of_its_rounds_and_reached_at_its_limit() -> None:
    figure = of_rounds("get", "hello", [1.2, 0.9, 1.0], unit="times", bound="at least", limit=1.0)
    assert (figure.value, figure.reached) == (1.0, True)
    assert not Figure("size", "hello", 1.11, "times", "at most", 1.10).reached
