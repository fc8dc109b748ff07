"""What the frame and the page around it say to each other, and what becomes of those who speak out of turn."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import make
from tests.embed.conftest import SLUG, Embedded
from tests.embed.elsewhere import PARTNER, STRANGER
from tests.embed.test_signing_elsewhere import fill, publish
from tests.running import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTE = """<script>
window.told = [];
addEventListener("declaration:signed", (event) => told.push({ ...event.detail, at: event.target.id }));
addEventListener("message", ({ data, origin }) => (window.heard ??= []).push([data, origin]));
</script>"""
HEIGHT = "document.querySelector('iframe').getBoundingClientRect().height"
REFUSED = "chrome-error://chromewebdata/"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(locale="en-GB", viewport={"width": 900, "height": 800}) as found:
        found.set_default_timeout(15_000)
        yield found


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def is_as_high_as_it_needs(page: Page) -> bool:
    inside = page.frames[1].evaluate("document.documentElement.scrollHeight")
    return bool(page.evaluate(HEIGHT) == inside)


def test_the_frame_is_as_high_as_it_needs_through_errors_and_thanks(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.elsewhere.put("/high", embedded.snippet("id='one'"), head=embedded.script + NOTE))
    expect(page.frame_locator("iframe").locator("h1").first).to_be_visible()
    page.wait_for_function(f"{HEIGHT} > 900")
    assert is_as_high_as_it_needs(page)
    before = page.evaluate(HEIGHT)
    page.set_viewport_size({"width": 340, "height": 800})
    page.wait_for_function(f"{HEIGHT} > {before}")
    page.frame_locator("iframe").locator("#email").fill("ada@gmial.com")
    fill(page.frame_locator("iframe"), make.email())
    expect(page.frame_locator("iframe").locator("h1").first).to_have_text("Please check your mailbox")
    page.wait_for_function(f"{HEIGHT} < {before}")
    page.wait_for_function("told.length")
    assert page.evaluate("told") == [{"declaration": make.SLUG, "partner": SLUG, "at": "one"}]
    heard = page.evaluate("heard")
    assert {tuple(sorted(data)) for data, _ in heard} == {("declaration", "value"), ("declaration",)}
    assert {origin for _, origin in heard} == {embedded.ours("")}


def test_forged_and_broken_messages_change_nothing(page: Page, embedded: Embedded) -> None:
    """From the page itself, from a frame of somebody else's, and from ours with what is no height."""
    forger = embedded.elsewhere.put(
        "/forger",
        "<script>for (const value of [9, 7777]) parent.postMessage({declaration: 'height', value}, '*');"
        "parent.postMessage({declaration: 'signed'}, '*')</script>",
        host=STRANGER,
    )
    body = embedded.snippet() + f'<iframe id="forger" src="{forger}"></iframe>'
    page.goto(embedded.elsewhere.put("/forged", body, head=embedded.script + NOTE))
    page.wait_for_function(f"{HEIGHT} > 900")
    right = page.evaluate(HEIGHT)
    page.evaluate("postMessage({declaration: 'height', value: 5000}, '*'); postMessage({declaration: 'signed'}, '*')")
    frame = next(each for each in page.frames if "/embed/" in each.url)
    for odd in ("NaN", "Infinity", "'900'", "null", "[700]", "{}"):
        frame.evaluate(f"parent.postMessage({{declaration: 'height', value: {odd}}}, '*')")
    frame.evaluate("for (const odd of [null, 1, 'height', [], {}]) parent.postMessage(odd, '*')")
    page.wait_for_function("heard.length >= 16")
    assert page.evaluate(HEIGHT) == right
    assert page.evaluate("told") == []
    for value, clamped in ((1e9, 8000), (-5, 120)):
        frame.evaluate(f"parent.postMessage({{declaration: 'height', value: {value}}}, '*')")
        page.wait_for_function(f"{HEIGHT} === {clamped}")


