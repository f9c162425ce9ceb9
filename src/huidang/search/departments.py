"""Departments as a query names them: by a part of the name, or by the path `客服中心/售后组`, with all below them."""

from collections.abc import Mapping
from functools import cached_property

from huidang.kernel.access import Can
from huidang.people.departments import subtrees
from huidang.people.models import Department
from huidang.people.readers import Reader
from huidang.search.naming import WHOLE, Wanted


class Departments:
    """The tree as one reader may name it, read once.

    What lies out of reach has no say in how a department is called or meant, so that nothing tells of its name.
    """

    def __init__(self, reader: Reader) -> None:
        rows = Department.objects.values_list("pk", "parent_id", "name")
        self._rows = {pk: (parent, name) for pk, parent, name in rows}
        reach = reader.reach(Can.READ)
        self.near = {pk for pk in self._rows if reach.everything or pk in reach.departments}

    @cached_property
    def parents(self) -> Mapping[int, int | None]:
        """The department above each."""
        return {pk: parent for pk, (parent, _name) in self._rows.items()}

    def name(self, pk: int) -> str:
        """Return the name of one."""
        return self._rows[pk][1]

    def meant(self, wanted: str) -> frozenset[int]:
        """Return the departments that a value of `dept:` means, with all below them.

        Where a department within reach bears exactly this name, only such are meant.
        """
        above, _slash, own = wanted.rpartition("/")
        bare = own.lstrip(WHOLE)
        part, whole = Wanted(bare), Wanted(f"={bare}")
        named = {pk for pk in self.near if whole.bears(self.name(pk))}
        if not named and not wanted.startswith(tuple(WHOLE)):
            named = {pk for pk in self._rows if part.bears(self.name(pk))}
        return subtrees({pk for pk in named if self._lies_below(pk, above.lstrip(WHOLE))}, self.parents)

    def called(self, pk: int) -> str:
        """Return the shortest end of a department's path that means no other one: what `dept:` takes."""
        name, at = self.name(pk), self._above(pk)
        alike = [other for other in self.near if other != pk and self.name(other) == self.name(pk)]
        while at is not None and any(self._lies_below(other, name.rpartition("/")[0]) for other in alike):
            name, at = f"{self.name(at)}/{name}", self._above(at)
        return name

    def _above(self, pk: int) -> int | None:
        """Return the department above one, as far as it lies within reach."""
        above = self.parents[pk]
        return above if above in self.near else None

    def _lies_below(self, pk: int, path: str) -> bool:
        """Say whether the departments above one are those of a path, nearest last."""
        at = self._above(pk)
        for step in filter(None, reversed(path.split("/"))):
            if at is None or not Wanted(step).bears(self.name(at)):
                return False
            at = self._above(at)
        return True
