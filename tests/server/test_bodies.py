"""Bodies are read whole or refused: the layer alone, under gevent, with its times made short."""

import json
import subprocess
import sys
import textwrap

import pytest

# Everything must be patched before anything else is imported, so the cases are forked from a program of their own.
FORKS = """if True:
    from gevent import monkey; monkey.patch_all()
    import json, os, sys, tempfile
    from petition.server import bodies
    for case, program in json.load(sys.stdin).items():
        with tempfile.TemporaryFile() as err:
            if (pid := os.fork()) == 0:
                os.dup2(err.fileno(), 2)
                exec(compile(program, case, "exec"), {})
                sys.exit(0)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            err.seek(0)
            print(json.dumps([code, err.read().decode()]), flush=True)
"""
PROGRAM = """
    import gevent, io, sys, time
    from petition.defence.requests import MAX_BODY_BYTES, TOO_SLOW
    from petition.server import bodies
    bodies.READ_WITHIN_SECONDS, bodies.LOOK_EVERY_SECONDS = 0.3, 0.05

    class Trickle:
        "A body of which one byte comes in each pause, as gunicorn reads it: it waits for all of them."
        def __init__(self, content, pause):
            self.content, self.pause = content, pause
        def read(self, size):
            for _ in self.content[:size] if self.pause else ():
                gevent.sleep(self.pause)
            return self.content[:size]

    def app(environ, start_response):
        body = environ["wsgi.input"].read()
        status = "408 REQUEST TIMEOUT" if TOO_SLOW in environ else "200 OK"
        start_response(status, [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
        return [body]

    layer = bodies.WholeBodies(app)

    def ask(content, pause=0.0, method="POST", **environ):
        said = []
        environ = {"REQUEST_METHOD": method, "wsgi.input": Trickle(content, pause), **environ}
        body = b"".join(layer(environ, lambda status, headers: said.extend([status, dict(headers)])))
        return said[0], said[1], body
"""

CASES = {
    "a body that comes in time is handed on whole": """
        status, headers, body = ask(b"abc", 0.01, CONTENT_LENGTH="3")
        assert (status, headers["X-Length"], body) == ("200 OK", "3", b"abc"), (status, headers, body)
    """,
    "a body in chunks gets a length": """
        status, headers, body = ask(b"abc", HTTP_TRANSFER_ENCODING="chunked")
        assert (status, headers["X-Length"], body) == ("200 OK", "3", b"abc")
    """,
    "a body without end is read no further than one byte too many": """
        status, headers, body = ask(b"a" * 100_000, HTTP_TRANSFER_ENCODING="chunked")
        assert len(body) == MAX_BODY_BYTES + 1
    """,
    "a body announced as too long is not waited for": """
        stream = Trickle(b"a", 99)
        environ = {"REQUEST_METHOD": "POST", "wsgi.input": stream, "CONTENT_LENGTH": str(MAX_BODY_BYTES + 1)}
        handed_on = []
        bodies.WholeBodies(lambda environ, _start: handed_on.append(environ["wsgi.input"]) or [])(environ, None)
        assert handed_on == [stream]
    """,
    "a slow body is not waited for, and the application says so": """
        began = time.monotonic()
        status, headers, body = ask(b"abc" * 100, 0.05, HTTP_TRANSFER_ENCODING="chunked")
        assert (status, headers["X-Length"], body) == ("408 REQUEST TIMEOUT", "0", b""), (status, headers, body)
        assert time.monotonic() - began < 3
    """,
    "one slow body after another is ended": """
        for _ in range(3):
            assert ask(b"abc" * 100, 0.05)[0] == "408 REQUEST TIMEOUT"
        assert not layer.reading
    """,
    "many slow bodies are ended and a quick one among them is not": """
        slow = [gevent.spawn(ask, b"abc" * 100, 0.05) for _ in range(50)]
        gevent.sleep(0.1)
        assert ask(b"abc")[0] == "200 OK"
        gevent.joinall(slow, timeout=10, raise_error=True)
        assert {each.value[0] for each in slow} == {"408 REQUEST TIMEOUT"}
        assert not layer.reading
    """,
    "a broken connection is forgotten": """
        def fail(size):
            raise ConnectionResetError
        try:
            layer({"REQUEST_METHOD": "POST", "wsgi.input": type("Broken", (), {"read": staticmethod(fail)})}, None)
        except ConnectionResetError:
            pass
        else:
            raise AssertionError
        assert not layer.reading
    """,
    "a GET is handed on unread": """
        handed_on = []
        environ = {"REQUEST_METHOD": "GET", "wsgi.input": None}
        bodies.WholeBodies(lambda environ, _start: handed_on.append(environ) or [])(environ, None)
        assert handed_on == [environ]
    """,
}


@pytest.fixture(scope="module")
def ended() -> dict[str, tuple[int, str]]:
    """By case, its exit code and what it complained of."""
    programs = {name: textwrap.dedent(PROGRAM) + textwrap.dedent(case) for name, case in CASES.items()}
    command = [sys.executable, "-c", FORKS]
    told = subprocess.run(
        command, input=json.dumps(programs), stdout=subprocess.PIPE, text=True, timeout=300, check=True
    )
    answers = (json.loads(line) for line in told.stdout.splitlines())
    return {name: (code, complaint) for name, (code, complaint) in zip(CASES, answers, strict=True)}


@pytest.mark.parametrize("case", CASES)
def test_whole_bodies(ended: dict[str, tuple[int, str]], case: str) -> None:
    assert ended[case] == (0, "")
