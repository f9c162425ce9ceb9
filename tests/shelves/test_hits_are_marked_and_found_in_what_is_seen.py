"""Words of lexicons are marked in the visible text, searchable by `hit:`, and tell nothing of what a mask hides."""

import pytest

from huidang import search
from huidang.kernel import jobs
from huidang.kernel.jobs import Run
from huidang.kernel.models import Job
from huidang.people.models import Department
from huidang.people.readers import local_operator
from huidang.records.lens import parts_of
from huidang.records.masking import Profile
from huidang.search import indexer
from huidang.shelves import labelling, lexicons, starters
from huidang.shelves.lexicons import Entry, Matcher
from huidang.shelves.models import Lexicon
from tests.search import rows
from tests.search.conftest import writer

__all__ = ["writer"]

MOBILE = "13812345678"
OPERATOR = local_operator()


def marked(text: str, *words: str) -> list[str]:
    matcher = Matcher(Entry(word, "词库", "complaint") for word in words)
    return [part.text for part in labelling.mark(parts_of(text, Profile.INSIDE), matcher) if part.sensitive]


def test_a_mark_names_group_and_lexicon() -> None:
    matcher = Matcher([Entry("消协", "投诉用语", "complaint")])
    parts = labelling.mark(parts_of("我找消协去", Profile.INSIDE), matcher)
    assert [(part.text, part.sensitive) for part in parts] == [("我找", ""), ("消协", "投诉 · 投诉用语"), ("去", "")]


def test_no_word_is_found_under_a_mask_or_across_it() -> None:
    assert marked(f"打{MOBILE}找消协", "138", "5678", "12345", "消协") == ["消协"]
    assert marked("投QQ 123456789诉", "投诉") == []


def test_marks_keep_masks_and_hits() -> None:
    parts = parts_of(f"消协{MOBILE}消协", Profile.INSIDE, hits=[(0, 1)])
    seen = labelling.mark(parts, Matcher([Entry("消协", "词库", "own")]))
    assert "".join(part.text for part in seen) == "消协138****5678消协"
    assert [part.hit for part in seen if part.sensitive] == [True, False, False]


@pytest.fixture
def complaints(db: None) -> Lexicon:
    lexicon = lexicons.create_lexicon(name="监管用语", group="complaint")
    lexicons.add_words(lexicon, ["消协", "12345"])
    return lexicon


def found(query: str) -> set[int]:
    return {int(hit.shown.id) for hit in search.find(OPERATOR, query).hits}


def run_relabelling() -> None:
    """Run the job as a worker would."""
    job = Job.objects.get(kind="relabel")
    job.leased_until, job.token = job.due_at, 1
    job.save()
    Run(job, jobs.HANDLERS["relabel"]).work()


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.usefixtures("writer", "complaints")
def test_a_hit_is_found_by_group_lexicon_and_word_in_any_writing() -> None:
    said, _other = rows.append(rows.conversation(), "我要找 消*協", "没什么")
    indexer.catch_up()
    for query in ("hit:投诉", "命中词:complaint", "hit:监管", "hit:消协", "hit:任意", "-hit:泄露风险 hit:消协"):
        assert found(query) == {said.pk}, query
    assert found("hit:承诺") == found("hit:没有的词") == set()


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.usefixtures("writer", "complaints")
def test_what_a_mask_hides_is_no_hit() -> None:
    rows.append(rows.conversation(), f"打{MOBILE}")
    indexer.catch_up()
    assert found("hit:12345") == found("hit:投诉") == set()


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.usefixtures("writer", "complaints")
def test_a_recalled_message_is_no_hit() -> None:
    (said,) = rows.append(rows.conversation(), "找消协")
    rows.recall(said)
    indexer.catch_up()
    assert found("hit:消协") == set()


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.usefixtures("writer", "complaints")
def test_a_lexicon_counts_only_where_it_applies() -> None:
    east, south = (Department.objects.create(name=name) for name in ("华东", "华南"))
    own = lexicons.create_lexicon(name="华东自定", group="own", department_ids=[east.pk])
    lexicons.add_words(own, ["转班"])
    (here,) = rows.append(rows.conversation(department=east), "要转班")
    rows.append(rows.conversation(department=south), "要转班")
    indexer.catch_up()
    assert found("hit:自定") == {here.pk}


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.usefixtures("writer", "complaints")
def test_a_change_marks_stored_messages_anew_and_says_so_meanwhile(complaints: Lexicon) -> None:
    (said,) = rows.append(rows.conversation(), "我要曝光")
    indexer.catch_up()
    lexicons.add_words(complaints, ["曝光"])
    result = search.find(OPERATOR, "hit:投诉")
    assert (result.total, result.coverage.relabelling, result.coverage.complete) == (0, True, False)
    assert search.find(OPERATOR, "曝光").coverage.complete
    run_relabelling()
    assert found("hit:投诉") == {said.pk}
    assert search.find(OPERATOR, "hit:投诉").coverage.complete


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.usefixtures("writer", "complaints")
def test_a_row_of_changes_asks_once(complaints: Lexicon) -> None:
    lexicons.add_words(complaints, ["曝光"])
    lexicons.remove_words(complaints, ["曝光"])
    assert Job.objects.filter(kind="relabel").count() == 1


@pytest.mark.django_db
def test_every_group_has_a_starter_and_none_is_installed_twice() -> None:
    installed = starters.install()
    assert {lexicon.group for lexicon in installed} == {"complaint", "promise", "abuse", "leak"}
    assert all(lexicon.words.filter(allowed=False).count() >= 30 for lexicon in installed)
    assert starters.install() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["我们不能保证今天到", "装在垃圾桶旁边", "不要把验证码告诉任何人", "请加企业微信", "保证金三天内退回"]
)
def test_starters_let_ordinary_talk_pass(text: str) -> None:
    starters.install()
    assert lexicons.find_hits(text, department_id=None) == ()
