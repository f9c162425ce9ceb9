"""What is suggested while typing: operators, values, people and departments, never beyond the reader's reach."""

import pytest
from django.utils import translation

from huidang import records, search
from huidang.kernel.access import Can
from huidang.people.models import Department
from huidang.people.readers import Reach, Reader, local_operator
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.records.models import Participant
from huidang.search import indexer
from huidang.search.query import parse
from tests.search import rows
from tests.search.hostile import HARMLESS_LOOKING

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("writer")]


def inserts(reader: Reader, text: str) -> list[str]:
    return [each.insert for each in search.suggest(reader, text)]


def test_people_and_departments_within_reach() -> None:
    department, other = Department.objects.create(name="售后组"), Department.objects.create(name="售前组")
    rows.append(rows.conversation(department=department), "退费", "好", sender=rows.participant("周敏"))
    rows.append(
        rows.conversation(department=other, title="保密群"), "退费", "好", "好", sender=rows.participant("周密")
    )
    indexer.catch_up()
    reader = Reader(5, "one", {Can.READ: Reach(departments=frozenset({department.pk}))})
    assert inserts(reader, "退费 周") == ["from:=周敏"]
    assert inserts(local_operator(), "from:周") == ["from:=周密", "from:=周敏"]
    assert inserts(reader, "dept:售") == ["dept:售后组"]
    assert inserts(reader, "in:保") == []
    assert inserts(local_operator(), "in:保密") == ["in:=保密群"]
    assert inserts(Reader(6, "nobody"), "周") == []


def test_departments_count_what_lies_below_them() -> None:
    north, south = Department.objects.create(name="华北"), Department.objects.create(name="华南")
    for above in (north, south):
        place = rows.conversation(department=Department.objects.create(name="一组", parent=above))
        rows.append(place, "退费")
    indexer.catch_up()
    assert [(each.label, each.count) for each in search.suggest(local_operator(), "dept:华")] == [
        ("华北", 1),
        ("华南", 1),
    ]
    assert inserts(local_operator(), "dept:yizu") == ["dept:华北/一组", "dept:华南/一组"]


def test_names_are_found_by_their_pinyin() -> None:
    department = Department.objects.create(name="售后组")
    origin = records.Origin(source=SourceDraft("slack", "s"), department_id=department.pk)
    said = [
        Draft(conversation="c", sent_ms=1_731_891_600_000 + n, id=f"m{n}", sender=f"u{n}", sender_name=name, text="好")
        for n, name in enumerate(["周敏", "单雄信", "欧阳娜娜", "周13812345678"])
    ]
    records.append([ConversationDraft("c", title="群"), *said], origin)
    indexer.catch_up()
    for typed in ("zhoumin", "zm", "ZhouM", "from:zhou", "发件人：zm", "min"):
        assert inserts(local_operator(), typed) == ["from:=周敏"], typed
    assert inserts(local_operator(), "shanx") == inserts(local_operator(), "danx") == ["from:=单雄信"]
    assert inserts(local_operator(), "nana") == ["from:=欧阳娜娜"]
    assert inserts(local_operator(), "shouhou") == inserts(local_operator(), "shz") == ["dept:售后组"]
    assert inserts(Reader(6, "nobody"), "zhoumin") == []


def test_customers_are_suggested_apart() -> None:
    rows.append(rows.conversation(), "退费", sender=rows.participant("王经理"))
    customer = rows.participant("王秀兰")
    Participant.objects.filter(pk=customer.pk).update(role="customer")
    rows.append(rows.conversation(), "退费", sender=customer)
    indexer.catch_up()
    assert inserts(local_operator(), "客户:王") == ["customer:=王秀兰"]


def test_operators_and_their_values() -> None:
    assert inserts(local_operator(), "退费 pla") == ["platform:"]
    assert inserts(local_operator(), "平台") == ["platform:"]
    assert inserts(local_operator(), "is:re") == ["is:recalled"]
    assert inserts(local_operator(), "has：手机") == ["has:phone"]
    assert inserts(local_operator(), "日期:近") == ["during:近7天", "during:近30天"]
    assert inserts(local_operator(), "is:保全") == []
    with translation.override("en"):
        assert inserts(local_operator(), "during:last-3") == ["during:last-30d"]
        assert [each.label for each in search.suggest(local_operator(), "has:pho")] == ["phone"]
    assert inserts(local_operator(), "tag") == inserts(local_operator(), "tag:") == []


@pytest.mark.parametrize("text", ["", " ", "-", "from:", "foo:", "((", "\x00", "％:", *HARMLESS_LOOKING])
def test_nothing_raises(text: str) -> None:
    for each in search.suggest(local_operator(), text):
        assert str(parse(each.insert + "x"))
