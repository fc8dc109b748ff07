"""What goes along so that anybody can check a delivery: VERIFY.txt in plain words, and the program verify.py."""

import textwrap
from pathlib import Path

from flask_babel import force_locale, gettext

from petition import whole
from petition.packages import site_key
from petition.staging.orders import Order
from petition.staging.staging import Staging

PROGRAM = Path(__file__).with_name("verify.py")
WIDTH = 78


def make(staging: Staging, order: Order, folder: Path) -> list[Path]:
    """``VERIFY.txt``, in English and in the order's first language, and ``verify.py`` as it lies here."""
    languages = list(dict.fromkeys(["en", order.languages[0]]))
    text = "\n\n\n".join(_words(staging, language) for language in languages) + "\n"
    return [
        whole.write(folder / "VERIFY.txt", text.encode()),
        whole.write(folder / "verify.py", PROGRAM.read_bytes()),
    ]


def _words(staging: Staging, language: str) -> str:
    facts = staging.facts
    page = f"{facts.site}/{language}/{facts.slug}/deliveries"
    fingerprint = site_key.fingerprint()
    with force_locale(language):
        paragraphs = [
            gettext("How to check this delivery"),
            gettext(
                "manifest.json names every file with its size and its SHA-256; manifest.sig is the site's signature "
                "under it. So nobody can change, leave out or add anything without its being noticed."
            ),
            gettext("1. Install Python 3.9 or newer and its package cryptography:"),
            "    python3 -m pip install cryptography",
            gettext("2. Read the public key on the declaration's page, not in this folder: %(page)s", page=page),
            gettext("3. Run the program on the ZIP file, or on the folder it was unpacked into:"),
            "    python3 verify.py PACKAGE --key KEY",
            gettext("It needs no network. It says YES, or which file is changed, missing or added."),
            gettext("verify.py is short: whoever doubts it can read it, or have it read, before running it."),
            gettext("The key's fingerprint must be this one, here and on the page:"),
            f"    {fingerprint[:39]}\n    {fingerprint[40:]}",
        ]
    return "\n\n".join(map(_wrapped, paragraphs))


def _wrapped(paragraph: str) -> str:
    """Commands and keys stay as they are, and so does what has no spaces to break at."""
    if paragraph.startswith(" "):
        return paragraph
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)
