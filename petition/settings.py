"""Settings: read once from the environment, typed, frozen, each with its help."""

import base64
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from environs import Env, EnvError, EnvValidationError
from limits import parse_many

PREFIX = "PETITION_"
SECRETS_FILE = "secrets.json"
SECRET_NAMES = ("secret_key", "data_keys", "lookup_key", "signing_key")
SECRET_BYTES = 32
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
LOG_LEVELS = ("debug", "info", "warning", "error")
SCHEMES = {
    "base_url": ("http", "https"),
    "database_url": ("sqlite", "postgresql", "postgresql+psycopg"),
    "redis_url": ("redis", "rediss", "redis+unix", "redis+cluster", "redis+sentinel"),
    "mail_url": ("smtp", "smtps"),
}
"""What each address may begin with."""
LEAST = {"trusted_proxies": 0, "pool_size": 1, "mail_connections": 1}

_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
# The hosts of a network of one's own are good senders too, which email_validator refuses.
_MAIL_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*", re.ASCII | re.IGNORECASE)


class SettingsRefused(Exception):
    """The settings cannot be used; its message names each one and says what would do."""


@dataclass(frozen=True)
class Network:
    """A named network, such as a conference hall's, whose people share an address and get their own limits."""

    name: str
    range: IPv4Network | IPv6Network
    limits: str


def _setting(kind: str, default: Any, help: str) -> Any:
    return field(default=default, metadata={"kind": kind, "help": help})


def _secret(help: str) -> Any:
    made = 'Made by: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
    return field(default="", repr=False, metadata={"kind": "str", "help": f"{help} {made}", "secret": True})


