"""Static files, at addresses that change with them, so that they may be kept for good."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request

from petition.shelf import shelf


def url_path(folder: Path) -> str:
    """The path under which the folder is served: its files' digest is part of it."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return f"/static/{digest.hexdigest()[:16]}"


def init_app(app: Flask) -> None:
    app.after_request(_keep)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        return shelf.keep_for_good(response)
    return response
