"""How it is found: the query language, the index and its engines, snippets. The door to all of it."""

from typing import TYPE_CHECKING

from huidang.kernel.door import door

if TYPE_CHECKING:
    from huidang.search.counting import Surroundings, overview
    from huidang.search.finding import (
        DEEPEST,
        Beside,
        Coverage,
        Hit,
        Result,
        beside,
        count,
        find,
        find_places,
    )
    from huidang.search.indexer import applied_now, catch_up, follow, rebuild, touch
    from huidang.search.query import LONGEST_TERM, Note, Query, parse
    from huidang.search.snippets import mark
    from huidang.search.sweeping import sweep

__all__ = [
    "DEEPEST",
    "LONGEST_TERM",
    "Beside",
    "Coverage",
    "Hit",
    "Note",
    "Query",
    "Result",
    "Suggestion",
    "Surroundings",
    "applied_now",
    "beside",
    "catch_up",
    "count",
    "find",
    "find_places",
    "follow",
    "mark",
    "overview",
    "parse",
    "rebuild",
    "suggest",
    "sweep",
    "touch",
]

__getattr__ = door(
    __name__,
    {
        "counting": ("Surroundings", "overview"),
        "finding": (
            "DEEPEST",
            "Beside",
            "beside",
            "Coverage",
            "Hit",
            "Result",
            "count",
            "find",
            "find_places",
        ),
        "indexer": ("applied_now", "catch_up", "follow", "rebuild", "touch"),
        "query": ("LONGEST_TERM", "Note", "Query", "parse"),
        "suggesting": ("Suggestion", "suggest"),
        "snippets": ("mark",),
        "sweeping": ("sweep",),
    },
)
