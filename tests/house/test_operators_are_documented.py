"""Every operator of the query language, with each of its names and values, stands in docs/reference/search.md."""

from pathlib import Path

import pytest

from huidang.search.operators import OPERATORS, Operator

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "search.md"


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda each: each.name)
def test_an_operator_has_its_row(operator: Operator) -> None:
    (row,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{operator.name}:`")]
    for name in operator.aliases:
        assert f"`{name}:`" in row
    for value, others in operator.choices.items():
        for each in (value, *others):
            assert f"`{each}`" in row
    assert ("not yet" in row) == (not operator.exists)
