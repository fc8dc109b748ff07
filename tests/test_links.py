"""Links that are mailed: tokens, codes, sealed values, and addresses that no Host header bends."""

import hashlib

import pytest
from flask import Flask

from petition import links
from petition.links import SealBroken


def test_a_token_holds_256_random_bits_and_fits_into_an_address() -> None:
    tokens = {links.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_of_a_token_only_its_sha256_is_kept() -> None:
    token = links.new_token()
    assert links.digest(token) == hashlib.sha256(token.encode()).digest()
    assert token.encode() not in links.digest(token)


def test_a_code_has_eight_digits_and_is_seldom_the_same() -> None:
    codes = {links.new_code() for _ in range(1000)}
    assert all(len(code) == 8 and code.isascii() and code.isdigit() for code in codes)
    assert len(codes) > 990


@pytest.mark.parametrize("value", ["text", 7, ["a", 1], {"hour": 3, "language": "it"}, None, "ñ 山田"])
def test_a_sealed_value_is_read_again_and_seals_to_the_same_text(app: Flask, value: object) -> None:
    sealed = links.seal("ticket", value)
    assert links.unseal("ticket", sealed) == value
    assert links.seal("ticket", value) == sealed, "pages stay the same bytes"


def test_a_value_sealed_for_one_purpose_does_not_open_for_another(app: Flask) -> None:
    with pytest.raises(SealBroken):
        links.unseal("address", links.seal("ticket", "x"))


@pytest.mark.parametrize("text", ["", ".", "x", "InRpY2tldCI", "a.b.c", "\0", "é", "ñ.ñ", "x" * 100_000])
def test_what_was_not_sealed_here_does_not_open(app: Flask, text: str) -> None:
    with pytest.raises(SealBroken):
        links.unseal("ticket", text)


@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_sealed_value_that_was_changed_does_not_open(app: Flask, place: int) -> None:
    sealed = list(links.seal("ticket", "a value that is long enough"))
    sealed[place] = "A" if sealed[place] != "A" else "Q"
    with pytest.raises(SealBroken):
        links.unseal("ticket", "".join(sealed))


def test_a_mailed_address_comes_from_the_settings_and_never_from_the_host_header(app: Flask) -> None:
    with app.test_request_context(headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}):
        link = links.external("health.healthz")
    assert link == "http://localhost:8000/healthz"
