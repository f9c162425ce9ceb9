"""Identities: one person or robot behind several accounts, merged and split by hand or by a certain key, reversibly."""

from collections.abc import Sequence

from django.db import transaction

from huidang.kernel import clock
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Refused
from huidang.people.models import User
from huidang.records.models import Identity, IdentityChange, Participant

BY_HAND, BY_UNION_ID = "hand", "union-id"


def merge(
    participants: Sequence[Participant], *, name: str = "", ground: str = BY_HAND, by: User | None = None
) -> IdentityChange:
    """Say that accounts, and all that were said to be one with them, are one person; return the change, to undo it."""
    with transaction.atomic():
        asked = Participant.objects.select_for_update().filter(pk__in=[each.pk for each in participants])
        joined = {each.identity_id for each in asked if each.identity_id is not None}
        into = Identity.objects.get(pk=min(joined)) if joined else Identity.objects.create(name=name)
        if name and into.name != name:
            into.name = name
            into.save(update_fields=["name"])
        moved = Participant.objects.filter(identity_id__in=joined - {into.pk})
        moved = moved | Participant.objects.filter(pk__in=[each.pk for each in participants])
        return _move(list(moved.exclude(identity=into)), into, ground=ground, by=by)


def split(participant: Participant, *, by: User | None = None) -> IdentityChange:
    """Say that an account is a person of its own; a shared key does not bring it back."""
    with transaction.atomic():
        return _move([participant], Identity.objects.create(name=participant.name), ground=BY_HAND, by=by)


def undo(change: IdentityChange) -> None:
    """Put every account back where it was. Raises Refused `identity-moved` where one was moved again since."""
    with transaction.atomic():
        accounts = Participant.objects.select_for_update().in_bulk([int(pk) for pk in change.before])
        if change.undone_at is not None or any(each.identity_id != change.into_id for each in accounts.values()):
            raise Refused("identity-moved", "其中有账号后来又被合并或拆分，请先撤销较新的操作。")
        for pk, identity in change.before.items():
            Participant.objects.filter(pk=int(pk)).update(identity_id=identity)
        change.undone_at = clock.now()
        change.save(update_fields=["undone_at"])


def merge_by_key(_run: Run) -> None:
    """See `merge_certain`: the job `identities`."""
    merge_certain()


def merge_certain() -> int:
    """Merge accounts that share a union id on one platform; return how many groups.

    Only accounts without an identity move, so that a split by hand stands.
    """
    alone = Participant.objects.filter(identity__isnull=True).exclude(union_id="")
    keys = alone.values_list("source__platform", "union_id").distinct()
    merged = 0
    for platform, union_id in list(keys):
        accounts = Participant.objects.filter(source__platform=platform, union_id=union_id)
        settled = accounts.filter(identity__isnull=False).order_by("pk").first()
        lonely = list(accounts.filter(identity__isnull=True))
        if settled is not None or len(lonely) > 1:
            merge([*([settled] if settled else []), *lonely], ground=BY_UNION_ID)
            merged += 1
    return merged


def _move(participants: Sequence[Participant], into: Identity, *, ground: str, by: User | None) -> IdentityChange:
    before = {str(each.pk): each.identity_id for each in participants}
    Participant.objects.filter(pk__in=[each.pk for each in participants]).update(identity=into)
    return IdentityChange.objects.create(into=into, before=before, ground=ground, user=by, made_at=clock.now())
