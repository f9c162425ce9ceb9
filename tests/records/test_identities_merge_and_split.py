"""Accounts become one person by hand or by a certain key, and every step can be undone."""

import pytest

from huidang.kernel.problems import Refused
from huidang.records import Origin, append, identities
from huidang.records.drafts import ParticipantDraft, SourceDraft
from huidang.records.models import Participant

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def accounts(*drafts: ParticipantDraft, workspace: str = "a") -> list[Participant]:
    append(drafts, Origin(source=SourceDraft("wecom", workspace)))
    return list(Participant.objects.filter(platform_id__in=[draft.id for draft in drafts]).order_by("pk"))


def groups() -> list[list[str]]:
    found: dict[int | None, list[str]] = {}
    for account in Participant.objects.order_by("platform_id"):
        found.setdefault(account.identity_id, []).append(account.platform_id)
    return sorted(found.values())


def test_merging_takes_along_what_was_one_already() -> None:
    a, b, c = accounts(*(ParticipantDraft(name, name) for name in "abc"))
    identities.merge([a, b])
    identities.merge([b, c], name="王女士")
    assert groups() == [["a", "b", "c"]]


def test_undo_puts_everything_back_in_turn() -> None:
    a, b, c = accounts(*(ParticipantDraft(name, name) for name in "abc"))
    first = identities.merge([a, b])
    second = identities.merge([*Participant.objects.filter(pk=b.pk), c])
    identities.undo(second)
    assert groups() == [["a", "b"], ["c"]]
    identities.undo(first)
    assert all(account.identity_id is None for account in Participant.objects.all())


def test_undo_refuses_where_an_account_moved_since() -> None:
    a, b = accounts(ParticipantDraft("a"), ParticipantDraft("b"))
    change = identities.merge([a, b])
    identities.split(Participant.objects.get(pk=b.pk))
    with pytest.raises(Refused):
        identities.undo(change)


def test_a_union_id_merges_and_a_split_by_hand_stands() -> None:
    accounts(ParticipantDraft("a", union_id="U"), ParticipantDraft("x"))
    accounts(ParticipantDraft("b", union_id="U"), workspace="other")
    assert (identities.merge_certain(), identities.merge_certain()) == (1, 0)
    b = Participant.objects.get(platform_id="b")
    assert b.identity_id is not None
    identities.split(b)
    identities.merge_certain()
    assert Participant.objects.get(platform_id="b").identity_id != Participant.objects.get(platform_id="a").identity_id
