"""Whatever comes again, comes once; whatever is new is stored whole, with its leaf, key, raw bytes and event."""

import io

import pytest

from huidang.kernel import blobs, clock, ledger
from huidang.kernel.models import Change
from huidang.kernel.problems import Problem
from huidang.records import Appended, Appender, Origin, append
from huidang.records.drafts import ConversationDraft, Draft, Fact, MediaDraft, ParticipantDraft, SourceDraft
from huidang.records.models import Attachment, Conversation, Message, MessageKey, Participant, RawBatch, Source, State

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = 1_732_000_000_000
SOURCE = SourceDraft("chatlab:wechat", "wangshan")
ORIGIN = Origin(source=SOURCE, custody={"format": "test"})


def say(text: str, *, at: int = 0, sender_name: str = "王女士", **more: object) -> Draft:
    return Draft("room", AT + at, sender="u1", sender_name=sender_name, text=text, **more)  # type: ignore[arg-type]


def take(*facts: Fact, exported_ms: int | None = None) -> Appended:
    return append(facts, Origin(source=SOURCE, exported_ms=exported_ms))


def stored() -> list[Message]:
    return list(Message.objects.unguarded("test").order_by("id"))


def test_a_message_is_stored_whole() -> None:
    result = take(ConversationDraft("room", "售后群", "group"), say("你好", id="m1", details={"n": 1}))
    (message,) = stored()
    assert (result.read, result.new, result.known) == (1, 1, 0)
    assert (message.key, message.text, message.sender_name, message.details) == ("m1", "你好", "王女士", {"n": 1})
    assert message.id >> 20 == AT
    assert message.sent_at == clock.at_ms(AT)
    assert ledger.size() == 1
    assert ledger.Leaf.objects.get(index=message.leaf_index).subject_id == message.id
    assert MessageKey.objects.filter(message_id=message.id).exists()
    batch = RawBatch.objects.get(pk=message.raw_batch_id)
    assert message.raw_offset + message.raw_size == batch.size == blobs.path(batch.sha256).stat().st_size
    conversation = Conversation.objects.unguarded("test").get()
    assert (conversation.title, conversation.message_count) == ("售后群", 1)
    assert conversation.first_message_id == conversation.last_message_id == conversation.uncut_message_id == message.id
    assert set(Change.objects.values_list("topic", flat=True)) == {"records", f"conversation:{conversation.pk}"}


def test_the_same_batch_adds_nothing() -> None:
    facts = [say("你好", id="m1"), say("在吗"), say("在吗")]
    assert take(*facts).new == 3
    again = take(*facts)
    assert (again.new, again.known, len(stored()), ledger.size()) == (0, 3, 3, 3)


def test_a_source_takes_the_first_name_it_is_told() -> None:
    for name in ("", "望山", "望山家电"):
        append([say("你好", id=name)], Origin(source=SourceDraft("slack", "T024BE7LD", name=name)))
    assert Source.objects.get().name == "望山"


def test_the_time_since_when_a_name_stands_outlives_a_long_import() -> None:
    with Appender(ORIGIN) as appender:
        for at in range(3):
            appender.append([say(f"第{at}句", at=at, id=f"m{at}")])
    account = Participant.objects.get()
    assert (account.name, account.named_at) == ("王女士", clock.at_ms(AT + 2))
    take(say("早些的", at=1, id="m9", sender_name="旧名"))
    assert Participant.objects.get().name == "王女士"


def test_same_text_twice_in_one_second_survives_and_the_maximum_stands() -> None:
    assert take(say("在吗"), say("在吗")).new == 2
    assert take(say("在吗"), say("在吗"), say("在吗")).new == 1
    assert take(say("在吗")).new == 0


def test_repeats_are_counted_over_all_batches_of_one_import() -> None:
    for _ in range(2):
        with Appender(ORIGIN) as appender:
            for _ in range(3):
                appender.append([say("在吗")])
        assert len(stored()) == 3


