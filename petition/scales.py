"""What stands around a chart, in the reader's language: its scale, the ends of its axis, which way it runs."""

from collections.abc import Sequence

from flask_babel import format_decimal, get_locale, gettext

from petition import charts, languages
from petition.charts import Frame


def frame(name: str, title: str, description: str, labels: Sequence[str], largest: int, *, unit: str = "") -> Frame:
    """The frame for one mark at each label. ``unit`` follows the numbers of the scale, as in ``50 %``."""
    top = charts.top_of(largest)
    marks = (top,) if top == 1 else (top // 2, top)
    first, last = labels[0], labels[-1]
    few = len(labels) < charts.FEWEST_SLOTS
    # Too few for two labels: both of them at the beginning.
    both = first if first == last else gettext("%(first)s to %(last)s", first=first, last=last)
    return Frame(
        name=name,
        title=title,
        description=description,
        top=top,
        ticks=[(mark, format_decimal(mark) + unit) for mark in marks],
        ends=(both, "") if few else (first, last),
        mirrored=mirrored(),
    )


def mirrored() -> bool:
    """Whether the reader's language runs from the right."""
    return languages.direction(str(get_locale())) == "rtl"
