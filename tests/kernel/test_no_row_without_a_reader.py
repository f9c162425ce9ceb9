"""A query that names no reader does not run, on whatever path; one that does sees the reader's rows alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Subquery

from huidang.kernel.access import Can, Unguarded
from huidang.people.models import User
from huidang.people.readers import local_operator
from huidang.records.models import Case, Conversation, Message
from tests.cast import START, Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

C = Conversation.objects
Path = Callable[[Any], Any]

READS: dict[str, Path] = {
    "list": list,
    "iterator": lambda rows: list(rows.iterator()),
    "slice": lambda rows: list(rows[:1]),
    "get": lambda rows: rows.get(pk=1),
    "first": lambda rows: rows.first(),
    "last": lambda rows: rows.last(),
    "earliest": lambda rows: rows.earliest("created_at"),
    "latest": lambda rows: rows.latest("created_at"),
    "bool": bool,
    "len": len,
    "in": lambda rows: Conversation(pk=1) in rows,
    "contains": lambda rows: rows.contains(Conversation(pk=1)),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(Max("pk")),
    "aggregate over distinct": lambda rows: rows.distinct().aggregate(Count("pk")),
    "annotate": lambda rows: list(rows.annotate(n=Count("pk"))),
    "values": lambda rows: list(rows.values("title")),
    "values_list": lambda rows: list(rows.values_list("title", flat=True)),
    "dates": lambda rows: list(rows.dates("created_at", "day")),
    "datetimes": lambda rows: list(rows.datetimes("created_at", "day")),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "select_related": lambda rows: list(rows.select_related("source")),
    "only": lambda rows: list(rows.only("title")),
    "extra": lambda rows: list(rows.extra(select={"one": "1"})),
    "explain": lambda rows: rows.explain(),
    "sql": lambda rows: str(rows.query),
    "select_for_update": lambda rows: list(rows.select_for_update()),
    "union": lambda rows: list(rows.union(C.unguarded("test"))),
    "union with": lambda rows: list(C.unguarded("test").union(rows)),
    "intersection with": lambda rows: list(C.unguarded("test").intersection(rows)),
    "or": lambda rows: list(rows | C.unguarded("test")),
    "or with": lambda rows: list(C.unguarded("test").filter(pk=-1) | rows),
    "and with": lambda rows: list(C.unguarded("test") & rows),
    "xor with": lambda rows: list(C.unguarded("test") ^ rows),
    "in a filter": lambda rows: User.objects.filter(pk__in=rows.values("owner")).count(),
    "exists in a filter": lambda rows: User.objects.filter(Exists(rows.filter(owner=OuterRef("pk")))).count(),
    "subquery in an annotation": lambda rows: list(
        User.objects.annotate(t=Subquery(rows.filter(owner=OuterRef("pk")).values("title")[:1]))
    ),
    "subquery in a guarded query": lambda rows: C.unguarded("test").filter(pk__in=rows).count(),
}
WRITES: dict[str, Path] = {
    "update": lambda rows: rows.update(title="x"),
    "update by expression": lambda rows: rows.update(message_count=F("message_count") + 1),
    "bulk_update": lambda rows: rows.bulk_update([Conversation(pk=1, title="x")], ["title"]),
    "delete": lambda rows: rows.delete(),
    "raw delete": lambda rows: rows._raw_delete("default"),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "update_or_create": lambda rows: rows.update_or_create(pk=1, defaults={"title": "x"}),
}


@pytest.mark.parametrize("path", [*READS.values(), *WRITES.values()], ids=[*READS, *WRITES])
@pytest.mark.parametrize("manager", [Conversation.objects, Conversation._base_manager, Conversation._default_manager])
def test_no_path_runs_without_a_reader(manager: Any, path: Path) -> None:
    with pytest.raises(Unguarded):
        path(manager.all())


@pytest.mark.parametrize("path", READS.values(), ids=READS)
def test_every_reading_path_runs_for_a_reader(path: Path, company: Company) -> None:
    if path is not READS["get"]:
        path(C.readable_by(company.reader("fawu"), Can.READ))


@pytest.mark.parametrize("manager", [Conversation.objects, Conversation._base_manager])
def test_raw_sql_is_refused(manager: Any) -> None:
    with pytest.raises(Unguarded):
        manager.raw("SELECT * FROM records_conversation")
    with pytest.raises(Unguarded):
        manager.unguarded("test").raw("SELECT * FROM records_conversation")


def test_reason_must_be_said() -> None:
    with pytest.raises(Unguarded):
        C.unguarded(" ")


def messages() -> Any:
    return Message.objects.unguarded("test").order_by("pk")


def test_following_a_relation_forward_asks_for_a_reader(company: Company) -> None:
    with pytest.raises(Unguarded):
        _ = messages().first().conversation


def test_prefetching_asks_for_a_reader(company: Company) -> None:
    with pytest.raises(Unguarded):
        list(messages().prefetch_related("conversation"))
    mine = C.readable_by(company.reader("fawu"))
    fetched = messages().prefetch_related(Prefetch("conversation", queryset=mine))
    assert fetched[0].conversation.title == "售后群"


def test_joining_along_a_guarded_row_stays_inside_its_reach(company: Company) -> None:
    zhoumin = company.reader("zhoumin")
    rows = Message.objects.readable_by(zhoumin).select_related("conversation")
    assert {row.conversation.title for row in rows} == {"售后群"}


def test_refreshing_and_saving_one_row_ask_for_a_reader(company: Company) -> None:
    row = C.readable_by(company.reader("fawu")).first()
    for path in (row.refresh_from_db, row.save, row.delete, row.full_clean):
        with pytest.raises(Unguarded), transaction.atomic():
            path()
    row.refresh_from_db(from_queryset=C.readable_by(company.reader("fawu")))


def test_deleting_what_guarded_rows_point_to_asks_for_a_reader(company: Company) -> None:
    with pytest.raises(Unguarded):
        company.source.delete()


def test_new_rows_need_no_reader(company: Company) -> None:
    row = C.create(source=company.source, platform_id="new", key=b"", created_at=START)
    assert C.unguarded("test").filter(pk=row.pk).exists()


@pytest.mark.parametrize("who", ["zhoumin", "zhaolan", "fawu", "admin", "chenwei"])
def test_totals_and_subqueries_tell_of_no_row_outside_the_reach(who: str, company: Company) -> None:
    reader = company.reader(who)
    mine = [row for row in C.unguarded("test") if reads(reader, row)]
    readable = C.readable_by(reader)
    assert readable.count() == len(mine)
    assert readable.exists() == bool(mine)
    assert readable.aggregate(n=Count("pk"))["n"] == len(mine)
    assert set(C.unguarded("test").filter(pk__in=readable)) == set(mine)
    assert {row.conversation_id for row in Message.objects.readable_by(reader)} == {row.pk for row in mine}


def reads(reader: Any, row: Conversation) -> bool:
    return bool(reader.may(Can.READ, department_id=row.department_id, owner_id=row.owner_id, conversation_id=row.pk))


def test_update_and_delete_keep_to_the_reach(company: Company) -> None:
    zhoumin = company.reader("zhoumin")
    assert C.readable_by(zhoumin).update(title="改名") == 1
    assert Case.objects.readable_by(zhoumin).delete()[0] == 0
    assert C.unguarded("test").filter(title="改名").count() == 1


def test_local_operator_reads_all(company: Company) -> None:
    assert C.readable_by(local_operator()).count() == 4
