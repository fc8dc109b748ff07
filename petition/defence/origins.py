"""Where a post came from: our own pages, or another site's."""

from urllib.parse import urlsplit

from flask import current_app, request

from petition.settings import Settings


def is_ours() -> bool:
    """Whether the browser says that one of our own pages sent this request.

    ``Sec-Fetch-Site`` where the browser sends it, else ``Origin``. A client that sends neither is no
    browser, and no browser's visitor can be tricked through it; the form ticket still has to be right.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or _is_own(origin)


def _is_own(origin: str) -> bool:
    settings: Settings = current_app.extensions["petition.settings"]
    ours = urlsplit(settings.base_url)
    # On loopback the page may have been opened under another loopback name.
    return origin == f"{ours.scheme}://{ours.netloc}" or origin.rpartition("//")[2] == request.host
