"""`department` and `user`: the tree of the company and its accounts from the command line."""

from argparse import Namespace
from collections.abc import Iterator

from huidang.cli.errand import DONE
from huidang.cli.terminal import Terminal, table
from huidang.people import create_user, departments, get_user, invite, list_people, set_roles
from huidang.people.accounts import Person
from huidang.people.models import Department


def list_departments(_arguments: Namespace, terminal: Terminal) -> int:
    """Print the tree."""
    rows = list(_walk(None, 0))
    terminal.result(
        {"departments": [{"id": row.pk, "name": row.name, "parent": row.parent_id} for row, _ in rows]},
        [f"{'  ' * depth}{row.name}" for row, depth in rows],
    )
    return DONE


def _walk(parent: Department | None, depth: int) -> Iterator[tuple[Department, int]]:
    for row in Department.objects.filter(parent=parent).order_by("position", "pk"):
        yield row, depth
        yield from _walk(row, depth + 1)


def add_department(arguments: Namespace, terminal: Terminal) -> int:
    """Make a department, and what is missing above it."""
    row = departments.ensure(arguments.path)
    terminal.result({"id": row.pk, "name": row.name, "parent": row.parent_id}, [f"部门「{row.name}」编号 {row.pk}。"])
    return DONE


def list_users(_arguments: Namespace, terminal: Terminal) -> int:
    """Print every account with its roles."""
    people = list_people()
    terminal.result({"users": [_person(one) for one in people]}, table((one.username, _words(one)) for one in people))
    return DONE


def _person(one: Person) -> dict[str, object]:
    roles = [{"role": held.role, "over": held.over} for held in one.roles]
    return {"username": one.username, "name": one.name, "active": one.is_active, "roles": roles}


def _words(one: Person) -> str:
    roles = "、".join(f"{held.role}@{held.over}" for held in one.roles) or "没有角色"
    return f"{one.name}  {roles}{'' if one.is_active else '  已停用'}"


def add_user(arguments: Namespace, terminal: Terminal) -> int:
    """Make an account with its roles and print the token of its first sign-in link."""
    over = departments.get_department(arguments.department) if arguments.department else None
    user = create_user(arguments.username, name=arguments.name, department=over)
    set_roles(user, arguments.role, over=over)
    return _print_link(invite(user), terminal)


def invite_user(arguments: Namespace, terminal: Terminal) -> int:
    """Print the token of a new sign-in link."""
    return _print_link(invite(get_user(arguments.username)), terminal)


def _print_link(token: str, terminal: Terminal) -> int:
    path = f"/signin/{token}"
    terminal.result({"path": path}, [f"一次性登录地址（接在网址后）：{path}"])
    return DONE
