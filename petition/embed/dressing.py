"""A partner's colours as the frame's own style, in which everything stays readable."""

import base64
import hashlib
from collections.abc import Iterator
from functools import lru_cache

from petition.partners.colours import INK, LEAST_CONTRAST, Pair, contrast
from petition.partners.models import Partner

LEAST_EDGE = 3.0
"""For what is no text, such as the border of a field (WCAG 2.2, section 1.4.11)."""
OURS = {
    "light": {"quiet": "#4f5b66", "wrong": "#a11a1a", "edge": "#737e89"},
    "dark": {"quiet": "#a7b2bc", "wrong": "#ffa79d", "edge": "#7b8793"},
}
"""What else stands on the background, as ``static/site.css`` colours it."""


def style(partner: Partner) -> str:
    """CSS that goes over ours; empty for a partner without colours."""
    return "".join(
        f"@media(prefers-color-scheme:{mode}){{:root{{{';'.join(_properties(mode, pair))}}}}}"
        for mode, pair in partner.colours.items()
    )


@lru_cache(maxsize=256)
def source(style: str) -> str:
    """What the policy must allow for this style to stand in the page (CSP level 3, section 6.7.2.3)."""
    if not style:
        return "'self'"
    return f"'self' 'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _properties(mode: str, pair: Pair) -> Iterator[str]:
    yield f"--paper:{pair.background}"
    yield f"--accent:{pair.accent}"
    yield f"--accent-strong:{pair.accent}"
    yield f"--on-accent:{pair.on_accent}"
    for name, colour in OURS[mode].items():
        least = LEAST_EDGE if name == "edge" else LEAST_CONTRAST
        if contrast(colour, pair.background) < least:
            yield f"--{name}:{INK[mode]}"
