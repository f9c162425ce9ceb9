"""Departments are made, renamed and moved, but never into themselves; reach follows the tree."""

import pytest

from huidang.kernel.problems import Absent, Problem
from huidang.people import departments
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_subtree_is_flat_ids(company: Company) -> None:
    centre = company.departments["客服中心"]
    below = {company.departments[name].pk for name in ("客服中心", "售前组", "售后组")}
    assert departments.subtrees([centre.pk]) == below


def test_move_takes_everything_below_along(company: Company) -> None:
    departments.move(company.departments["客服中心"], under=company.departments["商务部"])
    assert company.departments["售后组"].pk in departments.subtrees([company.departments["商务部"].pk])


def test_siblings_stand_in_the_order_they_were_put(company: Company) -> None:
    centre, after, before = (company.departments[name] for name in ("客服中心", "售后组", "售前组"))
    departments.move(after, under=centre, before=before)
    departments.create("夜班组", under=centre)
    assert [path.rpartition("/")[2] for path in departments.paths().values()] == [
        "望山家电", "客服中心", "售后组", "售前组", "夜班组", "商务部",
    ]  # fmt: skip
    with pytest.raises(Problem) as refusal:
        departments.move(after, under=centre, before=company.departments["商务部"])
    assert refusal.value.code == "department-order"


@pytest.mark.parametrize("under", ["客服中心", "售后组"])
def test_move_into_itself_is_refused(company: Company, under: str) -> None:
    with pytest.raises(Problem) as refusal:
        departments.move(company.departments["客服中心"], under=company.departments[under])
    assert refusal.value.code == "department-cycle"


def test_a_ring_in_the_table_ends_all_the_same() -> None:
    ring: dict[int, int | None] = {1: 2, 2: 3, 3: 1}
    assert departments.subtrees([1], ring) == {1, 2, 3}
    assert departments.ancestors(1, ring) == [1, 2, 3]


def test_siblings_have_different_names(company: Company) -> None:
    with pytest.raises(Problem) as refusal:
        departments.create("售后组", under=company.departments["客服中心"])
    assert refusal.value.code == "department-exists"
    assert departments.create("售后组", under=company.departments["商务部"]).pk
    with pytest.raises(Problem):
        departments.create("望山家电")


@pytest.mark.parametrize("name", ["", "  ", "a/b", "长" * 101])
def test_unusable_names_are_refused(company: Company, name: str) -> None:
    with pytest.raises(Problem):
        departments.rename(company.departments["商务部"], name)


def test_paths_and_names_find_a_department(company: Company) -> None:
    group = company.departments["售后组"]
    assert departments.get_department("售后组") == group
    assert departments.get_department("客服中心/售后组") == group
    assert departments.ensure("望山家电/客服中心/售后组") == group
    with pytest.raises(Absent):
        departments.get_department("商务部/售后组")
    departments.create("售后组", under=company.departments["商务部"])
    with pytest.raises(Problem) as refusal:
        departments.get_department("售后组")
    assert refusal.value.code == "department-ambiguous"
