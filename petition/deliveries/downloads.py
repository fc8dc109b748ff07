"""A file made for one download: whole before its first byte leaves, and gone with its last."""

import tempfile
from collections.abc import Iterable

from flask import Response, abort, current_app, send_file

from petition import logs
from petition.headers import never_store
from petition.settings import Settings


def whole(pieces: Iterable[bytes], *, name: str, media: str) -> Response:
    """The pieces as one file of this name and media type.

    Whatever goes wrong while they are read is an error page, and never a file that ends early; if the connection
    breaks, the browser knows by the length that something is missing. The file on the disk has no name: nobody else
    can open it, and it goes with this process if not before.
    """
    file = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115  The answer closes it.
    try:
        file.writelines(pieces)
        size = file.tell()
        file.seek(0)
    except OSError as problem:
        file.close()
        logs.get().error("download not made", problem=problem.strerror)
        abort(503)
    except BaseException:
        file.close()
        raise
    answer = send_file(file, mimetype=media, as_attachment=True, download_name=name, conditional=False, etag=False)
    answer.content_length = size
    return never_store(answer)


def _folder() -> str:
    """Beside the deliveries: a machine's folder for temporary files may lie in its memory."""
    settings: Settings = current_app.extensions["petition.settings"]
    settings.instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(settings.instance_dir)
