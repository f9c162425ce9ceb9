"""Labels that parts above the search put on documents; `wiring` connects them, since search knows nothing of them.

A label is a value of the index field `flags`, such as `group:complaint`. It is worked out on what everybody who reads
the conversation sees, so that it tells nothing of what a mask hides.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

Label = Callable[[Iterable[str], int | None], Collection[str]]
"""Given the visible pieces of a message (`masking.blanked`) and its department, returns its labels."""


class Labeller(Protocol):
    """Whoever labels documents."""

    def edition(self) -> int:
        """Return a number that grows whenever labels of stored messages may change."""

    def begin(self) -> Label:
        """Return what labels one batch of documents, as things stand now."""

    def named(self, value: str) -> frozenset[str]:
        """Return the labels that somebody means by `hit:value`."""

    def groups(self) -> Mapping[str, str]:
        """Return the labels that are worth counting by, each with its name, which is also what `hit:` takes."""


class _Nobody:
    """Labels nothing."""

    def edition(self) -> int:
        """See `Labeller`."""
        return 0

    def begin(self) -> Label:
        """See `Labeller`."""
        return lambda _pieces, _department: ()

    def named(self, _value: str) -> frozenset[str]:
        """See `Labeller`."""
        return frozenset()

    def groups(self) -> Mapping[str, str]:
        """See `Labeller`."""
        return {}


_connected: list[Labeller] = [_Nobody()]


def connect(labeller: Labeller) -> None:
    """Let somebody label documents from now on; `wiring` calls this once at start-up."""
    _connected[:] = [labeller]


def labeller() -> Labeller:
    """Return who labels documents."""
    return _connected[0]
