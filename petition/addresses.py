"""Mail addresses: what may be typed, which ones are the same mailbox, and how one is kept unread."""

from dataclasses import dataclass
from functools import cached_property

import regex
from email_validator import EmailNotValidError, validate_email

from petition.keys import Keys


class AddressRefused(ValueError):
    """This cannot be a mail address that a mail server would take."""


@dataclass(frozen=True)
class Provider:
    """What one mail provider makes of a local part: the separators of its tags, and what it leaves out."""

    domain: str
    tags: str = "+"
    ignored: str = ""


# From each provider's own help pages. Elsewhere dots and tags may be different people, so nothing is assumed.
PROVIDERS = {
    "gmail.com": Provider("gmail.com", ignored="."),
    "googlemail.com": Provider("gmail.com", ignored="."),
    "proton.me": Provider("proton.me", ignored=".-_"),
    "protonmail.com": Provider("proton.me", ignored=".-_"),
    "pm.me": Provider("proton.me", ignored=".-_"),
    "yahoo.com": Provider("yahoo.com", tags="-"),
    "ymail.com": Provider("ymail.com", tags="-"),
    **{
        domain: Provider(domain)
        for domain in (
            "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com",
            "fastmail.com", "fastmail.fm", "hey.com", "mailbox.org", "posteo.de", "runbox.com",
            "yandex.com", "yandex.ru", "zoho.com",
        )
    },
}  # fmt: skip

_PLAIN = regex.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""What needs no second look: a dot-atom (RFC 5322, section 3.2.3) at a domain in ASCII."""
_ANY_TAG = regex.compile(r"[+=#].*$")


@dataclass(frozen=True)
class Address:
    """A well-formed address. ``typed`` is where mail goes; ``local`` and ``domain`` (in IDNA) are compared."""

    typed: str
    local: str
    domain: str

    @cached_property
    def canonical(self) -> str:
        """Equal for addresses that are known to be one mailbox."""
        provider = PROVIDERS.get(self.domain)
        local = self.local.casefold()
        if provider is None:
            return f"{local}@{self.domain}"
        for tag in provider.tags:
            local = local.partition(tag)[0] or local
        plain = "".join(char for char in local if char not in provider.ignored)
        return f"{plain or local}@{provider.domain}"

    @cached_property
    def loose(self) -> str:
        """Equal for addresses that may be one mailbox: tags stripped everywhere. It only raises suspicion."""
        local, _, domain = self.canonical.rpartition("@")
        return f"{_ANY_TAG.sub('', local) or local}@{domain}"


def parse(typed: str) -> Address:
    """Read an address, with internationalised domains, without asking the network. Raises AddressRefused."""
    try:
        valid = validate_email(typed.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError as problem:
        raise AddressRefused(str(problem)) from problem
    return Address(typed=valid.normalized, local=valid.local_part, domain=valid.ascii_domain.lower())


def deliverable(typed: str) -> str:
    """The address as every mail server takes it: many know domains in IDNA only. Raises AddressRefused."""
    if _PLAIN.fullmatch(typed):
        return typed
    address = parse(typed)
    return f"{address.local}@{address.domain}"


@dataclass(frozen=True)
class KeptAddress:
    """An address as the database holds it: encrypted, and found by keyed hashes."""

    encrypted: bytes
    mailbox: bytes
    loose_mailbox: bytes
    domain: bytes


def keep(address: Address, keys: Keys) -> KeptAddress:
    return KeptAddress(
        encrypted=keys.encrypt(address.typed),
        mailbox=keys.lookup("mailbox", address.canonical),
        loose_mailbox=keys.lookup("loose mailbox", address.loose),
        domain=keys.lookup("domain", address.domain),
    )
