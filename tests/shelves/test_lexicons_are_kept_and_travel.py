"""Lexicons are changed as a whole, apply by department, and travel as files."""

import io

import pytest

from huidang.kernel.problems import Problem
from huidang.people.models import Department
from huidang.shelves import lexicons, wordlists
from huidang.shelves.models import Lexicon

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def complaints() -> Lexicon:
    lexicon = lexicons.create_lexicon(name="投诉用语", group="complaint")
    lexicons.add_words(lexicon, ["12315", "消协", "退费"])
    return lexicon


def words(text: str, department_id: int | None = None) -> list[str]:
    return [hit.word for hit in lexicons.find_hits(text, department_id=department_id)]


def test_a_change_is_noticed_at_once(complaints: Lexicon) -> None:
    assert words("我找消协") == ["消协"]
    lexicons.remove_words(complaints, ["消协"])
    assert words("我找消协") == []


def test_a_lexicon_that_is_off_finds_nothing(complaints: Lexicon) -> None:
    lexicons.change_lexicon(complaints, enabled=False, department_ids=[])
    assert words("我找消协") == []


def test_a_department_lexicon_applies_to_the_departments_below_and_nowhere_else() -> None:
    east = Department.objects.create(name="华东")
    shanghai = Department.objects.create(name="上海", parent=east)
    south = Department.objects.create(name="华南")
    own = lexicons.create_lexicon(name="华东自定", group="own", department_ids=[east.pk])
    lexicons.add_words(own, ["转班"])
    assert words("要转班", shanghai.pk) == words("要转班", east.pk) == ["转班"]
    assert words("要转班", south.pk) == words("要转班") == []


def test_the_same_word_twice_is_known(complaints: Lexicon) -> None:
    assert lexicons.add_words(complaints, ["消协", "曝光"]) == lexicons.Change(added=1, known=1)


@pytest.mark.parametrize("bad", ["。。", "长" * 61])
def test_a_bad_word_adds_nothing(complaints: Lexicon, bad: str) -> None:
    with pytest.raises(Problem):
        lexicons.add_words(complaints, ["曝光", bad])
    assert words("曝光") == []


@pytest.mark.parametrize("write", [wordlists.write_csv, wordlists.write_xlsx, wordlists.write_text])
def test_a_lexicon_survives_the_way_through_a_file(complaints: Lexicon, write: object) -> None:
    lexicons.add_words(complaints, ["消协协会"], allowed=True)
    lexicons.add_words(complaints, ["=HYPERLINK(1)"])
    content = write(complaints)  # type: ignore[operator]
    content = content.encode() if isinstance(content, str) else content
    copy = lexicons.create_lexicon(name="副本", group="own")
    assert wordlists.import_words(copy, io.BytesIO(content)).added == 5
    assert set(copy.words.values_list("text", "allowed")) == set(complaints.words.values_list("text", "allowed"))


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04broken", "备注,别的\n1,2\n".encode("utf-16-le")[1:], b"a" * (20 * 1024**2 + 1)]
)
def test_a_file_that_cannot_be_read_is_refused_whole(complaints: Lexicon, content: bytes) -> None:
    with pytest.raises(Problem):
        wordlists.import_words(complaints, io.BytesIO(content))


def test_old_chinese_encodings_are_read(complaints: Lexicon) -> None:
    assert wordlists.import_words(complaints, io.BytesIO("# 说明\n曝光\n!不曝光\n".encode("gb18030"))).added == 2
