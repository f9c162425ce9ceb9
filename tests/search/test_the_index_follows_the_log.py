"""What is appended is found, once, whatever happens to the writer or its files."""

import shutil
from pathlib import Path

import pytest
from django.db import transaction

from huidang.kernel import ledger
from huidang.kernel.problems import Problem
from huidang.people.models import Department
from huidang.people.readers import local_operator
from huidang.records.models import Conversation
from huidang.search import generations, index, indexer, reading, tokens
from huidang.search.index import Tree
from tests.search import rows

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("writer")]


def found(text: str) -> list[int]:
    open_index = reading.Reading().index()
    assert open_index is not None
    tree: Tree = index.Words(tokens.runs(text)) if text else index.EVERYTHING
    return open_index.find(local_operator(), tree, sort="new", limit=1000).ids


def test_appended_messages_are_found() -> None:
    said = rows.append(rows.conversation(), "我要退费", "好的")
    assert indexer.catch_up() == 2
    assert found("退费") == [said[0].pk]
    more = rows.append(rows.conversation(), "退费单呢")
    indexer.catch_up()
    assert found("退费") == [more[0].pk, said[0].pk]


def test_an_open_reader_sees_the_next_commit() -> None:
    reader = reading.Reading()
    assert reader.index() is None
    rows.append(rows.conversation(), "一")
    indexer.catch_up()
    first = reader.index()
    assert first is not None
    assert first.count(local_operator(), index.EVERYTHING) == 1
    rows.append(rows.conversation(), "二")
    indexer.catch_up()
    assert reader.index() is first
    assert first.count(local_operator(), index.EVERYTHING) == 2


def test_a_follower_gathers_messages_and_counts_the_audit_at_once(writer: indexer.Indexer) -> None:
    rows.append(rows.conversation(), "退费")
    writer.drain(gather=60)
    assert indexer.applied_now() == 0
    writer.drain()
    assert indexer.applied_now() == 1
    with transaction.atomic():
        ledger.append([(bytes(32), "audit", 0)])
    writer.drain(gather=60)
    assert indexer.applied_now() == 2


def test_only_the_text_that_stands_is_found() -> None:
    (said,) = rows.append(rows.conversation(), "明天发货")
    indexer.catch_up()
    rows.edit(said, "后天发货")
    indexer.catch_up()
    assert found("明天") == []
    assert found("后天") == [said.pk]


def test_work_done_twice_changes_nothing(writer: indexer.Indexer) -> None:
    said = rows.append(rows.conversation(), *["退费"] * 30)
    indexer.catch_up()
    generation = generations.current()
    assert generation is not None
    writer.close()
    generation.write_mark(generations.Mark(applied=7, stamp=1))  # killed between commit and mark
    assert indexer.catch_up() == 30
    assert found("退费") == rows.ids(said)
    assert departments() == [(0, 30)]


def test_a_deleted_folder_comes_back() -> None:
    said = rows.append(rows.conversation(), "退费")
    indexer.catch_up()
    shutil.rmtree(generations.folder())
    more = rows.append(rows.conversation(), "又退费")
    indexer.catch_up()
    assert found("退费") == rows.ids([*said, *more])


@pytest.mark.parametrize("stated", [{"norm": "norm_v0"}, {"library": "0.1"}, {"applied": 999}])
def test_a_foreign_index_is_built_anew(writer: indexer.Indexer, stated: dict[str, str]) -> None:
    said = rows.append(rows.conversation(), "退费")
    indexer.catch_up()
    generation = generations.current()
    assert generation is not None
    writer.close()
    generation.write_mark(generations.Mark(**stated))  # type: ignore[arg-type]
    indexer.catch_up()
    assert generations.current() != generation
    assert found("退费") == [said[0].pk]


def test_rebuilding_swaps_and_loses_nothing() -> None:
    said = rows.append(rows.conversation(), *["退费"] * 20)
    indexer.catch_up()
    before = generations.current()
    indexer.rebuild()
    assert generations.current() != before
    assert found("退费") == rows.ids(said)
    assert len([each for each in generations.folder().iterdir() if each.is_dir()]) == 1


def test_one_process_writes(tmp_path: Path) -> None:
    rows.append(rows.conversation(), "退费")
    other = indexer.Lock(tmp_path / "index.lock")
    assert other.hold()
    with pytest.raises(Problem, match="索引"):
        indexer.catch_up(seconds=0.1)
    with pytest.raises(Problem, match="索引"):
        indexer.rebuild()
    other.release()
    assert indexer.catch_up() == 1


def test_what_was_touched_is_read_again() -> None:
    place = rows.conversation()
    said = rows.append(place, "明天发货", "好的")
    later = rows.append(place, "后天发货", entry="edit", target=said[0].key)
    indexer.catch_up()
    rows.restate(said[0], text_entry_id=later[0].pk, edits=1)  # another text stands, without a new leaf
    indexer.touch(messages=[said[0].pk])
    indexer.catch_up()
    assert found("后天") == [said[0].pk]
    department = Department.objects.create(name="售后")
    Conversation.objects.unguarded("test").filter(pk=place.pk).update(department=department)
    indexer.touch(conversations=[place.pk])
    indexer.catch_up()
    assert departments() == [(department.pk, 2)]
    assert not indexer.Stale.objects.exists()


def departments() -> list[tuple[index.Value, int]]:
    open_index = reading.Reading().index()
    assert open_index is not None
    return open_index.facets(local_operator(), index.EVERYTHING, fields=["department"], limit=5)["department"]
