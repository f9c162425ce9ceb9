"""The audit: who did what, when, from where and why. Entries are added, never changed or removed one by one."""

from typing import Any

from huidang.kernel import clock
from huidang.people.models import Entry, User
from huidang.people.readers import Reader

SYSTEM = "system"


def note(
    what: str, *, by: "User | Reader | None", address: str = "", about: str = "", why: str = "", **facts: Any
) -> Entry:
    """Add an entry. `what` is a stable word (`sign-in`, `reveal`), `about` names its object, `facts` are JSON values.

    It is written in the caller's transaction: what is undone was never noted, what is done always is.
    """
    user_id = by.user_id if isinstance(by, Reader) else by.pk if by else None
    name = (by.name if isinstance(by, Reader) else by.username) if by else SYSTEM
    return Entry.objects.create(
        at=clock.now(), user_id=user_id, name=name, what=what, about=about, address=address, why=why, facts=facts
    )
