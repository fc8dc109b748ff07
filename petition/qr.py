"""QR codes: an address as a picture, for paper and for the screen beside."""

import io
from functools import lru_cache

import segno


@lru_cache(maxsize=64)
def svg(address: str) -> bytes:
    """An SVG with the quiet zone that ISO/IEC 18004 asks for; the same address gives the same bytes."""
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    # Black on white whatever the page's colours: not every camera reads the reverse.
    code.save(drawn, kind="svg", border=4, light="#fff", svgclass=None, lineclass=None)
    return drawn.getvalue()


def inline_svg(text: str) -> str:
    """The same to stand within a page; what it says is kept nowhere."""
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_inline(border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True))
