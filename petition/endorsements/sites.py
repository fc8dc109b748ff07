"""Addresses of organisations' sites: http or https, a public host name, nothing that plays tricks."""

import unicodedata
from urllib.parse import quote, urlsplit

from petition import addresses
from petition.addresses import AddressRefused

LONGEST = 600
"""Characters, as typed and as kept; letters outside ASCII take up to nine there."""
_STANDS = "/%:@!$&'()*+,;=~-._?"
"""What stands in a path or query as it is; anything else is escaped."""


class SiteRefused(ValueError):
    """This cannot be the address of an organisation's site."""


def clean(typed: str) -> str:
    """The address in ASCII, its host in small letters and IDNA, without a fragment. Raises SiteRefused.

    Where no scheme was typed, https stands in.
    """
    text = typed.strip()
    if len(text) > LONGEST or "\\" in text or any(unicodedata.category(char)[0] in "ZC" for char in text):
        raise SiteRefused
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError as problem:
        raise SiteRefused from problem
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port == 0:
        raise SiteRefused
    place = f":{port}" if port else ""
    query = f"?{quote(parts.query, safe=_STANDS)}" if parts.query else ""
    site = f"{parts.scheme}://{_host(parts.hostname or '')}{place}{quote(parts.path, safe=_STANDS)}{query}"
    if len(site) > LONGEST:
        raise SiteRefused
    return site


def host(site: str) -> str:
    """The host of a clean site as it is shown and compared: without ``www``."""
    return (urlsplit(site).hostname or "").removeprefix("www.")


def _host(name: str) -> str:
    """What may follow the @ of a mail address may be a site: public, with a dot, no number."""
    try:
        return addresses.parse(f"site@{name}").domain
    except AddressRefused as problem:
        raise SiteRefused from problem