def test_the_frame_says_nothing_to_a_page_that_has_not_spoken(page: Page, embedded: Embedded) -> None:
    url = embedded.elsewhere.put("/silent", f'<iframe src="{embedded.frame()}"></iframe>', head=NOTE)
    page.goto(url)
    expect(page.frame_locator("iframe").locator("h1").first).to_be_visible()
    page.frames[1].evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
    assert page.evaluate("window.heard ?? []") == []


def test_several_on_one_page_each_have_their_own(page: Page, embedded: Embedded) -> None:
    body = embedded.snippet("id='one'") + embedded.snippet("id='two' source='two'").replace('lang="en"', 'lang="ar"')
    page.goto(embedded.elsewhere.put("/two", body, head=embedded.script + NOTE))
    page.evaluate("document.querySelector('#two').scrollIntoView()")
    expect(page.frame_locator("#one iframe").locator("html")).to_have_attribute("lang", "en")
    expect(page.frame_locator("#two iframe").locator("html")).to_have_attribute("dir", "rtl")
    assert page.locator("#one iframe").get_attribute("title") == "Sign"
    fill_arabic = page.frame_locator("#two iframe")
    fill_arabic.locator("#name").fill("Ada")
    fill_arabic.locator("#email").fill(make.email())
    fill_arabic.locator("#country").select_option("GB")
    fill_arabic.locator("#agree").check()
    fill_arabic.locator("#form > p:last-child button").click()
    page.wait_for_function("told.length")
    assert [each["at"] for each in page.evaluate("told")] == ["two"]
    assert embedded.submissions()[-1] == ("embed", SLUG, "two")


def test_an_element_that_is_moved_or_made_by_script_works(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.elsewhere.put("/made", "<div id='a'></div><div id='b'></div>", head=embedded.script))
    page.wait_for_function("Boolean(customElements.get('declaration-form'))")
    page.evaluate("snippet => { document.querySelector('#a').innerHTML = snippet }", embedded.snippet())
    page.wait_for_function(f"{HEIGHT} > 900")
    page.evaluate("document.querySelector('#b').append(document.querySelector('declaration-form'))")
    expect(page.frame_locator("#b iframe").locator("h1").first).to_be_visible()
    assert page.locator("iframe").count() == 1


# Who may not show it


def waits_until_refused(page: Page, number: int) -> None:
    """What stands in the frame is the browser's own page, not ours."""
    # Asking the page lets the news of its frames come in.
    until(lambda: page.evaluate("true") and len(page.frames) > number and page.frames[number].url == REFUSED)


def test_another_origin_is_refused_by_the_browser(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.elsewhere.put("/thief", f'<iframe src="{embedded.frame()}"></iframe>', host=STRANGER))
    waits_until_refused(page, 1)


def test_a_frame_within_a_frame_of_another_origin_is_refused(page: Page, embedded: Embedded) -> None:
    inner = publish(embedded, "/inner", script=False)
    page.goto(embedded.elsewhere.put("/outer", f'<iframe src="{inner}"></iframe>', host=STRANGER))
    expect(page.frame_locator("iframe").locator("h1")).to_have_text(f"A page of {PARTNER}")
    waits_until_refused(page, 2)


def test_the_page_that_confirms_is_refused_even_to_the_partner(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.elsewhere.put("/confirming", f'<iframe src="{embedded.ours("/en/confirm")}"></iframe>'))
    waits_until_refused(page, 1)


def test_a_harvested_ticket_posted_from_elsewhere_signs_nothing(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.frame())
    ticket = page.locator("input[name=ticket]").get_attribute("value") or ""
    fields = "".join(
        f'<input name="{name}" value="{value}">' for name, value in make.form(ticket=ticket, email=make.email()).items()
    )
    before = embedded.submissions()
    form = f'<form method="post" action="{embedded.frame()}">{fields}<button>Go</button></form>'
    for host in (STRANGER, PARTNER):
        page.goto(embedded.elsewhere.put("/harvested", form, host=host))
        with page.expect_navigation() as gone:
            page.get_by_role("button").click()
        assert gone.value.status == 403
        expect(page.locator("[role=alert]").first).to_contain_text("This form was sent from another site")
        expect(page.locator("#name")).to_have_value("Ada Lovelace")
    assert embedded.submissions() == before


