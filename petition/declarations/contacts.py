"""How an organiser is reached: a mail address or a page, read and made a link of."""

import unicodedata
from urllib.parse import quote, urlsplit

from petition import addresses
from petition.addresses import AddressRefused

LONGEST = 300
_PAGE = "https://"


class ContactRefused(ValueError):
    """This is neither a mail address nor an https address."""


def read(given: str) -> str:
    """The contact as it is shown. Raises ContactRefused."""
    if len(given) > LONGEST:
        raise ContactRefused
    try:
        if not given.startswith(_PAGE):
            return addresses.parse(given).typed
        parts = urlsplit(given)
        # What may follow the @ of a mail address is a public host.
        addresses.parse(f"page@{parts.hostname or ''}")
        odd = parts.port == 0 or "@" in parts.netloc or "\\" in given
    except (ValueError, AddressRefused) as problem:
        raise ContactRefused from problem
    if odd or any(unicodedata.category(char)[0] in "ZC" for char in given):
        raise ContactRefused
    return given


def href(contact: str) -> str:
    """Where the link of a contact that was read leads."""
    if contact.startswith(_PAGE):
        return contact
    local, _, domain = contact.rpartition("@")
    return f"mailto:{quote(local, safe='')}@{quote(domain, safe='')}"
