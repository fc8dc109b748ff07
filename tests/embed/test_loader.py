"""The script that partners' pages load: each version for ever the same, small, readable by any page."""

import gzip
import hashlib

from flask.testing import FlaskClient

from petition.embed import loader

PUBLISHED = {
    "1.js": "86eb53a24fdd8935126f79d4d89586a90ce83779be583472e4ca612f23864a09",
}
"""Of every version that was ever published, its SHA-256. Lines are added here, and none is ever changed."""
MOST_BYTES = 2_000


def test_a_version_that_was_published_never_changes() -> None:
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in loader.FOLDER.glob("*.js")}
    assert found == PUBLISHED


def test_every_version_lies_at_its_hash_for_good(client: FlaskClient) -> None:
    for version in loader.versions():
        answer = client.get(f"/embed-{version.hash}.js")
        assert answer.status_code == 200 and answer.data == version.body
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/embed-0123456789abcdef.js").status_code == 404


def test_the_newest_lies_beside_them_under_a_name_that_stays(client: FlaskClient) -> None:
    answer = client.get("/embed.js")
    assert answer.data == loader.current().body
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "immutable" not in answer.headers["Cache-Control"]


def test_it_is_small() -> None:
    for version in loader.versions():
        assert len(gzip.compress(version.body, 9)) <= MOST_BYTES
