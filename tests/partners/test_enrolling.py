"""Partners: what may be said of them, switched on and off, found by slug and key."""

from typing import Any

import pyrage
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from petition.extensions import db
from petition.partners import api_keys, colours, enrolling, reading
from petition.partners.colours import Pair
from petition.partners.enrolling import Details
from petition.partners.refusals import AlreadyThere, DetailsRefused, NoSuchKey, TooManyKeys
from tests import make
from tests.signatures.steps import statements

pytestmark = pytest.mark.usefixtures("app")

BASE: dict[str, Any] = {"name": "Byron Trust", "contact": "desk@example.org"}


def test_a_partner_is_found_by_its_slug_as_it_was_described() -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())
    make.partner(
        origins=("https://WWW.Example.ORG:443/", "http://localhost:8001", "https://bücher.example.org"),
        builders=("wix",),
        languages=("en", "it"),
        carries=(make.SLUG,),
        colours={"light": {"accent": "#1F4568", "background": "#ffffff"}},
        age_key=key,
    )
    found = reading.find_known("byron")
    assert found is not None and found.enabled
    assert found.origins == ["https://www.example.org", "http://localhost:8001", "https://xn--bcher-kva.example.org"]
    assert found.frame_ancestors == [*found.origins, "https://*.filesusr.com"]
    assert found.colours == {"light": Pair("#1f4568", "#ffffff")}
    assert found.colours["light"].on_accent == "#ffffff"
    assert (found.age_key, found.contact_address) == (key, "desk@example.org")
    assert found.has(make.SLUG) and not found.has("another")
    assert found.consent and found.consent["it"] == make.CONSENT["it"]
    assert b"desk@example.org" not in found.contact, "no address stands in clear"


def test_an_unknown_partner_is_nobody() -> None:
    assert reading.find_known("nobody") is None
    assert reading.find_known("") is None


def test_partners_that_somebody_made_up_cost_no_query_each() -> None:
    make.partner()
    with statements() as asked:
        for number in range(50):
            assert reading.find_known(f"made-up-{number}") is None
        assert reading.find_known("byron") is not None
    assert len([statement for statement in asked if "partners" in statement]) <= 4


def test_a_slug_is_given_once() -> None:
    make.partner()
    with pytest.raises(AlreadyThere):
        enrolling.create("byron", Details(**BASE))


@pytest.mark.parametrize(
    "slug", ["", "b", "Byron", "by ron", "b" * 41, "býron", "byron\n", "-byron", "byron-", "by--ron", "--", "new"]
)
def test_a_slug_is_of_small_letters_digits_and_single_hyphens_and_no_word_of_our_addresses(slug: str) -> None:
    with pytest.raises(DetailsRefused) as refusal:
        enrolling.create(slug, Details(**BASE))
    assert refusal.value.field == "slug"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "=cmd()"}),
        ("contact", {"contact": "desk"}),
        ("site", {"site": "http://www.example.org"}),
        ("site", {"site": "https://www.example.org/ x"}),
        ("site", {"site": "javascript:alert(1)"}),
        ("origins", {"origins": ("http://www.example.org",)}),
        ("origins", {"origins": ("https://*.example.org",)}),
        ("origins", {"origins": ("https://www.example.org/page",)}),
        ("origins", {"origins": ("https://a@www.example.org",)}),
        ("origins", {"origins": ("https://www.example.org; script-src *",)}),
        ("origins", {"origins": ("https://www.example.org:99999",)}),
        ("origins", {"origins": ("null",)}),
        ("origins", {"origins": tuple(f"https://www{nth}.example.org" for nth in range(21))}),
        ("builders", {"builders": ("anything",)}),
        ("languages", {"languages": ("xx",)}),
        ("carries", {"carries": ("no-such",)}),
        ("light_accent", {"colours": {"light": {"accent": "#777777", "background": "#888888"}}}),
        ("light_accent", {"colours": {"light": {"accent": "#ffffff", "background": "#000000"}}}),
        ("dark_accent", {"colours": {"dark": {"accent": "red", "background": "#000000"}}}),
        ("wording_en", {"wordings": {"en": "x\u202ey"}}),
        ("wordings", {"wordings": {"xx": "Yes"}}),
        ("age_key", {"age_key": "age1nonsense"}),
        ("may_share", {"may_share": True}),
        ("notice", {"may_share": True, "wordings": {"en": "Yes"}}),
    ],
)
def test_what_cannot_stand_is_refused_and_its_field_is_named(field: str, said: dict[str, Any]) -> None:
    with pytest.raises(DetailsRefused) as refusal:
        enrolling.create("byron", Details(**{**BASE, **said}))
    assert refusal.value.field == field and str(refusal.value.sentence)
    assert reading.find_known("byron") is None


