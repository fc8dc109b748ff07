"""Charts as SVG, made here: they read like text, mirror for right-to-left pages, and need no script and no style."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

FEWEST_SLOTS = 7
"""A chart of a single day is one column, not a wall."""
GUTTERS = {3: "short-scale", 7: "medium-scale", 11: "long-scale"}
"""What the style sheet calls the room beside the plot that holds labels of so many characters."""
PLOT_TOP = 10
PLOT_HEIGHT = 150
ROW_HEIGHT = 44

_SVG = Markup(
    '<svg class="{kind}" width="100%" height="{height}" role="img" aria-labelledby="{name}-title {name}-desc">'
    '<title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>{drawn}</svg>'
)
_GRID = Markup(
    '<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
    '<text class="tick" x="{x}%" dx="{beside}" y="{middle}" text-anchor="end">{label}</text>'
)
_END = Markup('<text class="tick" x="{x}%" y="{y}" text-anchor="{anchor}">{label}</text>')
_PLOT = Markup(
    '<svg x="0" y="{top}" width="100%" height="{height}" viewBox="0 0 {slots} {height}" preserveAspectRatio="none"'
    ' aria-hidden="true">{drawn}</svg>'
)
_COLUMN = Markup('<rect class="mark" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>')
_PATH = Markup('<path class="area" d="{area}"/><path class="line" vector-effect="non-scaling-stroke" d="{line}"/>')
_ROW = Markup(
    '<text class="row" x="{start}%" y="{text}">{label}</text>'
    '<text class="row" x="{end}%" y="{text}" text-anchor="end">{number}</text>'
    '<rect class="rail" x="0" y="{bar}" width="100%" height="8" rx="2"/>'
    '<rect class="mark" x="{x:g}%" y="{bar}" width="{width:g}%" height="8" rx="2"/>'
)


@dataclass(frozen=True)
class Frame:
    """What stands around a chart over time: its words, its scale, the two ends of its axis."""

    name: str
    """Unique on the page; ids are made of it."""
    title: str
    description: str
    top: int
    """The value at the upper edge."""
    ticks: Sequence[tuple[int, str]]
    """Values with their labels; a line is drawn at each."""
    ends: tuple[str, str]
    """The second may be empty, where both would stand on one spot."""
    mirrored: bool = False


@dataclass(frozen=True)
class Bar:
    label: str
    number: str
    value: int


def columns(frame: Frame, values: Sequence[int]) -> Markup:
    """One column for each value."""
    slots = max(len(values), FEWEST_SLOTS)
    # Side by side where they would be too thin to stand apart.
    width = 0.8 if slots <= 60 else 1.0
    drawn = []
    for nth, value in enumerate(values):
        y = _height_at(value, frame.top)
        x = slots - nth - width if frame.mirrored else nth
        drawn.append(_COLUMN.format(x=round(x, 3), y=y, width=width, height=PLOT_HEIGHT - y))
    return _framed(frame, slots, Markup("").join(drawn))


def steps(frame: Frame, totals: Sequence[int]) -> Markup:
    """A line that rises in steps: each total holds from its own slot to the next."""
    slots = max(len(totals), FEWEST_SLOTS)

    def at(slot: int) -> int:
        return slots - slot if frame.mirrored else slot

    line = "".join(f"V{_height_at(total, frame.top):g}H{at(nth + 1)}" for nth, total in enumerate(totals))
    begin = f"M{at(0)} {PLOT_HEIGHT}"
    return _framed(frame, slots, _PATH.format(area=f"{begin}{line}V{PLOT_HEIGHT}Z", line=f"{begin}{line}"))


def ranks(name: str, title: str, description: str, bars: Sequence[Bar], *, mirrored: bool = False) -> Markup:
    """A bar for each label, as long as its value is of the largest."""
    largest = max((bar.value for bar in bars), default=0) or 1
    start, end = (100, 0) if mirrored else (0, 100)
    drawn = []
    for nth, bar in enumerate(bars):
        width = round(100 * bar.value / largest, 2)
        places = {"text": nth * ROW_HEIGHT + 18, "bar": nth * ROW_HEIGHT + 26, "start": start, "end": end}
        words = {"label": bar.label, "number": bar.number}
        drawn.append(_ROW.format(**places, **words, width=width, x=round(100 - width, 2) if mirrored else 0))
    height = len(bars) * ROW_HEIGHT
    return _SVG.format(
        kind="chart", name=name, title=title, description=description, height=height, drawn=Markup("").join(drawn)
    )


def top_of(largest: int) -> int:
    """The round number at or above the largest value; it can be halved unless it is 1."""
    power = 1
    while power * 10 < largest:
        power *= 10
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if power * step >= largest)


def _height_at(value: int, top: int) -> float:
    return round(PLOT_HEIGHT * (1 - value / top), 2)


def _framed(frame: Frame, slots: int, drawn: Markup) -> Markup:
    start, end = (100, 0) if frame.mirrored else (0, 100)
    beside = 8 if frame.mirrored else -8
    parts = []
    for value, label in frame.ticks:
        y = PLOT_TOP + _height_at(value, frame.top)
        parts.append(_GRID.format(y=y, middle=round(y + 4, 2), x=start, beside=beside, label=label))
    parts.append(_PLOT.format(top=PLOT_TOP, height=PLOT_HEIGHT, slots=slots, drawn=drawn))
    below = PLOT_TOP + PLOT_HEIGHT + 20
    first, last = frame.ends
    parts.append(_END.format(x=start, y=below, anchor="start", label=first))
    if last:
        parts.append(_END.format(x=end, y=below, anchor="end", label=last))
    return _SVG.format(
        kind=f"chart {_gutter(frame)}",
        name=frame.name,
        title=frame.title,
        description=frame.description,
        height=below + 8,
        drawn=Markup("").join(parts),
    )


def _gutter(frame: Frame) -> str:
    longest = max(len(label) for _value, label in frame.ticks)
    return next((name for most, name in GUTTERS.items() if longest <= most), GUTTERS[max(GUTTERS)])
