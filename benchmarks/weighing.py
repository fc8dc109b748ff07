"""Weight: what a first visit to the declaration's page brings over the wire, compressed."""

import http.client
import re
from urllib.parse import urljoin, urlsplit

from benchmarks.figures import Figure
from benchmarks.ground import PAGE, Ground, Server

KILOBYTES_AT_MOST = 30.0
_RESOURCE = re.compile(
    r"<(?:link\b(?=[^>]*\brel=\"(?:stylesheet|icon|preload|modulepreload|manifest)\")[^>]*?\bhref"
    r"|(?:script|img|source|iframe)\b[^>]*?\bsrc)=\"([^\"]+)\""
)
_IN_STYLES = re.compile(r"(?:url\(|@import\s+)[\"']?([^\"')\s;]+)")


def measure(ground: Ground) -> list[Figure]:
    with ground.web(ground.product("small")) as web:
        weights = _weigh(web, PAGE)
    total = sum(weights.values())
    name = "Declaration page with everything it loads, compressed"
    details = {"bytes": weights, "answers": "bodies as they come over the wire, Accept-Encoding: gzip"}
    return [Figure("weight", name, round(total / 1000, 2), "kB", "at most", KILOBYTES_AT_MOST, details=details)]


def _weigh(web: Server, first: str) -> dict[str, int]:
    """The bytes of each body, of the page and of all that it and its stylesheets ask for."""
    weights: dict[str, int] = {}
    wanted = [first]
    for path in wanted:
        weights[path], text = _fetch(web, path)
        found = _IN_STYLES.findall(text) if path.endswith(".css") else _RESOURCE.findall(text)
        for address in found:
            resource = urlsplit(urljoin(f"http://{web.host}{path}", address))
            if resource.netloc == web.host and resource.path not in wanted:
                wanted.append(resource.path)
    return weights


def _fetch(web: Server, path: str) -> tuple[int, str]:
    """How many bytes come compressed, and the text itself."""
    connection = http.client.HTTPConnection("localhost", web.port)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    weight = len(_body(connection))
    connection.request("GET", path)
    return weight, _body(connection).decode()


def _body(connection: http.client.HTTPConnection) -> bytes:
    answer = connection.getresponse()
    assert answer.status == 200, f"{answer.status} {answer.reason}"
    return answer.read()
