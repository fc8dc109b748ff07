"""Requests as a browser sends them, as bytes; written once, so that sending them costs the client little."""

import json
from urllib.parse import urlencode

NUMBER = b"00000000"
"""Stands in a request where every one has a number of its own; of the same length, so that the rest stays as it is."""
_BROWSER = (
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.7\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
)


def get(host: str, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{_BROWSER}\r\n".encode()


def post(host: str, path: str, **fields: str) -> bytes:
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{_BROWSER}Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def sign(host: str, path: str, ticket: str) -> bytes:
    """The form as somebody fills it in; each gets an address of its own."""
    return post(
        host,
        path,
        name="Zoë Müller-O’Neill",
        email=f"signatory{NUMBER.decode()}@example.org",
        country="IT",
        affiliation="Università degli Studi di Example",
        role="Professor of paediatrics",
        visibility="addressee",
        agree="y",
        ticket=ticket,
    )


def submit(host: str, path: str, key: str, *, sha256: str, agreed: str) -> bytes:
    """The same as a partner's server sends it; each has an address and an Idempotency-Key of its own."""
    number = NUMBER.decode()
    posted = {
        "language": "en",
        "text_sha256": sha256,
        "name": "Zoë Müller-O’Neill",
        "email": f"signatory{number}@example.org",
        "country": "IT",
        "affiliation": "Università degli Studi di Example",
        "role": "Professor of paediatrics",
        "visibility": "addressee",
        "consents": {"agree": agreed},
        "referrer_data": {"source": "spring"},
    }
    body = json.dumps(posted)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: bench-{number}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def confirm(host: str, path: str, submission: str) -> bytes:
    """The page that the mailed link opens, sent back as it was shown."""
    return post(
        host,
        path,
        name="Zoë Müller-O’Neill",
        country="IT",
        affiliation="Università degli Studi di Example",
        role="Professor of paediatrics",
        visibility="addressee",
        submission=submission,
    )