def test_the_contrast_is_that_of_the_standard() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_switched_off_a_partner_may_frame_nothing_until_it_is_switched_on_again() -> None:
    partner = make.partner()
    enrolling.disable(partner)
    db.session.commit()
    found = reading.find_known("byron")
    assert found is not None and not found.enabled and found.frame_ancestors == []
    enrolling.enable(partner)
    db.session.commit()
    found = reading.find_known("byron")
    assert found is not None and found.enabled
    assert partner.disabled_at is not None, "facts are added, and none is cleared"


def test_two_keys_live_at_once_and_only_their_digests_are_kept() -> None:
    partner = make.partner()
    (old, first), (_new, second) = api_keys.make(partner), api_keys.make(partner)
    with pytest.raises(TooManyKeys):
        api_keys.make(partner)
    db.session.commit()
    for secret in (first, second):
        found = reading.find_by_key(secret)
        assert found is not None and found.partner.slug == "byron" and secret.endswith(found.last_four)
    kept = str(db.session.execute(text("SELECT * FROM partner_keys")).all())
    assert first not in kept and second.split("_", 2)[2] not in kept
    api_keys.revoke(partner, old.public_id)
    api_keys.revoke(partner, old.public_id)
    db.session.commit()
    assert reading.find_by_key(first) is None
    assert reading.find_by_key(second) is not None
    api_keys.make(partner)


def test_another_partners_key_cannot_be_revoked() -> None:
    key, secret = api_keys.make(make.partner())
    with pytest.raises(NoSuchKey):
        api_keys.revoke(make.partner("other"), key.public_id)
    db.session.commit()
    assert reading.find_by_key(secret) is not None


SHAPED = "petition_{}_{}".format


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "petition_",
        "x" * 10_000,
        "\0",
        SHAPED("0" * 8, "a" * 42),
        SHAPED("0" * 8, "a" * 44),
        SHAPED("g" * 8, "a" * 43),
        SHAPED("0" * 8, "ä" * 43),
        SHAPED("0" * 8, "a" * 43) + "\n",
    ],
)
def test_what_cannot_be_a_key_opens_nothing_and_the_database_is_not_asked(secret: str) -> None:
    api_keys.make(make.partner())
    with statements() as asked:
        assert reading.find_by_key(secret) is None
    assert asked == []


def test_keys_that_somebody_made_up_cost_no_query_each() -> None:
    partner = make.partner()
    (_key, secret), (gone, revoked) = api_keys.make(partner), api_keys.make(partner)
    api_keys.revoke(partner, gone.public_id)
    db.session.commit()
    with statements() as asked:
        for number in range(50):
            assert reading.find_by_key(SHAPED(f"{number:08}", "a" * 43)) is None
        assert reading.find_by_key(revoked) is None
        found = reading.find_by_key(secret)
    assert found is not None and found.partner.slug == "byron"
    assert len([statement for statement in asked if "partner_keys" in statement]) == 2, "the living ones, and this one"


def test_a_key_is_taken_as_soon_as_it_is_made() -> None:
    partner = make.partner()
    assert reading.find_by_key(SHAPED("0" * 8, "a" * 43)) is None, "which has the process learn all keys"
    _key, secret = api_keys.make(partner)
    db.session.commit()
    assert reading.find_by_key(secret) is not None


def test_the_database_refuses_who_may_share_without_a_notice() -> None:
    partner = make.partner()
    with pytest.raises(IntegrityError, match="shares_with_a_notice"), db.session.begin_nested():
        db.session.execute(text("UPDATE partners SET notice = '' WHERE id = :id"), {"id": partner.id})
