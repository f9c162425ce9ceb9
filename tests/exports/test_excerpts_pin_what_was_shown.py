"""Excerpts: chosen messages stay as they were pinned, for who may see originals; everybody else is told."""

import pytest

from huidang.exports import excerpts
from huidang.exports.excerpts import Pinned
from huidang.exports.gathering import gather, sections_of
from huidang.exports.models import Excerpt
from huidang.exports.selection import Selection
from huidang.kernel.problems import Absent, Problem
from huidang.people.models import Entry
from huidang.records import Profile
from huidang.records.models import Message
from tests import cast
from tests.cast import MOBILE, Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def promise(company: Company) -> Message:
    """Store a promise that will be regretted."""
    return cast.write(
        company.conversations["售后"], f"我们今天退款，电话 {MOBILE}", sender="周敏", role="agent", minutes=5
    )


@pytest.fixture
def excerpt(company: Company, promise: Message) -> Excerpt:
    """Keep it, as the agent who wrote it."""
    talk = company.conversations["售后"]
    return excerpts.make(company.reader("zhoumin"), talk.pk, [promise.pk], title="退款承诺", note=f"客户 {MOBILE}")


def seen(company: Company, username: str, excerpt: Excerpt) -> Pinned:
    [pinned] = excerpts.read(company.reader(username), excerpt)
    return pinned


def test_words_and_messages_are_highlighted_and_noted(company: Company, excerpt: Excerpt, promise: Message) -> None:
    agent = company.reader("zhoumin")
    excerpts.highlight_words(agent, excerpt.pk, promise.pk, "退款")
    excerpts.highlight(agent, excerpt.pk, promise.pk, [(0, 2), (1, 3)])
    excerpts.highlight_whole(agent, excerpt.pk, promise.pk, whole=True)
    excerpts.annotate(agent, excerpt.pk, promise.pk, "  这句是承诺 ")
    pinned = seen(company, "zhoumin", excerpt)
    assert [part.text for part in pinned.message.parts if part.hit] == ["我们今", "退款"]
    assert (pinned.whole, pinned.note, pinned.since) == (True, "这句是承诺", "")
    excerpts.clear(agent, excerpt.pk, promise.pk)
    assert not any(part.hit for part in seen(company, "zhoumin", excerpt).message.parts)
    with pytest.raises(Problem, match="没有「赔偿」"):
        excerpts.highlight_words(agent, excerpt.pk, promise.pk, "赔偿")
    with pytest.raises(Problem, match="没有选中"):
        excerpts.highlight(agent, excerpt.pk, promise.pk, [(5, 999)])


def test_a_recall_afterwards_takes_the_text_only_from_who_may_not_see_originals(
    company: Company, excerpt: Excerpt, promise: Message
) -> None:
    cast.recall(promise, minutes=1)
    agent, supervisor = seen(company, "zhoumin", excerpt), seen(company, "zhaolan", excerpt)
    assert (agent.message.text, agent.since, supervisor.since) == ("", "摘录之后被撤回", "摘录之后被撤回")
    assert supervisor.message.text == "我们今天退款，电话 138****5678"


def test_an_edit_afterwards_leaves_the_pinned_wording(company: Company, excerpt: Excerpt, promise: Message) -> None:
    excerpts.highlight_words(company.reader("zhoumin"), excerpt.pk, promise.pk, "今天退款")
    cast.edit(promise, "我们尽快退款", minutes=10)
    agent, supervisor = seen(company, "zhoumin", excerpt), seen(company, "zhaolan", excerpt)
    assert (agent.message.text, agent.since) == ("我们尽快退款", "摘录之后改过，这里是现在的文字")
    assert not any(part.hit for part in agent.message.parts)
    assert supervisor.message.text.startswith("我们今天退款")
    assert [part.text for part in supervisor.message.parts if part.hit] == ["今天退款"]
    assert supervisor.since == "摘录之后改过，这里是摘录时的文字"


def test_a_document_is_made_of_it(company: Company, excerpt: Excerpt, promise: Message) -> None:
    excerpts.annotate(company.reader("zhoumin"), excerpt.pk, promise.pk, "承诺")
    gathered = gather(company.reader("zhaolan"), Selection(excerpt=excerpt.pk))
    sections = sections_of(gathered, company.reader("zhaolan"), Profile.OUTSIDE)
    [line] = (line for section in sections for line in section.lines)
    assert (gathered.title, line.note, line.message.text) == ("退款承诺", "承诺", "我们今天退款，电话 138****5678")
    assert gathered.note == "客户 138****5678"


def test_reach_is_that_of_the_conversation(company: Company, excerpt: Excerpt) -> None:
    foreign = company.conversations["商务"]
    with pytest.raises(Absent):
        excerpts.make(company.reader("zhoumin"), foreign.pk, [foreign.last_message_id or 0], title="窥探")
    with pytest.raises(Absent):
        excerpts.make(
            company.reader("zhoumin"), company.conversations["售后"].pk, [foreign.last_message_id or 0], title="混入"
        )
    for username in ("chenwei", "admin"):
        assert excerpts.find(company.reader(username)) == []
        with pytest.raises(Absent):
            excerpts.get_excerpt(company.reader(username), excerpt.pk)
    reader = company.reader("fawu")
    assert [each.title for each in excerpts.find(reader)] == ["退款承诺"]
    with pytest.raises(Absent):
        excerpts.rename(reader, excerpt.pk, title="改名", note="")


def test_what_was_removed_can_be_brought_back(company: Company, excerpt: Excerpt) -> None:
    agent = company.reader("zhoumin")
    excerpts.remove(agent, excerpt.pk)
    assert excerpts.find(agent) == []
    with pytest.raises(Absent):
        excerpts.get_excerpt(agent, excerpt.pk)
    assert excerpts.restore(agent, excerpt.pk).title == "退款承诺"
    assert len(excerpts.find(agent)) == 1
    assert list(Entry.objects.order_by("pk").values_list("what", flat=True)) == [
        "excerpt", "excerpt-removed", "excerpt-restored",
    ]  # fmt: skip
