"""Any order and any overlap of batches gives the same visible state (hypothesis against every permutation drawn)."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huidang.records import Origin, append
from huidang.records.drafts import Draft, SourceDraft
from huidang.records.models import Conversation, Message, Participant, State

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = 1_732_000_000_000
moments = st.integers(0, 3).map(lambda second: AT + second * 1000)
texts = st.sampled_from(["甲", "乙", "丙"])
ids = st.sampled_from(["", "1", "2"])

messages = st.builds(
    Draft, st.sampled_from(["r", "s"]), moments, id=ids, sender=st.sampled_from(["u", "v"]),
    sender_name=st.sampled_from(["老王", "小王"]), text=texts, as_of_ms=st.none() | moments,
)  # fmt: skip
changes = st.builds(
    Draft, st.sampled_from(["r", "s"]), moments, entry=st.sampled_from(["edit", "recall", "delete"]),
    id=st.sampled_from(["", "e1", "e2"]), target=st.sampled_from(["1", "2"]), text=texts,
)  # fmt: skip
batches = st.lists(st.tuples(st.lists(messages | changes, max_size=5), st.none() | moments), min_size=2, max_size=4)


def consistent(draft: Draft) -> Draft:
    """Give a platform id one sending time and sender, as platforms do; entries without a text have none."""
    if draft.entry == "message":
        fixed = (AT + int(draft.id) * 100, "u") if draft.id else (draft.sent_ms, draft.sender)
        return Draft(draft.conversation, fixed[0], id=draft.id, sender=fixed[1], sender_name=draft.sender_name,
                     text=draft.text, as_of_ms=draft.as_of_ms if draft.id else None)  # fmt: skip
    if draft.id:  # an event's id stands for one event
        return Draft(
            draft.conversation,
            AT + 500,
            entry=draft.entry,
            id=draft.id,
            target="1",
            text="丙" if draft.entry == "edit" else "",
        )
    return Draft(
        draft.conversation,
        draft.sent_ms,
        entry=draft.entry,
        target=draft.target,
        text=draft.text if draft.entry == "edit" else "",
    )


def visible() -> Any:
    """Return what a reader would see, without the ids that depend on the order."""
    states = {state.message_id: state for state in State.objects.unguarded("test")}
    shown = {message.pk: message.text for message in Message.objects.unguarded("test")}
    seen = []
    for message in Message.objects.unguarded("test").filter(entry="message").select_related("sender"):
        state = states.get(message.pk)
        text = shown[state.text_entry_id] if state and state.text_entry_id else message.text
        fate = (state.edits, state.edited_at, state.recalled_at, state.deleted_at) if state else None
        seen.append(
            (
                message.conversation_id,
                message.key,
                message.sent_at,
                text,
                fate,
                message.sender.name if message.sender else "",
            )
        )
    rooms = dict(Conversation.objects.unguarded("test").values_list("pk", "platform_id"))
    counts = sorted(
        Conversation.objects.unguarded("test").filter(message_count__gt=0).values_list("platform_id", "message_count")
    )
    names = sorted(Participant.objects.values_list("platform_id", "name"))
    return sorted((rooms[room], *rest) for room, *rest in map(list, seen)), counts, names


def result_of(imports: Any) -> Any:
    with transaction.atomic():
        for drafts, exported_ms in imports:
            append(drafts, Origin(source=SourceDraft("x"), exported_ms=exported_ms))
        outcome = visible()
        transaction.set_rollback(True)
    return outcome


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(imports=batches, data=st.data())
def test_any_order_and_overlap_gives_the_same_view(imports: Any, data: st.DataObject) -> None:
    imports = [([consistent(draft) for draft in drafts], exported) for drafts, exported in imports]
    order = data.draw(st.permutations(imports))
    again = data.draw(st.lists(st.sampled_from(imports), max_size=3))
    assert result_of(imports) == result_of([*order, *again])
