"""The index as everybody else sees it: documents go in, a tree of conditions finds them inside a reader's reach.

An engine (one module in `engines/`) implements `Index`. The reader is an argument of its own, never part of the tree
that came from somebody's text. `tests/search/contract` holds every engine to one oracle.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from huidang.people.readers import Reader

Sort = Literal["new", "old", "score"]
Field = Literal["department", "platform", "sender", "kind", "month", "tags", "flags", "conversation", "owner"]
Value = int | str

FACETS: tuple[Field, ...] = ("platform", "department", "sender", "kind", "month", "tags")
"""What results are counted by."""


class Texts(NamedTuple):
    """The texts of a message by who may find them; each is a tuple of pieces that no term runs across.

    `shown` is what everybody who reads the conversation sees: with masks, and empty once recalled. The others are
    filled only where something is hidden: `full` without masks, and both again for what was recalled.
    """

    shown: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    recalled_full: tuple[str, ...] = ()


class Document(NamedTuple):
    """One message as the index knows it. `department` is 0 in the intake, `owner` and `sender` 0 where unknown."""

    id: int
    conversation: int
    department: int
    owner: int
    platform: str
    kind: str
    month: int  # yyyymm in the archive's zone
    sender: int  # participant
    tags: tuple[int, ...]
    flags: tuple[str, ...]
    texts: Texts


@dataclass(frozen=True, slots=True)
class Words:
    """A term: its folded runs stand one after another in a text."""

    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """A field holds one of the values."""

    field: Field
    values: frozenset[Value]


@dataclass(frozen=True, slots=True)
class Between:
    """The message id lies in `first <= id < end`; ids are times (`records.models.Message`)."""

    first: int = 0
    end: int = 2**63 - 1


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts, everything matches."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """One part or more holds; without parts, nothing matches."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Tree"


Tree = Words | Among | Between | All | Any | Not
EVERYTHING = All()
NOTHING = Any()


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in the order asked for, and how many match altogether."""

    ids: list[int]
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Matches counted: all of them, by the values of fields, and by stretches of time."""

    total: int
    facets: Mapping[Field, list[tuple[Value, int]]]
    histogram: list[int]


class Index(Protocol):
    """What an engine can do. Nothing put or removed is seen before `commit`."""

    def put(self, documents: Iterable[Document], *, new: bool = False) -> None:
        """Add documents; one with the id of an older one takes its place. `new` promises that there is none."""

    def remove(self, ids: Iterable[int]) -> None:
        """Take documents out; unknown ids are no error."""

    def commit(self) -> int:
        """Make what was put and removed durable and visible; return the stamp of this state."""

    def stamp(self) -> int:
        """Return the stamp of the state that is durable."""

    def find(
        self, reader: Reader, tree: Tree, *, sort: Sort, limit: int, beyond: int | None = None, offset: int = 0
    ) -> Page:
        """Return a page. `beyond` is the last id of the page before (sorts new and old), `offset` serves score."""

    def count(self, reader: Reader, tree: Tree) -> int:
        """Return how many match, exactly."""

    def facets(
        self, reader: Reader, tree: Tree, *, fields: Collection[Field], limit: int
    ) -> Mapping[Field, list[tuple[Value, int]]]:
        """Count matches by the values of fields: the `limit` most frequent, ties by value."""

    def histogram(self, reader: Reader, tree: Tree, *, bounds: Sequence[int]) -> list[int]:
        """Count matches with `bounds[i] <= id < bounds[i + 1]` for each i."""

    def overview(self, reader: Reader, tree: Tree, *, fields: Mapping[Field, int], bounds: Sequence[int]) -> Overview:
        """Return what `facets` (fields with their limits) and `histogram` return, in one pass over the matches."""

    def suggest(self, reader: Reader, *, field: Field, values: Collection[Value]) -> Mapping[Value, int]:
        """Of some values, return those that occur within reach, with their counts."""
