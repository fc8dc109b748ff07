"""Mail addresses: which are well formed, which are one mailbox, how they are kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petition import addresses
from petition.addresses import AddressRefused
from petition.keys import Keys, Undecipherable
from petition.settings import Settings
from tests import make

LOCALS = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9.+_-]{0,20}[a-zA-Z0-9]", fullmatch=True)
DOMAINS = st.sampled_from([*addresses.PROVIDERS, "example.org", "bücher.example.org"])


@pytest.fixture
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.from_settings(_settings(tmp_path_factory))


def _settings(factory: pytest.TempPathFactory) -> Settings:
    return make.settings(factory.mktemp("instance"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ADA@EXAMPLE.ORG"),
        ("ada@example.org", "  ada@Example.Org "),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada.lovelace@gmail.com", "adalovelace@gmail.com"),
        ("ada.lovelace@gmail.com", "A.D.A.Lovelace+petition@googlemail.com"),
        ("ada@outlook.com", "ada+x@outlook.com"),
        ("ada@yahoo.com", "ada-x@yahoo.com"),
        ("adabcd@proton.me", "ada.b-c_d+tag@protonmail.com"),
        ("adabcd@pm.me", "adabcd@proton.me"),
        ("straße@example.org", "STRASSE@example.org"),
    ],
)
def test_addresses_known_to_be_one_mailbox_are_one(one: str, other: str) -> None:
    assert addresses.parse(one).canonical == addresses.parse(other).canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada.lovelace@example.org", "adalovelace@example.org"),
        ("ada+x@example.org", "ada@example.org"),
        ("ada-x@example.org", "ada@example.org"),
        ("ada.x@outlook.com", "adax@outlook.com"),
        ("ada-x@gmail.com", "ada@gmail.com"),
        ("ada+x@yahoo.com", "ada@yahoo.com"),
        ("ada@yahoo.com", "ada@ymail.com"),
        ("ada@gmail.com", "ada@gmail.com.example.org"),
        ("ada@example.org", "ada@example.com"),
    ],
)
def test_addresses_that_may_be_two_people_stay_two(one: str, other: str) -> None:
    assert addresses.parse(one).canonical != addresses.parse(other).canonical


@pytest.mark.parametrize("tagged", ["ada+x", "ada=x", "ada#x", "Ada+a+b"])
def test_the_looser_key_strips_tags_everywhere(tagged: str) -> None:
    assert addresses.parse(f"{tagged}@example.org").loose == addresses.parse("ada@example.org").loose


def test_mail_goes_to_the_address_as_typed() -> None:
    assert addresses.parse(" Ada.Lovelace+x@gmail.com ").typed == "Ada.Lovelace+x@gmail.com"


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("Ada.Lovelace+x@example.org", "Ada.Lovelace+x@example.org"),
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
        ("jörg@exämple.org", "jörg@xn--exmple-cua.org"),
    ],
)
def test_a_mail_server_is_given_domains_in_idna(typed: str, taken: str) -> None:
    assert addresses.deliverable(typed) == taken


@pytest.mark.parametrize(
    "typed", ["a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "<a@example.org>", "a"]
)
def test_what_is_no_single_address_is_given_to_no_mail_server(typed: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.deliverable(typed)


def test_an_internationalised_domain_is_compared_in_idna() -> None:
    address = addresses.parse("ada@Bücher.Example.org")
    assert (address.typed, address.domain) == ("ada@bücher.example.org", "xn--bcher-kva.example.org")


@pytest.mark.parametrize("local", ["+x", "+", "a+"])
def test_a_local_part_that_is_all_tag_is_not_emptied(local: str) -> None:
    assert not addresses.parse(f"{local}@gmail.com").canonical.startswith("@")
    assert not addresses.parse(f"{local}@example.org").loose.startswith("@")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "ada",
        "@example.org",
        "ada@",
        "ada@@example.org",
        "ada@example",
        "ada@localhost",
        "ada@.org",
        "ada@example..org",
        "ada@-example.org",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "ada lovelace@example.org",
        "ada@exa mple.org",
        "Ada <ada@example.org>",
        '"ada"@example.org',
        "ada@example.org, eve@example.org",
        "ada@example.org\nBcc: eve@example.org",
        "ada\r\n@example.org",
        "ada\0@example.org",
        "ada@example.org\0",
        "ada@[192.0.2.1]",
        "ada@[IPv6:::1]",
        "ada\u202e@example.org",
        "ada\ud800@example.org",
        "ada@xn--a.example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@" + "a." * 130 + "org",
        "a" * 64_000 + "@example.org",
    ],
)
def test_what_no_mail_server_would_take_is_refused(typed: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.parse(typed)


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[^@\s]*@[^@\s]*", fullmatch=True) | st.text(st.characters(exclude_categories=())))
def test_reading_an_address_refuses_or_reads_and_never_breaks(text: str) -> None:
    try:
        address = addresses.parse(text)
    except AddressRefused:
        return
    assert address.canonical.count("@") == 1
    assert addresses.parse(address.typed).canonical == address.canonical


@settings(deadline=None)
@given(LOCALS, DOMAINS)
def test_a_canonical_address_is_its_own_canonical_address(local: str, domain: str) -> None:
    try:
        address = addresses.parse(f"{local}@{domain}")
    except AddressRefused:
        return
    again = addresses.Address(address.canonical, *address.canonical.rsplit("@", 1))
    assert again.canonical == address.canonical


def test_what_is_kept_of_an_address_shows_none_of_it(keys: Keys) -> None:
    address = addresses.parse("ada.lovelace@gmail.com")
    kept = addresses.keep(address, keys)
    everything = kept.encrypted + kept.mailbox + kept.loose_mailbox + kept.domain
    assert not any(word in everything for word in (b"ada", b"lovelace", b"gmail"))
    assert keys.decrypt(kept.encrypted) == "ada.lovelace@gmail.com"


def test_one_mailbox_is_found_again_and_its_keys_do_not_speak_of_each_other(keys: Keys) -> None:
    one = addresses.keep(addresses.parse("ada.lovelace@gmail.com"), keys)
    other = addresses.keep(addresses.parse("adalovelace+x@googlemail.com"), keys)
    assert (one.mailbox, one.loose_mailbox) == (other.mailbox, other.loose_mailbox)
    assert one.encrypted != other.encrypted
    assert one.domain != other.domain, "the domain is the one that was typed"
    plain = addresses.keep(addresses.parse("ada@example.org"), keys)
    assert plain.mailbox != plain.loose_mailbox, "equal texts, two purposes"


def test_another_installation_finds_and_reads_nothing(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> None:
    stranger = Keys.from_settings(_settings(tmp_path_factory))
    kept = addresses.keep(addresses.parse("ada@example.org"), keys)
    assert addresses.keep(addresses.parse("ada@example.org"), stranger).mailbox != kept.mailbox
    with pytest.raises(Undecipherable):
        stranger.decrypt(kept.encrypted)
