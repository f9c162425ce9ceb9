"""Cases are spans between silences; late messages move the cuts, and what a person touched stays."""

import pytest

from huidang.records import Origin, append
from huidang.records.cases import cut
from huidang.records.drafts import Draft, SourceDraft
from huidang.records.models import Case, Conversation

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT, HOUR = 1_732_000_000_000, 3_600_000


def say(*hours: float) -> None:
    drafts = [Draft("room", AT + int(hour * HOUR), id=f"m{hour}", text="在吗") for hour in hours]
    append(drafts, Origin(source=SourceDraft("dingtalk")))
    cut(Conversation.objects.unguarded("test").get().pk)


def spans() -> list[tuple[float, float, int]]:
    cases = Case.objects.unguarded("test").order_by("first_message_id")
    return [(hour(case.first_message_id), hour(case.last_message_id), case.message_count) for case in cases]


def hour(message_id: int) -> float:
    return ((message_id >> 20) - AT) / HOUR


def test_four_hours_of_silence_cut() -> None:
    say(0, 1, 5, 9.5, 10)
    assert spans() == [(0, 5, 3), (9.5, 10, 2)]


def test_a_late_message_joins_two_cases_and_the_first_keeps_its_row() -> None:
    say(0, 6)
    first = Case.objects.unguarded("test").order_by("pk").first()
    say(3)
    assert spans() == [(0, 6, 3)]
    assert Case.objects.unguarded("test").get().pk == first.pk


def test_an_earlier_message_begins_the_case() -> None:
    say(10)
    say(9)
    assert spans() == [(9, 10, 2)]


def test_a_touched_case_stays_and_the_rest_is_cut_around_it() -> None:
    say(0, 1, 10, 11)
    touched = Case.objects.unguarded("test").order_by("first_message_id").last()
    Case.objects.unguarded("test").filter(pk=touched.pk).update(touched=True)
    say(9, 10.5, 12)
    assert spans() == [(0, 1, 2), (9, 9, 1), (10, 11, 2), (12, 12, 1)]


def test_a_second_cut_without_news_changes_nothing() -> None:
    say(0, 6)
    before = list(Case.objects.unguarded("test").values())
    cut(Conversation.objects.unguarded("test").get().pk)
    assert list(Case.objects.unguarded("test").values()) == before
