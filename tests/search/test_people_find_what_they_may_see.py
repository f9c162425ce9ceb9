"""A search from end to end: hits, snippets, totals and facets within the reader's reach, and no oracle for masks."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from huidang import search
from huidang.kernel import clock, ledger
from huidang.kernel.access import Can
from huidang.people import searches
from huidang.people.models import Department
from huidang.people.readers import EVERYWHERE, Reach, Reader, local_operator
from huidang.records import identities
from huidang.records.models import Member, Participant
from huidang.records.shown import Part
from huidang.search import indexer, snippets
from huidang.search.query import Term
from tests.search import rows
from tests.search.hostile import HARMLESS_LOOKING, MONSTERS, RANDOM

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("writer")]

OPERATOR = local_operator()
MASKED = Reader(1, "masked", {Can.READ: EVERYWHERE})
MOBILE = "13812345678"
SECONDS = 2
"""More of its thread than any text may take."""


def ids(reader: Reader, text: str) -> list[int]:
    return [int(hit.shown.id) for hit in search.find(reader, text).hits]


def test_hits_are_marked_in_the_original() -> None:
    rows.append(rows.conversation(), "這個ＣＳ－００１２要退費，退费！")
    indexer.catch_up()
    (hit,) = search.find(OPERATOR, "cs-0012 退费").hits
    assert [part.text for part in hit.snippet if part.hit] == ["ＣＳ－００１２", "退費", "退费"]
    assert "".join(part.text for part in hit.snippet) == hit.shown.text


def test_snippets_show_the_first_hit() -> None:
    text = "前" * 300 + "退费" + "后" * 300
    parts = snippets.snippet([Part(text)], snippets.find_hits(text, [Term("退费")]))
    assert parts[0].text == parts[-1].text == "…"
    assert [part.text for part in parts if part.hit] == ["退费"]
    assert sum(len(part.text) for part in parts[1:-1]) == snippets.LENGTH


def test_masks_are_no_oracle() -> None:
    said = rows.append(rows.conversation(), f"打{MOBILE}找我", "别的")
    indexer.catch_up()
    parts = [MOBILE[start:end] for start in range(11) for end in range(start + 1, 12)]
    visible = {"138", "5678", "1", "3", "8", "13", "38", "5", "6", "7", "56", "67", "78", "567", "678"}
    assert {part for part in parts if search.find(MASKED, part).total} == visible
    assert all(ids(OPERATOR, part) == [said[0].pk] for part in parts)
    (hit,) = search.find(OPERATOR, MOBILE).hits
    assert MOBILE not in hit.shown.text
    assert hit.hits == ()


def test_recalled_texts_are_found_only_by_those_who_see_them() -> None:
    (said,) = rows.append(rows.conversation(), f"退费找{MOBILE}")
    indexer.catch_up()
    assert ids(MASKED, "退费") == [said.pk]
    rows.recall(said)
    indexer.catch_up()
    sees_recalled = Reader(2, "recalled", {Can.READ: EVERYWHERE, Can.RECALLED: EVERYWHERE})
    assert ids(MASKED, "退费") == []
    assert ids(MASKED, "is:撤回") == [said.pk]
    assert ids(MASKED, "has:phone") == []
    assert ids(sees_recalled, "退费") == [said.pk]
    assert ids(sees_recalled, MOBILE) == []
    assert ids(OPERATOR, MOBILE) == [said.pk]


def test_nothing_of_what_is_out_of_reach() -> None:
    department = Department.objects.create(name="售后")
    sender, other = rows.participant("周敏"), rows.participant("别人")
    mine = rows.append(rows.conversation(department=department, title="售后群"), "退费", sender=sender)
    rows.append(rows.conversation(platform="wecom", title="保密群"), "退费", sender=other)
    indexer.catch_up()
    reader = Reader(5, "one", {Can.READ: Reach(departments=frozenset({department.pk}))})
    result = search.find(reader, "退费")
    assert [int(hit.shown.id) for hit in result.hits] == rows.ids(mine)
    assert result.total == 1
    assert result.coverage.restricted
    around = search.overview(reader, "退费")
    assert [count.label for count in around.facets["sender"]] == ["周敏"]
    assert [count.value for count in around.facets["platform"]] == ["slack"]
    assert (around.total, sum(bar.count for bar in around.histogram)) == (1, 1)
    for text in ("from:别人", "in:保密群", "platform:wecom", "from:无此人"):
        assert search.find(reader, text).total == 0
    assert search.find(OPERATOR, "退费").total == 2


def test_what_moved_out_of_reach_since_is_left_out() -> None:
    department = Department.objects.create(name="售后")
    place = rows.conversation(department=department)
    rows.append(place, "退费")
    indexer.catch_up()
    type(place).objects.unguarded("test").filter(pk=place.pk).update(department=None)
    reader = Reader(5, "one", {Can.READ: Reach(departments=frozenset({department.pk}))})
    assert search.find(reader, "退费").hits == ()


def test_conditions() -> None:
    above = Department.objects.create(name="客服中心")
    below = Department.objects.create(name="售后组", parent=above)
    sender = rows.participant("周敏")
    first = rows.append(rows.conversation(department=below, title="售后群"), "退费", sender=sender)
    second = rows.append(rows.conversation(platform="chatlab:wechat"), "https://a.cn 图", kind="image")
    indexer.catch_up()
    for text in ("dept:客服中心", "部门:售后", "from:周", "in:售后", "-platform:微信", "type:文字", "退费 -发票"):
        assert ids(OPERATOR, text) == rows.ids(first), text
    for text in ("dept:待分拣", "平台：wechat", "type:图片", "has:link", "含:图片", "-退费", "图 OR 无"):
        assert ids(OPERATOR, text) == rows.ids(second), text


def test_dates_are_the_readers() -> None:
    said = rows.append(rows.conversation(), "退费")
    indexer.catch_up()
    with clock.frozen(datetime(2023, 11, 15, 20, tzinfo=UTC)):  # the message: 2023-11-14 22:13 UTC and later
        assert ids(OPERATOR, "on:2023-11-15 退费") == rows.ids(said)
        assert ids(OPERATOR, "昨天 OR on:昨天") == rows.ids(said)
        assert ids(OPERATOR, "newer_than:2d before:今天") == rows.ids(said)
        assert ids(OPERATOR, "after:2023-11-15 OR before:2023-11-15 OR older_than:2d") == []


def test_names_are_compared_as_they_are_shown() -> None:
    place = rows.conversation(title=f"张記 {MOBILE} 的群")
    said = rows.append(place, "好", sender=rows.participant(f"張三 {MOBILE}"))
    rows.append(rows.conversation(), "好", sender=rows.participant("张三丰"))
    indexer.catch_up()
    for digits in (MOBILE[2:], MOBILE[:5], "2345"):
        assert search.find(OPERATOR, f"from:{digits} OR in:{digits}").total == 0
    for text in ('from:"张三 138****5678"', "from:張三 from:5678", "in:张记", "from:=“张三 138****5678”"):
        assert ids(OPERATOR, text) == rows.ids(said), text
    assert search.find(OPERATOR, "from:张三").total == 2
    assert search.find(OPERATOR, "from:=张三").total == 0


def test_a_customer_is_found_by_all_their_accounts() -> None:
    wang, other = rows.participant("王秀兰"), rows.participant("秀兰的微信", platform="wechat")
    agent = rows.participant("王经理")
    Participant.objects.filter(pk=wang.pk).update(role="customer")
    identities.merge([wang, other])
    first = rows.append(rows.conversation(), "退费", "好", sender=wang)
    second = rows.append(rows.conversation("wechat"), "发票", sender=other)
    rows.append(rows.conversation(), "内部的话", sender=agent)
    silent = rows.conversation()
    heard = rows.append(silent, "在吗", sender=agent)
    Member.objects.unguarded("test").create(conversation=silent, participant=wang)
    indexer.catch_up()
    assert ids(OPERATOR, "customer:王") == rows.ids([*first, *second, *heard])
    assert ids(Reader(7, "nobody"), "客户:王") == []


def test_departments_are_named_by_their_path() -> None:
    north, south = Department.objects.create(name="华北"), Department.objects.create(name="华南")
    groups = [Department.objects.create(name="一组", parent=above) for above in (north, south)]
    first, second = (rows.append(rows.conversation(department=group), "退费") for group in groups)
    indexer.catch_up()
    assert ids(OPERATOR, "dept:一组") == rows.ids([*first, *second])
    assert ids(OPERATOR, "dept:华北/一组") == rows.ids(first)
    assert ids(OPERATOR, "dept:华南") == rows.ids(second)
    assert ids(OPERATOR, "dept:=组") == ids(OPERATOR, "dept:别/一组") == []
    assert [count.label for count in search.overview(OPERATOR, "退费").facets["department"]] == [
        "华北/一组",
        "华南/一组",
    ]
    near = Reader(5, "one", {Can.READ: Reach(departments=frozenset({groups[0].pk}))})
    assert [count.label for count in search.overview(near, "退费").facets["department"]] == ["一组"]
    assert ids(near, "dept:一组") == rows.ids(first)
    assert ids(near, "dept:华北/一组") == ids(near, "dept:没有/一组") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tag:投诉", "operator-later"),
        ("退费 -is:held", "operator-later"),
        ("on:某天", "date-unreadable"),
        ("older_than:久", "age-unreadable"),
        ("has:鱼", "value-unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(text: str, code: str) -> None:
    rows.append(rows.conversation(), "退费")
    indexer.catch_up()
    result = search.find(OPERATOR, text)
    assert [note.code for note in result.notes] == [code]
    assert result.total == 0


def test_pages_follow_each_other() -> None:
    said = rows.append(rows.conversation(), *["退费"] * 25)
    indexer.catch_up()
    for sort in ("new", "old"):
        beyond, found = None, []
        while True:
            page = search.find(OPERATOR, "退费", sort=sort, limit=10, beyond=beyond)
            assert page.total == 25
            found += [int(hit.shown.id) for hit in page.hits]
            if (beyond := page.next) is None:
                break
        assert found == sorted((each.pk for each in said), reverse=sort == "new")


def test_an_entry_of_the_audit_leaves_nothing_behind() -> None:
    rows.append(rows.conversation(), "退费")
    indexer.catch_up()
    searches.note("退费", by=OPERATOR, total=1)
    assert ledger.size() > indexer.applied_now()
    assert search.find(OPERATOR, "退费").coverage.behind == 0


def test_an_index_that_is_behind_says_so() -> None:
    rows.append(rows.conversation(), "退费")
    assert search.find(OPERATOR, "退费").coverage.rebuilding
    indexer.catch_up()
    rows.append(rows.conversation(), "退费", "退费")
    result = search.find(OPERATOR, "退费")
    assert (result.coverage.behind, result.coverage.complete, result.total) == (2, False, 1)


@pytest.mark.parametrize(
    "texts", [MONSTERS, HARMLESS_LOOKING, ("\ud800", "from:\ud800", "退\x00费", "in:\x00", "dept:\udfff")], ids=len
)
def test_no_text_raises_or_is_slow(texts: tuple[str, ...]) -> None:
    rows.append(rows.conversation(), "退费")
    indexer.catch_up()
    for text in texts:
        began = time.thread_time()
        assert search.find(OPERATOR, text).total in (0, 1)
        assert time.thread_time() - began < SECONDS, text[:40]


@pytest.mark.soak
def test_a_hundred_thousand_texts_are_completed() -> None:
    rows.append(rows.conversation(), "退费", "from:周敏 OR (2026-09)", sender=rows.participant("周敏"))
    indexer.catch_up()

    @settings(max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(RANDOM)
    def completed(text: str) -> None:
        began = time.thread_time()
        search.suggest(OPERATOR, text)
        assert time.thread_time() - began < SECONDS

    completed()
