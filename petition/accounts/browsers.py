"""The browser's name in a word or two, so that people know their own sessions apart."""

import re

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order, because most of them say that they are others too."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def name(user_agent: str) -> str:
    """Such as “Firefox, Linux”; empty where it says neither."""
    browser = next((called for word, called in _BROWSERS if re.search(rf"{word}\w*/", user_agent)), None)
    system = next((called for word, called in _SYSTEMS if word in user_agent), None)
    return ", ".join(filter(None, (browser, system)))
