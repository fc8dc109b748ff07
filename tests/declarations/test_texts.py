"""A text: read from its file, rendered once, safely, and known by the sum that anybody can make."""

import hashlib
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petition.declarations import folders, markdown, texts
from petition.languages import CODES

PIECES = [
    "<script>", "</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](https://example.org)",
    "[b]: vbscript:x\n\n[b]", "![i](data:image/svg+xml,x)", "*", "**", "`", "\n\n", "> ", "1. ", "- ", "## ", "&lt;",
    "&#106;avascript:", "<", ">", '"', "'", "\\", "text", "](", ")", "[", "<javascript:x>", "\t", "<!--", "-->",
    "[^1]", "\n\n[^1]: ", "[^\"]", "|", "\n|-|-|\n",
]  # fmt: skip


class Seen(HTMLParser):
    """What a browser would make of it: the tags, and where the links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def _is_safe(seen: Seen) -> bool:
    schemes = {link.partition(":")[0].lower() for link in seen.links if re.match(r"\s*[a-z][a-z0-9+.-]*:", link, re.I)}
    return (
        not seen.tags & {"script", "style", "img", "iframe", "svg", "object", "form", "input", "h1"}
        and seen.attributes <= {"href", "rel", "title", "id", "role", "aria-label", "class", "start"}
        and schemes <= {"http", "https", "mailto"}
    )


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.example></SCRIPT>",
        "text <b onclick=alert(1)>bold</b>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe src=https://evil.example></iframe>",
        "<style>body { display: none }</style>",
        "<form action=https://evil.example><input name=email></form>",
        "<!-- --><script>alert(1)</script>",
        "<div><script>alert(1)</script></div>",
        "[link](javascript:alert(1))",
        "[link](JaVaScRiPt:alert(1))",
        "[link](java&#115;cript:alert(1))",
        "[link](<java\tscript:alert(1)>)",
        "[link](\u0001javascript:alert(1))",
        "[link](data:text/html,<script>alert(1)</script>)",
        "[link](vbscript:msgbox)",
        "[link](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[link]: javascript:alert(1)\n\n[link]",
        "![image](https://evil.example/pixel.png)",
        "![image](javascript:alert(1))",
        '[link](https://example.org "onmouseover=alert(1)")',
        '[link](https://example.org/"onmouseover="alert(1))',
        "```\n<script>alert(1)</script>\n```",
        "`<script>`",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "Title\n=====",
    ],
)
def test_what_could_harm_a_reader_is_taken_out(source: str) -> None:
    html = markdown.render(source)
    assert _is_safe(Seen(html)), html


def test_links_to_the_web_and_to_mail_addresses_stay() -> None:
    html = markdown.render("[one](https://example.org/a?b=1&c=2) <office@example.org>")
    assert Seen(html).links == ["https://example.org/a?b=1&c=2", "mailto:office@example.org"]
    assert html.count('rel="noopener noreferrer"') == 2


def test_a_footnote_and_the_place_it_belongs_to_lead_to_each_other() -> None:
    seen = Seen(markdown.render("One[^a] two[^b] three[^a].\n\n[^a]: First *note*.\n[^b]: Second.", document="why"))
    assert seen.ids == ["fnref-why-1", "fnref-why-2", "fnref-why-1-2", "fn-why-1", "fn-why-2"]
    assert seen.links[:3] == ["#fn-why-1", "#fn-why-2", "#fn-why-1"]
    assert seen.links[3:] == ["#fnref-why-1", "#fnref-why-1-2", "#fnref-why-2"], "each back to where it was called"
    assert seen.tags == {"p", "sup", "a", "div", "ol", "li", "em"}


def test_the_way_back_is_named_for_those_who_do_not_see_the_arrow() -> None:
    html = markdown.render("One[^a].\n\n[^a]: A note.")
    assert 'role="doc-noteref"' in html
    assert 'role="doc-backlink" aria-label="Back to where note 1 stands"' in html


def test_footnotes_of_two_documents_on_one_page_have_ids_of_their_own() -> None:
    source = "One[^1] and[^1].\n\n[^1]: A note."
    documents = ("text", "why", "questions-0", "questions-1")
    ids = Seen("".join(markdown.render(source, document=name) for name in documents)).ids
    assert len(set(ids)) == len(ids) == 12


def test_a_list_goes_on_counting_where_it_was_left() -> None:
    assert '<ol start="4">' in markdown.render("4. fourth\n5. fifth")


def test_headings_can_be_made_smaller_and_end_at_the_sixth() -> None:
    assert Seen(markdown.render("## Two\n\n###### Six", demote=1)).tags == {"h3", "h6"}


def test_raw_html_is_shown_as_what_it_is() -> None:
    assert markdown.render("a <b>bold</b> word") == "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>\n"


def test_an_image_goes_and_its_paragraph_stays() -> None:
    assert markdown.render("before ![alt](https://example.org/a.png) after") == "<p>before  after</p>\n"


def test_headings_lists_and_quotes_are_kept() -> None:
    html = markdown.render("## One\n\n> quoted\n\n1. first\n2. *second*\n\n- **third**\n\n---\n\nline  \nbreak")
    assert Seen(html).tags == {"h2", "blockquote", "p", "ol", "ul", "li", "em", "strong", "hr", "br"}


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_no_mixture_of_pieces_becomes_harmful(source: str) -> None:
    assert _is_safe(Seen(markdown.render(source)))


@pytest.mark.parametrize("language", CODES)
def test_the_sum_is_that_which_sha256sum_prints(language: str) -> None:
    file = folders.SAMPLE / f"{language}.md"
    printed = subprocess.run(["sha256sum", str(file)], capture_output=True, text=True, check=True).stdout.split()[0]
    text = texts.read(language, file.read_bytes(), _never)
    assert text is not None and text.sha256 == printed


@pytest.mark.parametrize(
    "content",
    [
        b"---\ntitle: A\nsummary: B\n---\nText",
        b"---\r\ntitle: A\r\nsummary: B\r\n---\r\nText\r\n",
        b"\xef\xbb\xbf---\ntitle: A\nsummary: B\n---\nText\n",
        "---\ntitle: A\nsummary: B\n---\nText\u2028more\x0b\x85\n".encode(),
    ],
)
def test_the_stored_source_is_the_file_byte_for_byte(content: bytes) -> None:
    text = texts.read("en", content, _never)
    assert text is not None
    assert text.source.encode() == content
    assert text.sha256 == hashlib.sha256(content).hexdigest()


def test_the_front_matter_gives_title_and_summary_and_stays_out_of_the_page(tmp_path: Path) -> None:
    content = "---\ntitle:  Dignity: a word \nsummary: One line.\n---\n\nThe text.\n"
    text = texts.read("en", content.encode(), _never)
    assert text is not None
    assert (text.title, text.summary, text.html) == ("Dignity: a word", "One line.", "<p>The text.</p>\n")


def _never(line: int, sentence: str) -> None:
    raise AssertionError(f"{line}: {sentence}")