@dataclass(frozen=True)
class Settings:
    """Everything an operator can decide. Names in the environment: ``PETITION_`` and the name in capitals."""

    instance_dir: Path = _setting("path", Path("instance"), "The folder that holds what the embedded default keeps.")
    database_url: str = _setting(
        "str", "", "SQLAlchemy address of the database. Empty: SQLite in the instance folder (the embedded default)."
    )
    redis_url: str = _setting("str", "", "Redis that keeps the limits. Empty: each process keeps them in its memory.")
    mail_url: str = _setting(
        "str",
        "",
        "smtp://user:password@host:587?tls=starttls, smtps://host:465, smtp://host:25, or empty: "
        "mails become files in the instance folder's mail/.",
    )
    mail_from: str = _setting("str", "", "Sender of every mail. Empty: declaration@ and the base URL's host.")
    mail_connections: int = _setting("int", 4, "How many mails one worker hands to the mail server side by side.")
    secret_key: str = _secret("Seals form tickets and the tokens of staff's forms.")
    data_keys: str = _secret(
        "Encrypts mail addresses at rest. A ring, comma separated: the first encrypts, every one decrypts."
    )
    lookup_key: str = _secret("Finds a mail address by a keyed hash; never change it by hand.")
    signing_key: str = _secret("Signs the manifests of deliveries; with a new one the site's public key is another.")
    base_url: str = _setting(
        "str", "http://localhost:8000", "Where people reach the site; every mailed link begins with it."
    )
    tally_every: timedelta = _setting("timedelta", timedelta(seconds=5), "Seconds between two moves of the count.")
    trusted_proxies: int = _setting("int", 0, "How many proxies stand in front and set X-Forwarded-For.")
    sign_limits: str = _setting(
        "str", "30/minute;300/hour", "Posts allowed per client and declaration: a burst and a sustained limit."
    )
    api_limits: str = _setting(
        "str", "600/minute;20000/hour", "Submissions allowed per partner's key: a burst and a sustained limit."
    )
    networks: tuple[Network, ...] = _setting(
        "networks",
        (),
        "Named networks with limits of their own, space separated: hall=203.0.113.0/24@600/minute;6000/hour",
    )
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "ranges",
        (),
        "Private networks that webhooks may lead into, also without encryption, space separated: 10.1.0.0/16 fd12::/48",
    )
    pool_size: int = _setting(
        "int",
        10,
        "Database connections that each process keeps; in a rush it opens as many again. "
        "A web process keeps as many more, for submissions.",
    )
    log_level: str = _setting("str", "info", "What is logged: debug, info, warning or error.")
    sources: Mapping[str, str] = field(default_factory=dict, metadata={"kind": "derived"})

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded default: no database was named, so everything lies in one folder."""
        return not self.database_url

    @property
    def database(self) -> str:
        """The database's address, the embedded default's filled in."""
        return self.database_url or f"sqlite:///{self.instance_dir.absolute() / 'petition.sqlite'}"

    @property
    def on_sqlite(self) -> bool:
        return self.database.startswith("sqlite:")

    @property
    def base_host(self) -> str:
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """The hosts that requests may name; loopback's names are known while the base URL is loopback."""
        host = f"[{self.base_host}]" if ":" in self.base_host else self.base_host
        return LOOPBACK_NAMES if host in LOOPBACK_NAMES else (host,)

    @property
    def sender(self) -> str:
        return self.mail_from or f"declaration@{self.base_host}"

    @property
    def data_key_ring(self) -> tuple[bytes, ...]:
        """The data keys as bytes, the encrypting one first."""
        return tuple(decode_key(key) for key in self.data_keys.split(","))

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read, complete and check the settings.

        The embedded default makes its own secrets and keeps them in the instance folder (mode 0600);
        every other shape of running is production and must be given them.

        Raises SettingsRefused, whose message names every problem at once.
        """
        settings, problems = _read()
        problems += _problems(settings)
        if problems:
            raise SettingsRefused("; ".join(problems) + ".")
        return _with_generated_secrets(settings) if settings.embedded else settings


def public_fields() -> tuple["Field[Any]", ...]:
    """The fields an operator can set, in the order they are documented."""
    return tuple(setting for setting in fields(Settings) if setting.metadata["kind"] != "derived")


def decode_key(key: str) -> bytes:
    """The bytes of a key written in URL-safe Base64, with or without its padding."""
    return base64.urlsafe_b64decode(key.strip() + "=" * (-len(key.strip()) % 4))


def _read() -> tuple[Settings, list[str]]:
    """The settings, and what could not be read; a default stands in for each of those."""
    env = Env(prefix=PREFIX)
    env.add_parser("networks", _parse_networks)
    env.add_parser("ranges", _parse_ranges)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    problems: list[str] = []
    for setting in public_fields():
        variable = setting.name.upper()
        try:
            values[setting.name] = getattr(env, setting.metadata["kind"])(variable, setting.default)
        except EnvValidationError as problem:
            values[setting.name] = setting.default
            problems.append(f"{PREFIX}{variable}: {' '.join(map(str, problem.error_messages)).rstrip('.')}")
        sources[setting.name] = "environment" if PREFIX + variable in os.environ else "default"
    values["base_url"] = values["base_url"].rstrip("/")
    return Settings(**values, sources=sources), problems


def _parse_networks(value: str | tuple[Network, ...]) -> tuple[Network, ...]:
    if isinstance(value, tuple):
        return value
    networks = []
    for item in value.split():
        try:
            name, rest = item.split("=", 1)
            cidr, limits = rest.split("@", 1)
            networks.append(Network(name, ip_network(cidr), limits))
        except ValueError as problem:
            raise EnvError(f"{item!r} is not NAME=ADDRESS/BITS@LIMITS") from problem
    return tuple(networks)


def _parse_ranges(value: str | tuple[IPv4Network | IPv6Network, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    if isinstance(value, tuple):
        return value
    ranges = []
    for item in value.split():
        try:
            ranges.append(ip_network(item))
        except ValueError as problem:
            raise EnvError(f"{item!r} is not ADDRESS/BITS") from problem
    return tuple(ranges)


def _with_generated_secrets(settings: Settings) -> Settings:
    missing = [name for name in SECRET_NAMES if not getattr(settings, name)]
    if not missing:
        return settings
    path = settings.instance_dir / SECRETS_FILE
    kept = _kept_secrets(path)
    sources = {**settings.sources, **dict.fromkeys(missing, str(path))}
    given: dict[str, Any] = {name: kept[name] for name in missing}
    completed = replace(settings, **given, sources=sources)
    if weak := [problem for name in missing if (problem := _weakness(completed, name))]:
        raise SettingsRefused(f"{path} is damaged: {'; '.join(weak)}.")
    return completed


def _kept_secrets(path: Path) -> dict[str, str]:
    """The embedded default's secrets: read, or made at the first start."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_private(path, {name: secrets.token_urlsafe(SECRET_BYTES) for name in SECRET_NAMES})
        kept: dict[str, str] = json.loads(path.read_text())
        if not isinstance(kept, dict) or not all(isinstance(kept.get(name), str) for name in SECRET_NAMES):
            raise ValueError(f"it does not hold {', '.join(SECRET_NAMES)}")
    except OSError as problem:
        raise SettingsRefused(f"The folder {path.parent} cannot be used: {problem.strerror}.") from problem
    except ValueError as problem:
        raise SettingsRefused(f"{path} is damaged: {problem}.") from problem
    return kept


