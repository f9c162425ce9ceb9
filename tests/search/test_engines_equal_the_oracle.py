"""Every engine gives the same ids, totals, facets and histogram as a scan, for every reader."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huidang.kernel.access import Can
from huidang.people.readers import EVERYWHERE, Reach, Reader, local_operator
from huidang.search import index, tokens
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.index import Index, Tree
from tests.search.oracle import Oracle, documents, visible

COUNT = 2000
_SOME = Reach(departments=frozenset({1, 2, 3}))
_OTHER = Reach(departments=frozenset({3, 4}))
READERS = {
    "operator": local_operator(),
    "nobody": Reader(1, "nobody"),
    "masked": Reader(1, "masked", {Can.READ: Reach(departments=frozenset(range(6)))}),
    "own": Reader(2, "own", {Can.READ: Reach(own=True, conversations=frozenset({7, 8})), Can.UNMASK: Reach(own=True)}),
    "mixed": Reader(3, "mixed", {Can.READ: EVERYWHERE, Can.UNMASK: _SOME, Can.RECALLED: _OTHER}),
    "recalled": Reader(4, "recalled", {Can.READ: _SOME, Can.RECALLED: EVERYWHERE}),
}  # fmt: skip


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Oracle]:
    engine, oracle = TantivyIndex(Path(tmp_path_factory.mktemp("index"))), Oracle()
    stock = documents(COUNT, seed=7)
    changed = [each._replace(department=8, texts=index.Texts(shown=("改过的话",))) for each in stock[::50]]
    for each in (engine, oracle):
        each.put(stock[: COUNT // 2], new=True)
        each.commit()
        each.put(stock[COUNT // 2 :])
        each.put(changed)
        each.remove([stock[5].id, stock[1500].id, 12345])
        each.commit()
    return engine, oracle


def _substrings(draw: st.DrawFn) -> str:
    document = draw(st.sampled_from(documents(400, seed=7)))
    text = " ".join(visible(local_operator(), document))
    start = draw(st.integers(0, len(text) - 1))
    return text[start : start + draw(st.integers(1, 8))]


TERMS = st.composite(_substrings)().map(tokens.runs).filter(bool).map(index.Words)
LEAVES = st.one_of(
    TERMS,
    TERMS,
    st.sets(st.integers(0, 9), max_size=4).map(lambda of: index.Among("department", frozenset(of))),
    st.sets(st.sampled_from(["slack", "wecom", "none"])).map(lambda of: index.Among("platform", frozenset(of))),
    st.sets(st.integers(1, 7), max_size=2).map(lambda of: index.Among("tags", frozenset(of))),
    st.sampled_from(["edited", "has-phone"]).map(lambda of: index.Among("flags", frozenset({of}))),
    st.tuples(st.integers(0, COUNT), st.integers(0, COUNT)).map(
        lambda of: index.Between((1_700_000_000_000 + of[0] * 61_000) << 20, (1_700_000_000_000 + of[1] * 61_000) << 20)
    ),
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(lambda of: index.All(tuple(of))),
        st.lists(parts, max_size=3).map(lambda of: index.Any(tuple(of))),
        parts.map(index.Not),
    ),
    max_leaves=6,
)
LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@LIMITS
@given(tree=TREES, name=st.sampled_from(sorted(READERS)))
def test_ids_and_totals(pair: tuple[Index, Oracle], tree: Tree, name: str) -> None:
    engine, oracle = pair
    reader = READERS[name]
    for sort in ("new", "old"):
        first = oracle.find(reader, tree, sort=sort, limit=20)
        assert engine.find(reader, tree, sort=sort, limit=20) == first
        if len(first.ids) == 20:
            beyond = first.ids[-1]
            expected = oracle.find(reader, tree, sort=sort, limit=20, beyond=beyond)
            assert engine.find(reader, tree, sort=sort, limit=20, beyond=beyond) == expected
    scored = engine.find(reader, tree, sort="score", limit=COUNT)
    assert sorted(scored.ids) == sorted(oracle.find(reader, tree, sort="new", limit=COUNT).ids)
    assert engine.count(reader, tree) == oracle.count(reader, tree) == scored.total


@LIMITS
@given(tree=TREES, name=st.sampled_from(sorted(READERS)))
def test_facets_and_histogram(pair: tuple[Index, Oracle], tree: Tree, name: str) -> None:
    engine, oracle = pair
    reader = READERS[name]
    fields = [*index.FACETS, "flags"]
    assert engine.facets(reader, tree, fields=fields, limit=12) == oracle.facets(reader, tree, fields=fields, limit=12)
    bounds = [(1_700_000_000_000 + step * 9_000_000) << 20 for step in range(21)]
    uneven = [*bounds[:7], bounds[7] + (3_600_000 << 20), *bounds[8:], bounds[-1] + 5]
    for each in (bounds, bounds[:9], uneven):
        assert engine.histogram(reader, tree, bounds=each) == oracle.histogram(reader, tree, bounds=each)
    limits = {name: 5 + place for place, name in enumerate(fields)}
    both = engine.overview(reader, tree, fields=limits, bounds=bounds)
    assert both == oracle.overview(reader, tree, fields=limits, bounds=bounds)


@pytest.mark.parametrize("name", sorted(READERS))
def test_suggestions_stay_within_reach(pair: tuple[Index, Oracle], name: str) -> None:
    engine, oracle = pair
    values = list(range(30, 50))
    expected = oracle.suggest(READERS[name], field="sender", values=values)
    assert engine.suggest(READERS[name], field="sender", values=values) == expected
