"""How it is found: the query language, the index and its engines, snippets. The door to all of it."""

from typing import TYPE_CHECKING

from huidang.kernel.door import door

if TYPE_CHECKING:
    from huidang.search.indexer import applied_now, catch_up, follow, rebuild, touch

__all__ = ["applied_now", "catch_up", "follow", "rebuild", "touch"]

__getattr__ = door(
    __name__,
    {
        "indexer": ("applied_now", "catch_up", "follow", "rebuild", "touch"),
    },
)
