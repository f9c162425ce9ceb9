"""What stands around the hits: counts that narrow, the days as bars, ways out of an empty result."""

from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang import search
from huidang.people.readers import Reader
from huidang.search import Result, Surroundings, refining
from huidang.search.counting import COUNTED, Count
from huidang.search.index import Field
from huidang.search.naming import Wanted
from huidang.search.operators import BY_NAME
from huidang.search.query import Condition
from huidang.web.asking import Asked
from huidang.web.words import kind_name, platform_name

FIRST_CHOICES = 6
MOST_WAYS = 5
WIDTH, HEIGHT = 1160, 50
HEADINGS: dict[Field, Any] = {
    "platform": lazy("来源"),
    "department": lazy("部门"),
    "kind": lazy("内容"),
    "flags": lazy("命中词"),
    "tags": lazy("标签"),
    "sender": lazy("发送人"),
    "month": lazy("月份"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that hits are counted by, with the address of the search that it narrows or widens."""

    label: str
    count: int
    place: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The counts of one kind, the most frequent first."""

    heading: str
    choices: list[Choice]
    most: int

    @property
    def first(self) -> list[Choice]:
        """Return those that stand there at once: the most frequent, and all that are chosen."""
        return [each for at, each in enumerate(self.choices) if at < FIRST_CHOICES or each.chosen]

    @property
    def rest(self) -> list[Choice]:
        """Return the others."""
        return [each for at, each in enumerate(self.choices) if at >= FIRST_CHOICES and not each.chosen]


def facets_of(asked: Asked, around: Surroundings) -> list[Facet]:
    """Return the counts, each value with the search it leads to."""
    return [
        Facet(str(heading), [_choice(asked, around, name, count) for count in counts], max(n.count for n in counts))
        for name, heading in HEADINGS.items()
        if (counts := around.facets.get(name, ()))
    ]


def _choice(asked: Asked, around: Surroundings, name: Field, count: Count) -> Choice:
    condition = Condition(COUNTED[name], _value(name, count))
    values = refining.values_of(around.query, condition.name)
    chosen = next((value for value in values if _means(name, value, count)), None)
    stated = condition if chosen is None else Condition(condition.name, chosen)
    return Choice(
        _label(name, count), count.count, asked.place(refining.toggled(around.query, stated)), chosen is not None
    )


def _means(name: Field, value: str, count: Count) -> bool:
    """Say whether a value that the query states means this one; a name may be stated by a part of it."""
    if name in {"platform", "kind"}:
        return (BY_NAME[COUNTED[name]].choose(value) or value) == str(count.value)
    if name in {"sender", "department"}:
        return Wanted(value.rpartition("/")[2]).bears(count.label.rpartition("/")[2])
    return value == count.label


def _value(name: Field, count: Count) -> str:
    if name in {"platform", "kind"}:
        return str(count.value)
    return f"={count.label}" if name == "sender" else count.label


def _label(name: Field, count: Count) -> str:
    if name == "platform":
        return platform_name(count.label)
    return kind_name(count.label) if name == "kind" else count.label


@dataclass(frozen=True, slots=True)
class Stretch:
    """A bar: days from `first` to `last`, and the address of the search that is narrowed to them."""

    first: str
    last: str
    count: int
    inside: bool
    place: str

    def drawn(self, left: float, step: float, height: float) -> str:
        """Return it as SVG: an area over the whole height to point at, and the bar itself."""
        days = self.first if self.first == self.last else f"{self.first} – {self.last}"
        return (
            f'<a href="{escape(self.place)}" tabindex="-1" aria-hidden="true"'
            f' data-first="{self.first}" data-last="{self.last}">'
            f'<rect class="area" x="{left:.1f}" y="0" width="{step:.1f}" height="52"/>'
            f'<rect class="{"in" if self.inside else "out"}" x="{left + step * 0.1:.1f}" y="{HEIGHT - height:.1f}"'
            f' width="{step * 0.8:.1f}" height="{height:.1f}" rx="1"/><title>{days} · {self.count:,}</title></a>'
        )


@dataclass(frozen=True, slots=True)
class Histogram:
    """Hits by days as bars in a field of 1160 by 50; where days are chosen, where they lie in it."""

    bars: list[Stretch]
    chosen: tuple[date, date] | None
    left: float
    width: float
    clear: str

    @property
    def days(self) -> int:
        """Return how many days are chosen."""
        return (self.chosen[1] - self.chosen[0]).days + 1 if self.chosen else 0

    @property
    def drawing(self) -> SafeString:
        """Return the bars as SVG, written at once: as a template they would take as long as all hits together."""
        step = WIDTH / len(self.bars)
        highest = max(bar.count for bar in self.bars) or 1
        return SafeString(
            "".join(bar.drawn(at * step, step, 48 * bar.count / highest) for at, bar in enumerate(self.bars))
        )

    @property
    def first(self) -> str:
        """Return the first day that is shown."""
        return self.bars[0].first

    @property
    def last(self) -> str:
        """Return the last day that is shown."""
        return self.bars[-1].last

    @property
    def right(self) -> float:
        """Return where the chosen days end."""
        return self.left + self.width


def histogram_of(asked: Asked, around: Surroundings) -> Histogram | None:
    """Return the days as bars, each a link to its days; None where there is nothing to choose."""
    bars = around.histogram
    narrowed = any(refining.values_of(around.query, name) for name in refining.DATES)
    if not bars or (len(bars) == 1 and not narrowed):
        return None
    wider = refining.without(around.query, refining.DATES)
    width = WIDTH / len(bars)
    drawn = [
        Stretch(
            bar.first,
            bar.last,
            bar.count,
            bar.inside,
            asked.place(refining.toggled(wider, Condition("during", f"{bar.first}..{bar.last}"))),
        )
        for bar in bars
    ]
    inside = [at for at, bar in enumerate(bars) if bar.inside] if narrowed else []
    left, right = (inside[0] * width, (inside[-1] + 1) * width) if inside else (0, WIDTH)
    return Histogram(
        drawn, around.days, round(left, 1), round(right - left, 1), asked.place(str(wider)) if narrowed else ""
    )


@dataclass(frozen=True, slots=True)
class Way:
    """A search that finds more than one that found nothing."""

    label: str
    count: int
    place: str


def ways_of(reader: Reader, asked: Asked, result: Result) -> list[Way]:
    """Return what would find something, the most helpful first: each looser query with its count."""
    ways = []
    for how, about, text in refining.looser(result.query):
        if count := search.count(reader, text):
            label = {"without": _("去掉 %s"), "only": _("只找 %s"), "any": _("任一词都行")}[how]
            ways.append(Way(label % about if about else label, count, asked.place(text)))
    return sorted(ways, key=lambda way: way.count)[:MOST_WAYS]
