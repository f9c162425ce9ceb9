"""What is suggested while typing: operators, values, people and departments, never beyond the reader's reach."""

import pytest

from huidang import search
from huidang.kernel.access import Can
from huidang.people.models import Department
from huidang.people.readers import Reach, Reader, local_operator
from huidang.search import indexer
from huidang.search.query import parse
from tests.search import rows

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("writer")]


def inserts(reader: Reader, text: str) -> list[str]:
    return [each.insert for each in search.suggest(reader, text)]


def test_people_and_departments_within_reach() -> None:
    department, other = Department.objects.create(name="售后组"), Department.objects.create(name="售前组")
    rows.append(rows.conversation(department=department), "退费", "好", sender=rows.participant("周敏"))
    rows.append(rows.conversation(department=other), "退费", sender=rows.participant("周密"))
    indexer.catch_up()
    reader = Reader(5, "one", {Can.READ: Reach(departments=frozenset({department.pk}))})
    assert inserts(reader, "退费 周") == ["from:周敏"]
    assert inserts(local_operator(), "from:周") == ["from:周敏", "from:周密"]
    assert inserts(reader, "dept:售") == ["dept:售后组"]
    assert inserts(Reader(6, "nobody"), "周") == []


def test_operators_and_their_values() -> None:
    assert inserts(local_operator(), "退费 pla") == ["platform:"]
    assert inserts(local_operator(), "平台") == ["platform:"]
    assert inserts(local_operator(), "is:re") == ["is:recalled"]
    assert inserts(local_operator(), "has：手机") == ["has:phone"]
    assert inserts(local_operator(), "is:保全") == []
    assert inserts(local_operator(), "tag") == []


@pytest.mark.parametrize("text", ["", " ", "-", "from:", "foo:", "((", "\x00", "％:"])
def test_nothing_raises(text: str) -> None:
    for each in search.suggest(local_operator(), text):
        assert str(parse(each.insert + "x"))
