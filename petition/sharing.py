"""Links with which a page is passed on: plain addresses, no script and no tracker of anybody's."""

from urllib.parse import quote

from flask_babel import gettext


def links(url: str, text: str, *, query: str = "") -> list[tuple[str, str]]:
    """Name and address of each way to pass this page on, in the present language; ``text`` goes before the URL.

    ``query`` is what the URL carries on.
    """
    url += query
    page, words, both = (quote(each, safe="") for each in (url, text, f"{text} {url}"))
    letter = quote(f"{text}\r\n\r\n{url}", safe="")
    return [
        (gettext("Email"), f"mailto:?subject={words}&body={letter}"),
        ("WhatsApp", f"https://wa.me/?text={both}"),
        ("Telegram", f"https://t.me/share/url?url={page}&text={words}"),
        ("X", f"https://x.com/intent/tweet?text={words}&url={page}"),
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?u={page}"),
        ("LinkedIn", f"https://www.linkedin.com/sharing/share-offsite/?url={page}"),
        ("Mastodon", f"https://share.joinmastodon.org/#text={both}"),
    ]