# Sandboxes that hide the origin


def test_a_sandbox_that_hides_the_origin_gets_the_link_by_script(page: Page, embedded: Embedded) -> None:
    frame = f'<iframe sandbox="allow-scripts allow-forms" src="{embedded.frame(source="flyer")}"></iframe>'
    page.goto(embedded.elsewhere.put("/sandboxed", frame))
    link = page.frame_locator("iframe").get_by_role("link", name="Sign on our site")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == embedded.ours(f"{make.PAGE}?partner={SLUG}&source=flyer")
    expect(page.frame_locator("iframe").locator("#name")).to_be_hidden()


def test_a_sandbox_that_hides_the_origin_gets_the_link_at_the_post_without_script(
    chromium: Browser, embedded: Embedded
) -> None:
    frame = f'<iframe sandbox="allow-forms" src="{embedded.frame(source="flyer")}"></iframe>'
    before = embedded.submissions()
    with chromium.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(embedded.elsewhere.put("/sandboxed-still", frame))
        inside = page.frame_locator("iframe")
        fill(inside, make.email())
        link = inside.get_by_role("link", name="Sign on our site")
        expect(link).to_be_visible()
        assert link.get_attribute("href") == embedded.ours(f"{make.PAGE}?partner={SLUG}&source=flyer")
    assert embedded.submissions() == before


# Integrity


def test_the_snippet_to_copy_runs_with_its_integrity_and_a_changed_file_does_not(
    page: Page, embedded: Embedded
) -> None:
    page.goto(embedded.ours(f"/partners/{SLUG}?lang=en"))
    snippet = page.locator("pre.snippet").first.inner_text()
    page.goto(embedded.elsewhere.put("/copied", snippet))
    expect(page.frame_locator("iframe").locator("h1").first).to_be_visible()
    page.goto(embedded.elsewhere.put("/tampered", snippet.replace("sha384-", "sha384-x", 1)[:-1]))
    expect(page.get_by_role("link", name="Sign the declaration")).to_be_visible()
    assert page.locator("iframe").count() == 0


def test_the_live_preview_shows_the_form_as_high_as_it_needs(page: Page, embedded: Embedded) -> None:
    page.goto(embedded.ours(f"/partners/{SLUG}?lang=en"))
    page.locator("declaration-form").scroll_into_view_if_needed()
    expect(page.frame_locator("iframe").locator("h1").first).to_have_text(make_title(embedded))
    page.wait_for_function(f"{HEIGHT} > 900")


def make_title(embedded: Embedded) -> str:
    with embedded.app.app_context():
        return make.text().title


# WordPress


def test_the_card_tells_its_height_and_its_link_in_a_sandbox_like_wordpress(page: Page, embedded: Embedded) -> None:
    card = embedded.ours(f"/embed/{make.SLUG}/card?lang=en#?secret=Abc123")
    frame = f'<iframe sandbox="allow-scripts" security="restricted" src="{card}" width="600" height="280"></iframe>'
    page.goto(embedded.elsewhere.put("/blog", frame, host=STRANGER, head=NOTE))
    page.wait_for_function("window.heard?.length")
    data, _origin = page.evaluate("heard[0]")
    assert data["message"] == "height" and data["secret"] == "Abc123" and 100 < data["value"] < 400
    page.frame_locator("iframe").get_by_role("link").first.click()
    page.wait_for_function("heard.at(-1)[0].message === 'link'")
    assert page.evaluate("heard.at(-1)[0]") == {
        "message": "link",
        "secret": "Abc123",
        "value": embedded.ours(make.PAGE),
    }
