"""Site builders that put embedded code into frames on hosts of their own, which must be allowed around the form."""

from collections.abc import Iterable

WRAPPERS: dict[str, tuple[str, ...]] = {
    # Their HTML elements lie in frames on these hosts; the page around them is at the partner's own origin.
    "wix": ("https://*.filesusr.com",),
    "google-sites": ("https://*.googleusercontent.com",),
}
"""The hosts by the builder's name, as ``frame-ancestors`` writes them (CSP level 3, section 2.3.1)."""


def wrappers(names: Iterable[str]) -> list[str]:
    """Of a builder that is not known any more there are none."""
    return [host for name in names for host in WRAPPERS.get(name, ())]
