"""Passwords, limits and links: one answer for every failure, counted in the database, used once, noted."""

from datetime import timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people import accounts, departments
from huidang.people.login.limits import PER_ACCOUNT, PER_ADDRESS, PER_PAIR, WINDOW, TooOften, forget_old
from huidang.people.login.links import find_person, make_link, use_link
from huidang.people.login.passwords import change_password, check_password
from huidang.people.models import Attempt, Entry, SignInLink, User
from tests.cast import PASSWORD, Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HOME = "203.0.113.7"


def fail(username: str = "zhoumin", address: str = HOME, password: str = "wrong") -> str:
    with pytest.raises(Problem) as refusal:
        check_password(username, password, address=address)
    return refusal.value.code


def test_right_password_opens_and_is_noted(zhoumin: User) -> None:
    assert check_password("zhoumin", PASSWORD, address=HOME) == zhoumin
    entry = Entry.objects.get(what="sign-in")
    assert (entry.user, entry.name, entry.address, entry.facts) == (zhoumin, "zhoumin", HOME, {"way": "password"})


def test_hash_is_argon2(zhoumin: User) -> None:
    assert zhoumin.password.startswith("argon2$argon2id$")


def test_every_failure_is_one_answer(zhoumin: User) -> None:
    User.objects.filter(username="zhaolan").update(is_active=False)
    assert {fail("zhoumin"), fail("nobody"), fail("chenwei"), fail("zhaolan", password=PASSWORD)} == {"sign-in-wrong"}
    assert Entry.objects.filter(what="sign-in-failed").count() == 4


def test_pair_runs_out_even_for_the_right_password_but_only_here(zhoumin: User) -> None:
    for _ in range(PER_PAIR):
        fail()
    with pytest.raises(TooOften) as refusal:
        check_password("zhoumin", PASSWORD, address=HOME)
    assert 0 < refusal.value.facts["retry_seconds"] <= WINDOW.total_seconds()
    assert check_password("zhoumin", PASSWORD, address="203.0.113.8") == zhoumin


def test_limit_ends_by_itself(zhoumin: User) -> None:
    for _ in range(PER_PAIR):
        fail()
    with clock.frozen(clock.now() + WINDOW):
        assert check_password("zhoumin", PASSWORD, address=HOME) == zhoumin


def test_success_forgets_failures(zhoumin: User) -> None:
    for _ in range(PER_PAIR - 1):
        fail()
    check_password("zhoumin", PASSWORD, address=HOME)
    assert fail() == "sign-in-wrong"


@pytest.mark.parametrize(("kind", "limit"), [("address", PER_ADDRESS), ("account", PER_ACCOUNT)])
def test_many_accounts_or_many_addresses_run_out(zhoumin: User, kind: str, limit: int) -> None:
    fail()
    stored = Attempt.objects.get()
    others = [
        Attempt(
            account=stored.account if kind == "account" else f"a{number}",
            address=stored.address if kind == "address" else f"b{number}",
            at=clock.now(),
        )
        for number in range(limit)
    ]
    Attempt.objects.bulk_create(others)
    assert fail("zhoumin" if kind == "account" else "nobody", "198.51.100.1" if kind == "account" else HOME) == (
        "sign-in-too-often"
    )


def test_attempts_hold_no_names_and_are_forgotten(zhoumin: User) -> None:
    fail("password-in-the-wrong-field")
    assert "password" not in Attempt.objects.get().account
    for later, left in ((timedelta(hours=23), 1), (timedelta(days=2), 0)):
        with clock.frozen(clock.now() + later):
            forget_old(None)  # type: ignore[arg-type]
        assert Attempt.objects.count() == left


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password123", "zhoumin2024", "a" * 257])
def test_weak_passwords_are_refused(zhoumin: User, weak: str) -> None:
    with pytest.raises(Problem):
        change_password(zhoumin, weak, old=PASSWORD, address=HOME)
    assert User.objects.get(pk=zhoumin.pk).check_password(PASSWORD)


def test_change_needs_the_old_password_where_there_is_one(company: Company, zhoumin: User) -> None:
    with pytest.raises(Problem) as refusal:
        change_password(zhoumin, "Another-strong-one-9", old="wrong", address=HOME)
    assert refusal.value.code == "password-wrong"
    change_password(zhoumin, "Another-strong-one-9", old=PASSWORD, address=HOME)
    newcomer = accounts.create_user("linxia", name="林夏")
    change_password(newcomer, "Another-strong-one-9", old=None, address=HOME)
    assert check_password("linxia", "Another-strong-one-9", address=HOME) == newcomer


def test_link_works_once(company: Company) -> None:
    token = make_link(company.users["zhoumin"], by=None)
    assert find_person(token) == company.users["zhoumin"]
    assert use_link(token, address=HOME) == company.users["zhoumin"]
    for use in (lambda: use_link(token, address=HOME), lambda: find_person(token)):
        with pytest.raises(Problem) as refusal:
            use()
        assert refusal.value.code == "link-dead"
    assert token not in {link.digest for link in SignInLink.objects.all()}


def test_link_expires_and_a_newer_one_replaces_it(company: Company) -> None:
    user = company.users["zhoumin"]
    first, second = make_link(user, by=None), make_link(user, by=None)
    with pytest.raises(Problem):
        find_person(first)
    with clock.frozen(clock.now() + timedelta(hours=24)), pytest.raises(Problem):
        use_link(second, address=HOME)


def test_link_of_a_closed_account_is_dead(company: Company) -> None:
    token = make_link(company.users["zhoumin"], by=None)
    User.objects.filter(username="zhoumin").update(is_active=False)
    with pytest.raises(Problem):
        find_person(token)


def test_first_door_opens_until_somebody_came_in() -> None:
    token = accounts.open_first_door()
    assert token is not None
    again = accounts.open_first_door()
    assert again is not None
    user = use_link(again, address=HOME)
    assert not user.has_usable_password()
    User.objects.update(last_login=clock.now())
    assert accounts.open_first_door() is None
    with pytest.raises(Problem):
        use_link(token, address=HOME)


def test_accounts_are_listed_with_what_they_hold(company: Company) -> None:
    people = {person.username: person for person in accounts.list_people()}
    assert [(held.role, held.over) for held in people["zhaolan"].roles] == [("supervisor", "客服中心")]
    assert [(held.role, held.over) for held in people["fawu"].roles] == [("compliance", "everything")]
    assert people["chenwei"].roles == ()


def test_accounts_are_made_without_a_password(company: Company) -> None:
    user = accounts.create_user("linxia", name="林夏", department=departments.get_department("售后组"))
    assert not user.has_usable_password()
    for name, code in (("linxia", "user-exists"), ("a b", "username-unusable"), ("", "username-unusable")):
        with pytest.raises(Problem) as refusal:
            accounts.create_user(name)
        assert refusal.value.code == code
    with pytest.raises(Absent):
        accounts.get_user("nobody")


def test_roles_are_replaced(company: Company) -> None:
    user = company.users["chenwei"]
    accounts.set_roles(user, ["agent", "auditor"], over=company.departments["商务部"])
    accounts.set_roles(user, ["agent"], own=True)
    (person,) = [person for person in accounts.list_people() if person.username == "chenwei"]
    assert [(held.role, held.over) for held in person.roles] == [("agent", "own")]
    assert Entry.objects.filter(what="roles-set").last().facts == {
        "before": ["agent@商务部", "auditor@商务部"],
        "roles": ["agent"],
    }
