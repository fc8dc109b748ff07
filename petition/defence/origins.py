"""Where a post came from: our own pages, or another site's."""

from urllib.parse import urlsplit

from flask import current_app, request

from petition.settings import LOOPBACK_NAMES, Settings

USUAL_PORTS = {"http": 80, "https": 443}


def is_ours() -> bool:
    """Whether the browser says that one of our own pages sent this request.

    ``Sec-Fetch-Site`` where the browser sends it, else ``Origin``. A client that sends neither is no
    browser, and no browser's visitor can be tricked through it; the form ticket still has to be right.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or is_own(origin)


def is_own(origin: str) -> bool:
    """Whether this is the origin of our own pages."""
    settings: Settings = current_app.extensions["petition.settings"]
    if origin == _as_browsers_write(settings.base_url):
        return True
    # On loopback the page may have been opened under another loopback name. Anywhere else the host that a
    # request names proves nothing.
    return settings.trusted_hosts == LOOPBACK_NAMES and origin.rpartition("//")[2] == request.host


def _as_browsers_write(url: str) -> str:
    """The URL's origin: small letters, and no port where it is the usual one."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, USUAL_PORTS[parts.scheme]) else ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
