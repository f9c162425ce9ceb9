"""From the appender to the lens: edits, recalls, replies and deletions as a reader gets them."""

import pytest

from huidang.people.readers import Reader, local_operator
from huidang.records import Origin, Shown, append, find_conversations, thread
from huidang.records.drafts import ConversationDraft, Draft, Fact, MediaDraft, SourceDraft
from huidang.records.models import Conversation
from tests.cast import MOBILE, Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = 1_732_000_000_000
ORIGIN = Origin(source=SourceDraft("slack", "wangshan"))


def say(text: str, *, at: int, **more: object) -> Draft:
    return Draft("room", AT + at, sender="u1", sender_name="王女士", text=text, **more)  # type: ignore[arg-type]


def shown_to(reader: Reader, *facts: Fact) -> list[Shown]:
    append([ConversationDraft("room", f"客户 {MOBILE}"), *facts], ORIGIN)
    (listed,) = [row for row in find_conversations(local_operator()) if row.platform == "slack"]
    assert listed.title == "客户 138****5678"
    return list(thread(int(listed.id), reader).messages)


def test_an_edit_shows_the_new_text_and_the_old_one_to_those_allowed(company: Company) -> None:
    facts = (say("三天到", at=0, id="m1"), say("五天到", at=9_000, entry="edit", target="m1"))
    (message,) = shown_to(local_operator(), *facts)
    assert (message.text, message.edits) == ("五天到", 1)
    assert [version.parts[0].text for version in message.versions] == ["三天到"]


def test_a_wording_that_stands_again_is_no_version(company: Company) -> None:
    texts = ("甲", "乙", "甲")
    for number, text in enumerate(texts):
        append([say(text, at=0, id="m1")], Origin(source=ORIGIN.source, exported_ms=AT + number * 1_000))
    (message,) = shown_to(local_operator())
    assert (message.text, [version.parts[0].text for version in message.versions]) == ("甲", ["乙"])


def test_recalled_and_deleted_are_marks(company: Company) -> None:
    facts = (
        say("发错了", at=0, id="m1"),
        say("删掉的", at=1_000, id="m2"),
        Draft("room", AT + 5_000, entry="recall", target="m1"),
        Draft("room", AT + 6_000, entry="delete", target="m2"),
    )
    shown_to(local_operator(), *facts)
    Conversation.objects.unguarded("test").filter(source__platform="slack").update(
        department=company.departments["售后组"]
    )
    recalled, deleted = shown_to(company.reader("zhoumin"))
    assert (recalled.text, deleted.text) == ("", "")
    assert recalled.recalled_at is not None
    assert deleted.deleted_at is not None
    assert [message.original for message in shown_to(company.reader("zhaolan"))] == [True, True]


def test_a_reply_quotes_through_the_lens_even_with_an_odd_id(company: Company) -> None:
    facts = (say(f"我的号码 {MOBILE}", at=0, id="#odd"), say("收到", at=1_000, reply_to="#odd"))
    answer = shown_to(local_operator(), *facts)[1]
    assert answer.quote is not None
    assert answer.quote.text == "我的号码 138****5678"


def test_files_are_named_through_the_lens(company: Company) -> None:
    media = (MediaDraft("image", name=f"{MOBILE}.jpg", missing="not-in-export"),)
    (message,) = shown_to(local_operator(), say("", at=0, id="m1", kind="image", media=media))
    (file,) = message.attachments
    assert (file.name, file.missing, file.withheld) == ("138****5678.jpg", "not-in-export", False)
