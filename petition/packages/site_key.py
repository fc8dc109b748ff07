"""The site's key for deliveries: Ed25519, made from the signing key among the settings; its notes are C2SP's."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from petition.packages import verify as verifying
from petition.packages.verify import Damaged, Key
from petition.settings import Settings, decode_key


def public_key() -> Key:
    """The key that the site publishes, named after its host."""
    return Key(_settings().base_host, _private_key().public_key().public_bytes_raw())


def public_key_line() -> str:
    """The same as verifiers take it: ``name+id+base64`` (c2sp.org/signed-note)."""
    return str(public_key())


def fingerprint() -> str:
    """The SHA-256 of the public key, in groups that people can compare."""
    return public_key().fingerprint


def sign(slug: str, manifest: bytes) -> bytes:
    """The signed note over a manifest: what ``manifest.sig`` holds. The same manifest gives the same bytes."""
    key = public_key()
    text = verifying.note_text(key, slug, manifest)
    return f"{text}\n{verifying.signature_line(key, _private_key().sign(text.encode()))}".encode()


def verify(note: bytes, manifest: bytes, *, slug: str, key: Key) -> bool:
    """Whether this key has signed this manifest of this declaration."""
    try:
        verifying.check_note(note, manifest, slug, key)
    except Damaged:
        return False
    return True


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(decode_key(_settings().signing_key))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["petition.settings"]
    return settings
