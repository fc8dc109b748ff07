"""Colours of a partner's own, in light and in dark, which must be readable (WCAG 2.2, section 1.4.3)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

LEAST_CONTRAST = 4.5
MODES = ("light", "dark")
INK = {"light": "#1a2027", "dark": "#e4e7ea"}
"""Our own text, as ``static/site.css`` sets it on whatever background there is."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class Pair(NamedTuple):
    """What links and buttons are coloured with, and what they stand on."""

    accent: str
    background: str

    @property
    def on_accent(self) -> str:
        """Black or white, whichever reads better on a button; one of them always reaches 4.5."""
        return max("#ffffff", "#000000", key=lambda ink: contrast(ink, self.accent))


def is_colour(text: str) -> bool:
    """Whether it is written ``#rrggbb``, in small letters."""
    return bool(_COLOUR.fullmatch(text))


def stored(kept: Mapping[str, Mapping[str, str]]) -> dict[str, Pair]:
    return {mode: Pair(kept[mode]["accent"], kept[mode]["background"]) for mode in MODES if mode in kept}


def is_readable(pair: Pair, mode: str) -> bool:
    """Whether accent and text both stand out from the background."""
    return all(contrast(each, pair.background) >= LEAST_CONTRAST for each in (pair.accent, INK[mode]))


def contrast(one: str, other: str) -> float:
    """From 1 to 21, as WCAG 2.2 defines the contrast ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
