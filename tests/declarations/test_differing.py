"""Differences as people read them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petition.declarations import differing

BODIES = st.lists(st.text("ab \n中x.", max_size=30), max_size=6).map("\n\n".join)


def _told(before: str, after: str) -> list[str]:
    marks = {"same": "{}", "added": "[+{}]", "removed": "[-{}]"}
    found = differing.compare(before, after)
    return ["".join(marks[run.kind].format(run.words) for run in paragraph.runs) for paragraph in found]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("One.\n\nTwo.", "One.\n\nTwo.", ["One.", "Two."]),
        ("", "One.", ["[+One.]"]),
        ("One.", "", ["[-One.]"]),
        (
            "The old words stand here.",
            "The new words stand here, too.",
            ["The [-old][+new] words stand here[+, too]."],
        ),
        ("First.\n\nThird one.", "First.\n\nSecond!\n\nThird one.", ["First.", "[+Second!]", "Third one."]),
        ("孩子的尊严", "儿童的尊严", ["[-孩子][+儿童]的尊严"]),
        ("كرامة الأطفال اليوم", "كرامة الطفل اليوم", ["كرامة [-الأطفال][+الطفل] اليوم"]),
        ("<b>One</b> two three", "<i>One</i> two three", None),
    ],
)  # fmt: skip
def test_the_difference_is_told_by_paragraphs_and_words(before: str, after: str, told: list[str] | None) -> None:
    assert told is None or _told(before, after) == told


def test_what_stayed_far_from_any_change_is_left_out_and_counted() -> None:
    before = "\n\n".join(f"Paragraph {number}." for number in range(10))
    found = differing.shorten(differing.compare(before, before.replace("Paragraph 4.", "Paragraph four.")))
    assert [each if isinstance(each, int) else "".join(run.words for run in each.runs) for each in found] == [
        3,
        "Paragraph 3.",
        "Paragraph 4four.",
        "Paragraph 5.",
        4,
    ]


@settings(deadline=None)
@given(before=BODIES, after=BODIES)
def test_what_stayed_and_came_is_the_new_text_and_what_stayed_and_went_the_old(before: str, after: str) -> None:
    def words(text: str) -> list[str]:
        return text.split()

    found = differing.compare(before, after)
    for kind, text in (("removed", before), ("added", after)):
        told = "\n\n".join(
            "".join(run.words for run in paragraph.runs if run.kind in ("same", kind)) for paragraph in found
        )
        assert sorted("".join(words(told))) == sorted("".join(words(text)))
    if before == after:
        assert differing.is_same(found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 200_000, "b " * 200_000),
        ("a\n\n" * 100_000, "b\n\n" * 100_000),
        ("ab " * 900, "ba " * 900),
        (
            "\n\n".join(f"word {n} and so on" for n in range(900)),
            "\n\n".join(f"so {n} on word and" for n in range(900)),
        ),
    ],
)
def test_no_text_takes_long_to_compare(before: str, after: str) -> None:
    began = time.monotonic()
    differing.compare(before, after)
    assert time.monotonic() - began < 5
