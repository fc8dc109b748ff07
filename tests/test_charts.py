"""Charts: what is drawn is what the values say, mirrored where one reads from the right."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from petition import charts
from petition.charts import PLOT_HEIGHT, Bar, Frame

SVG = "{http://www.w3.org/2000/svg}"


def _frame(*, top: int = 10, mirrored: bool = False, title: str = "By day") -> Frame:
    return Frame("days", title, "What it shows", top, [(top, str(top))], ("first", "last"), mirrored)


def _read(svg: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(svg).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def _numbers(element: ElementTree.Element, *names: str) -> list[float]:
    return [float(element.attrib[name].rstrip("%")) for name in names]


def test_a_column_is_as_high_as_its_value() -> None:
    marks = list(_read(charts.columns(_frame(), [0, 5, 10])).iter(f"{SVG}rect"))
    assert [_numbers(mark, "height") for mark in marks] == [[0], [PLOT_HEIGHT / 2], [PLOT_HEIGHT]]
    assert all(sum(_numbers(mark, "y", "height")) == PLOT_HEIGHT for mark in marks), "they stand on the ground"


@pytest.mark.parametrize("number", [1, 3, 60, 61, 400])
def test_columns_stay_apart_and_inside_in_both_directions(number: int) -> None:
    for mirrored in (False, True):
        svg = _read(charts.columns(_frame(mirrored=mirrored), [1] * number))
        slots = float(next(each.attrib["viewBox"] for each in svg.iter() if "viewBox" in each.attrib).split()[2])
        at = [_numbers(mark, "x", "width") for mark in svg.iter(f"{SVG}rect")]
        assert len(at) == number and slots >= max(number, charts.FEWEST_SLOTS)
        assert all(x >= 0 and x + width <= slots + 1e-6 for x, width in at)
        starts = [x for x, _width in at]
        assert starts == sorted(starts, reverse=mirrored) and len(set(starts)) == number


def test_the_total_rises_in_steps_from_the_ground() -> None:
    paths = list(_read(charts.steps(_frame(), [5, 10])).iter(f"{SVG}path"))
    line = next(path for path in paths if path.attrib["class"] == "line")
    assert line.attrib["d"] == f"M0 {PLOT_HEIGHT}V{PLOT_HEIGHT // 2}H1V0H2"
    svg = _read(charts.steps(_frame(mirrored=True), [5, 10]))
    assert next(svg.iter(f"{SVG}path")).attrib["d"].startswith(f"M7 {PLOT_HEIGHT}V{PLOT_HEIGHT // 2}H6V0H5")


@pytest.mark.parametrize(
    ("label", "gutter"),
    [("2", "short-scale"), ("800", "short-scale"), ("80,000", "medium-scale"), ("8,000,000", "long-scale")],
)
def test_the_labels_of_the_scale_stand_beside_what_is_drawn(label: str, gutter: str) -> None:
    for mirrored, x, dx in ((False, 0, -8), (True, 100, 8)):
        frame = replace(_frame(mirrored=mirrored), ticks=[(5, "1"), (10, label)])
        for svg in (_read(charts.columns(frame, [10])), _read(charts.steps(frame, [10]))):
            ticks = [each for each in svg.iter(f"{SVG}text") if "dx" in each.attrib]
            assert [each.text for each in ticks] == ["1", label]
            assert all(_numbers(tick, "x", "dx") == [x, dx] for tick in ticks)
            assert {tick.attrib["text-anchor"] for tick in ticks} == {"end"}
            assert svg.attrib["class"] == f"chart {gutter}", "the style sheet leaves so much room beside the plot"


def test_the_largest_rank_fills_its_rail_and_the_others_are_in_proportion() -> None:
    bars = [Bar("Italy", "8", 8), Bar("Malta", "2", 2), Bar("None", "0", 0)]
    for mirrored, starts in ((False, [0, 0, 0]), (True, [0, 75, 100])):
        svg = _read(charts.ranks("x", "t", "d", bars, mirrored=mirrored))
        marks = [each for each in svg.iter(f"{SVG}rect") if each.attrib["class"] == "mark"]
        widths = [100.0, 25.0, 0.0]
        assert [tuple(_numbers(mark, "x", "width")) for mark in marks] == list(zip(starts, widths, strict=True))


def test_a_chart_is_one_image_with_a_title_and_a_description_and_no_style() -> None:
    for svg in (
        charts.columns(_frame(title="<b>&"), [1]),
        charts.steps(_frame(title="<b>&"), [1]),
        charts.ranks("days", "<b>&", "What it shows", [Bar("<i>", "1", 1)]),
    ):
        root = _read(svg)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"] == "days-title days-desc"
        assert {each.attrib["id"] for each in root if "id" in each.attrib} == {"days-title", "days-desc"}
        assert root.findtext(f"{SVG}title") == "<b>&"
        assert not re.search(r"\sstyle=|<style|\son\w+=|#[0-9a-f]{3}|rgb", svg)


def test_nothing_to_rank_is_an_empty_chart() -> None:
    assert not list(_read(charts.ranks("x", "t", "d", [])).iter(f"{SVG}rect"))


@pytest.mark.parametrize(
    ("largest", "top"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (5, 6), (7, 8), (9, 10), (10, 10), (11, 20), (61, 80), (10**6 - 1, 10**6)],
)
def test_the_scale_ends_at_a_round_number(largest: int, top: int) -> None:
    assert charts.top_of(largest) == top >= largest
    assert top == 1 or top % 2 == 0
