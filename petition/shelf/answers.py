"""One rendered answer: its bytes, its compressed bytes, its headers."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from flask import Response

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """An answer as WSGI takes it. Its ETag comes from its bytes alone, so every worker gives the same."""

    etag: str
    plain: bytes
    zipped: bytes
    plain_headers: Headers
    zipped_headers: Headers
    unchanged_headers: Headers

    @classmethod
    def from_response(cls, response: Response) -> "Answer":
        headers = [each for each in response.headers.items() if each[0] not in ("Content-Length", "ETag", "Vary")]
        return cls.make(response.get_data(), headers)

    def with_body(self, plain: bytes) -> "Answer":
        """The same answer with other bytes, packed quickly because fewer ask for it."""
        own = ("Content-Length", "ETag", "Vary")
        return self.make(plain, [each for each in self.plain_headers if each[0] not in own], level=4)

    @classmethod
    def make(cls, plain: bytes, headers: Headers, *, level: int = 9) -> "Answer":
        # No time of packing inside: every worker must make the same bytes. The shortest get longer by it.
        zipped = gzip.compress(plain, level, mtime=0)
        shrinks = len(zipped) < len(plain)
        # Weak, because the plain and the compressed form share it.
        etag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'
        shared = [*headers, ("ETag", etag), ("Vary", "Accept-Encoding")]
        plain_headers = [*shared, ("Content-Length", str(len(plain)))]
        zipped_headers = [*shared, ("Content-Encoding", "gzip"), ("Content-Length", str(len(zipped)))]
        return cls(
            etag=etag,
            plain=plain,
            zipped=zipped if shrinks else plain,
            plain_headers=plain_headers,
            zipped_headers=zipped_headers if shrinks else plain_headers,
            unchanged_headers=[(name, value) for name, value in shared if name != "Content-Type"],
        )

    def is_known(self, if_none_match: str) -> bool:
        """Whether the ETags that a client already has include this one (RFC 9110, section 13.1.2)."""
        if not if_none_match:
            return False
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in tags or self.etag.removeprefix("W/") in tags


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip was asked for, and not with a quality of 0."""
    qualities: dict[str, str] = {}
    for item in accept_encoding.lower().split(","):
        name, _, quality = item.partition(";")
        qualities[name.strip()] = quality.replace(" ", "")
    # What names gzip goes before what stands for every other coding (RFC 9110, section 12.5.3).
    wanted = qualities.get("gzip", qualities.get("*"))
    return wanted is not None and wanted not in ("q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000")
