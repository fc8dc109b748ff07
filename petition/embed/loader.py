"""The script that partners' pages load: every version that was ever published, by the hash in its address."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from petition.shelf import shelf

views = Blueprint("loader", __name__)

FOLDER = Path(__file__).parents[2] / "static" / "embed"
"""``1.js``, ``2.js``, …: a file that was published stays as it is, because pages elsewhere name its hash."""
HASH_LENGTH = 16
NEW_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Version:
    body: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:HASH_LENGTH]

    @property
    def integrity(self) -> str:
        """For the attribute ``integrity`` (Subresource Integrity, section 3.1)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()


@cache
def versions() -> tuple[Version, ...]:
    """In the order in which they were published."""
    files = sorted(FOLDER.glob("*.js"), key=lambda file: int(file.stem))
    return tuple(Version(file.read_bytes()) for file in files)


def current() -> Version:
    return versions()[-1]


@views.get("/embed-<hash>.js")
def version(hash: str) -> ResponseReturnValue:
    """One version, the same for ever."""
    found = next((each for each in versions() if each.hash == hash), None)
    return shelf.keep_for_good(_script(found or abort(404)))


@views.get("/embed.js")
def newest() -> ResponseReturnValue:
    """The current version, for whoever would rather have what is new than know what it is."""
    return shelf.keep(_script(current()), every=NEW_WITHIN)


def _script(version: Version) -> Response:
    response = Response(version.body, mimetype="text/javascript")
    # `integrity` is only looked at where the page may read the answer (section 3.3).
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
