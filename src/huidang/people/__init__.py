"""Who: departments, users, roles, readers, grants, requests, audit."""

from typing import TYPE_CHECKING

from huidang.kernel.door import door

if TYPE_CHECKING:
    from huidang.people.accounts import create_user, get_user, invite, list_people, open_first_door, set_roles
    from huidang.people.grants import close_account, give, reader_for, withdraw
    from huidang.people.readers import EVERYWHERE, INTAKE, NOWHERE, Reach, Reader, local_operator
    from huidang.people.tokens import create_token, reader_for_token

__all__ = [
    "EVERYWHERE",
    "INTAKE",
    "NOWHERE",
    "Reach",
    "Reader",
    "close_account",
    "create_token",
    "create_user",
    "get_user",
    "give",
    "invite",
    "list_people",
    "local_operator",
    "open_first_door",
    "reader_for",
    "reader_for_token",
    "set_roles",
    "withdraw",
]

__getattr__ = door(
    __name__,
    {
        "accounts": ("create_user", "get_user", "invite", "list_people", "open_first_door", "set_roles"),
        "grants": ("close_account", "give", "reader_for", "withdraw"),
        "readers": ("EVERYWHERE", "INTAKE", "NOWHERE", "Reach", "Reader", "local_operator"),
        "tokens": ("create_token", "reader_for_token"),
    },
)