def _write_private(path: Path, content: Mapping[str, str]) -> None:
    """Write the file whole, readable by its owner alone, and never over one that another process just made."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _problems(settings: Settings) -> list[str]:
    given = [name for name in SECRET_NAMES if getattr(settings, name) or not settings.embedded]
    problems = [problem for name in given if (problem := _weakness(settings, name))]
    for name, schemes in SCHEMES.items():
        value: str = getattr(settings, name)
        if (value or name == "base_url") and not _is_address(value, schemes):
            problems.append(f"{PREFIX}{name.upper()} must be an address that begins with {':// or '.join(schemes)}://")
    if wrong := _wrong_mail_options(settings.mail_url):
        problems.append(f"{PREFIX}MAIL_URL takes {wrong}")
    if settings.mail_from and not _MAIL_ADDRESS.fullmatch(settings.mail_from):
        problems.append(f"{PREFIX}MAIL_FROM must be a mail address such as declaration@example.org, without a name")
    for name, least in LEAST.items():
        if getattr(settings, name) < least:
            problems.append(f"{PREFIX}{name.upper()} must be {least} or more")
    if settings.tally_every <= timedelta(0):
        problems.append(f"{PREFIX}TALLY_EVERY must be more than 0 seconds")
    if settings.log_level.lower() not in LOG_LEVELS:
        problems.append(f"{PREFIX}LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}")
    # Flask-Limiter would only log limits that it cannot read, and then limit nothing.
    for name, example in (("sign_limits", "30/minute;300/hour"), ("api_limits", "600/minute;20000/hour")):
        if not _are_limits(getattr(settings, name)):
            problems.append(f"{PREFIX}{name.upper()} must be limits such as {example}")
    for network in settings.networks:
        if not _are_limits(network.limits):
            problems.append(f"{PREFIX}NETWORKS: {network.name} needs limits such as 600/minute;6000/hour")
    return problems


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        # Only databases may do without a host: files, and local sockets.
        place = parts.hostname or ("http" not in schemes and parts.path.strip("/"))
        return parts.scheme in schemes and bool(place) and parts.port != 0
    except ValueError:
        return False


def _wrong_mail_options(url: str) -> str | None:
    """What this address would have to hold instead, or None. One misspelt option, and mail would leave in clear."""
    parts = urlsplit(url) if _is_address(url, SCHEMES["mail_url"]) else None
    if parts is None:
        return None
    allowed = ("tls", "ca") if parts.scheme == "smtp" else ("ca",)
    options = parse_qsl(parts.query, keep_blank_values=True)
    names = [name for name, _ in options]
    if parts.fragment or len(set(names)) < len(names) or not set(names) <= set(allowed):
        return f"no other options than {' and '.join(allowed)}, each once"
    given = dict(options)
    if given.get("tls", "starttls") != "starttls":
        return "tls=starttls, or no tls at all"
    if "ca" in given and not (Path(given["ca"]).is_file() and os.access(given["ca"], os.R_OK)):
        return "a file as ca that can be read"
    return None


def _are_limits(text: str) -> bool:
    try:
        return bool(parse_many(text))
    except ValueError:
        return False


def _weakness(settings: Settings, name: str) -> str | None:
    """Why this secret cannot be used, or None. A key has 32 bytes, and they do not repeat themselves."""
    variable = PREFIX + name.upper()
    value: str = getattr(settings, name)
    if not value:
        return f"{variable} is missing"
    for key in value.split(",") if name == "data_keys" else [value]:
        try:
            decoded = decode_key(key)
        except ValueError:
            return f"{variable} is not URL-safe Base64"
        if len(decoded) != SECRET_BYTES or len(set(decoded)) < SECRET_BYTES // 2:
            return f"{variable} is weak: it must be {SECRET_BYTES} random bytes in URL-safe Base64"
    return None