def test_another_text_under_a_known_id_is_an_edit_and_the_newest_export_wins() -> None:
    take(say("新", id="m1"), exported_ms=AT + 9_000)
    take(say("旧", id="m1"), exported_ms=AT + 1_000)
    assert State.objects.unguarded("test").get().text_entry_id is None
    take(say("最新", id="m1"), exported_ms=AT + 20_000)
    state = State.objects.unguarded("test").get()
    assert state.edits == 2
    assert Message.objects.unguarded("test").get(pk=state.text_entry_id).text == "最新"
    assert Conversation.objects.unguarded("test").get().message_count == 1


def test_an_old_wording_that_stands_again_is_told_to_the_log() -> None:
    for text, at in (("甲", 1_000), ("乙", 2_000)):
        take(say(text, id="m1"), exported_ms=AT + at)
    size = ledger.size()
    take(say("甲", id="m1"), exported_ms=AT + 3_000)
    state = State.objects.unguarded("test").get()
    assert (state.text_entry_id, state.edits, ledger.size()) == (None, 1, size + 1)
    assert take(say("甲", id="m1"), exported_ms=AT + 3_000).new == 0


def test_recall_waits_for_its_original() -> None:
    take(Draft("room", AT + 5_000, entry="recall", target="m1"))
    assert not State.objects.unguarded("test").exists()
    take(say("发错", id="m1"))
    assert State.objects.unguarded("test").get().recalled_at == clock.at_ms(AT + 5_000)


def test_a_recall_may_bear_the_id_of_what_it_recalls() -> None:
    take(say("发错", id="m1"), Draft("room", AT, id="m1", entry="recall", target="m1"))
    assert [message.key for message in stored() if message.entry == "message"] == ["m1"]
    assert State.objects.unguarded("test").get().recall_entry_id is not None


def test_many_messages_of_one_millisecond_keep_their_order() -> None:
    take(*(say(str(number), id=f"a{number}") for number in range(500)))
    take(*(say(str(number), id=f"b{number}") for number in range(500)))
    assert [message.text for message in stored()] == [str(number) for number in range(500)] * 2


def test_roles_and_names_follow_the_newest_and_the_stated() -> None:
    take(ParticipantDraft("u1", "老王", "agent", "isSend"), exported_ms=AT + 10_000)
    take(say("你好", id="m1"), ParticipantDraft("u1", "小王"), exported_ms=AT + 1_000)
    account = Participant.objects.get()
    assert (account.name, account.role, account.role_ground) == ("老王", "agent", "isSend")


@pytest.mark.parametrize("at", [-AT - 1, 10**15])
def test_times_out_of_range_are_refused_and_nothing_is_stored(at: int) -> None:
    with pytest.raises(Problem, match="时间"):
        take(say("好", id="m0"), say("你好", at=at, id="m1"))
    assert stored() == []
    assert not Conversation.objects.unguarded("test").exists()


def test_what_no_database_stores_is_replaced() -> None:
    take(say("a\x00b\ud83dc", id="m1", reply_to="x" * 500), say("x", id="y" * 500))
    assert stored()[0].text == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_ids_that_look_like_our_own_keys_stay_apart() -> None:
    take(*(say("x", id=name) for name in ("#1", "!id:#1", "!recall:1", "1")))
    assert len({message.key for message in stored()}) == 4


def test_files_of_the_export_are_kept_and_missing_ones_say_why() -> None:
    media = (
        MediaDraft("image", "a.png", ref="a"),
        MediaDraft("file", "b.pdf", ref="b"),
        MediaDraft("voice", missing="needs-token"),
    )
    origin = Origin(source=SOURCE, open_media=lambda ref: io.BytesIO(b"png") if ref == "a" else None)
    append([say("图", id="m1", media=media)], origin)
    kept = {file.position: file for file in Attachment.objects.unguarded("test")}
    assert blobs.open(kept[0].sha256).read() == b"png"
    assert [kept[1].missing, kept[2].missing] == ["not-in-export", "needs-token"]
