"""How often one client may post: sliding windows, kept in Redis or in memory."""

import math
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_limiter import Limiter
from redis import ConnectionError, ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from petition import links
from petition.defence import clients, origins
from petition.settings import Settings

SOCKET_TIMEOUT_SECONDS = 0.08
"""Redis is asked twice before memory takes over, and that must be done within 0.2 s."""

ONE_SERVER = ("redis", "rediss", "redis+unix")
"""Schemes of a single Redis."""

STAFF_LIMITS = "120/minute;3000/hour"
"""More than a person at work posts, who decides over one signature after the other."""

View = TypeVar("View", bound=Callable[..., Any])


def _client_and_declaration() -> str:
    """Who is limited, and for which declaration (or page); the network address itself is never kept.

    What another site has a browser post is counted apart, so that it uses up nothing of what its visitors may post.
    """
    subject = (request.view_args or {}).get("slug") or request.endpoint
    return f"{clients.network_hash().hex()} {subject}{'' if origins.is_ours() else ' foreign'}"


def _limits() -> str:
    network = clients.named_network()
    settings: Settings = current_app.extensions["petition.settings"]
    return network.limits if network else settings.sign_limits


class _PostsLimiter(Limiter):
    """Limits what a decorator says, which only POSTs have, and does not look at every other request as well."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _PostsLimiter(
    key_func=_client_and_declaration,
    strategy="sliding-window-counter",
    key_prefix="petition",
)


def init_app(app: Flask, settings: Settings) -> None:
    if settings.redis_url:
        app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url
        app.config["RATELIMIT_STORAGE_OPTIONS"] = _storage_options(settings.redis_url)
        app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    else:
        app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    limiter.init_app(app)


def _storage_options(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
    }
    if urlsplit(url).scheme not in ONE_SERVER:
        return {**options, "retry": Retry(NoBackoff(), 0)}
    # Silence is not waited for twice.
    once_more = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    pool = ConnectionPool.from_url(url.replace("redis+unix:", "unix:", 1), **options, retry=once_more)
    pool.connection_class = type("_Trusted", (_TrustedOpen, pool.connection_class), {})
    return {"connection_pool": pool}


class _TrustedOpen:
    """A connection that is not asked before each command whether it is there: that would cost half a command.

    One that Redis has cut says so at its next command, which is then given on a new one.
    """

    def can_read(self, timeout: float = 0) -> bool:
        return False


def limit_posts(view: View) -> View:
    """Hold the view's POSTs to the configured limits; every one counts, whatever comes of it."""
    return cast(View, limiter.limit(_limits, methods=["POST"])(view))


def limit_posts_by_link(is_live: Callable[[str], bool]) -> Callable[[View], View]:
    """Hold the view's POSTs to the configured limits for each mailed link, whoever follows it.

    A mail provider ends the updates of many people from a few addresses, and must not be sent away. A token
    that ``is_live`` does not know was made up, and counts for the client like any other post.
    """

    def link_or_client() -> str:
        token = str((request.view_args or {}).get("token"))
        # The digest, because a token is kept nowhere.
        return links.digest(token).hex() if is_live(token) else _client_and_declaration()

    return cast(Callable[[View], View], limiter.limit(_limits, key_func=link_or_client, methods=["POST"]))


def limit_posts_of(
    who: Callable[[], str | None], *, limits: Callable[[], str] = lambda: STAFF_LIMITS
) -> Callable[[View], View]:
    """Hold the view's POSTs to ``limits`` for each ``who``; where it is nobody known, to those of the client."""

    def who_or_client() -> str:
        return who() or _client_and_declaration()

    def theirs() -> str:
        return limits() if who() else _limits()

    return cast(Callable[[View], View], limiter.limit(theirs, key_func=who_or_client, methods=["POST"]))


def seconds_to_wait() -> int:
    """When the limit that was just exceeded has room again, for Retry-After; a minute where nobody knows."""
    exceeded = limiter.current_limit
    if exceeded is None:
        return 60
    # When the window passes on, what was counted in it fades: one share of it later there is room for one.
    share = exceeded.limit.get_expiry() / exceeded.limit.amount
    return math.ceil(exceeded.reset_at - time.time() + share)
