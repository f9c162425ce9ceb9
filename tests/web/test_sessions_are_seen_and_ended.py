"""Sessions: listed with device and address, ended one by one, all at once, by an administrator, by what follows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.people import close_account
from huidang.people.login.sessions import FRESH
from huidang.people.models import Entry, Session, User
from tests.cast import PASSWORD, Company

pytestmark = pytest.mark.django_db
Visit = Callable[[str], Client]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"


def sign_in(agent: str = CHROME) -> Client:
    client = Client(headers={"accept-language": "zh-hans", "user-agent": agent})
    client.post("/signin", {"username": "zhoumin", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/conversations").status_code == 200


def test_each_is_listed_with_its_device(zhoumin: User) -> None:
    here = sign_in()
    sign_in("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0")
    page = here.get("/account/sessions").text
    assert "Chrome · Windows" in page
    assert "微信 · iPhone" in page
    assert page.count("这台") == 1
    assert "127.0.0.1" in page


def test_one_is_ended_or_all_others(zhoumin: User) -> None:
    here, second, third = sign_in(), sign_in(), sign_in()
    row = Session.objects.order_by("-pk")[0]
    assert here.post(f"/account/sessions/{row.pk}/ends").status_code == 302
    assert [is_in(each) for each in (here, second, third)] == [True, True, False]
    here.post("/account/sessions/ends")
    assert [is_in(each) for each in (here, second)] == [True, False]


def test_another_persons_is_absent_but_for_an_administrator(visit: Visit, zhoumin: User) -> None:
    here = sign_in()
    row = Session.objects.get(user=zhoumin)
    assert visit("zhaolan").post(f"/account/sessions/{row.pk}/ends").status_code == 404
    assert visit("zhaolan").post(f"/signins/sessions/{row.pk}/ends").status_code == 404
    admin = visit("admin")
    assert "周敏" in admin.get("/signins/sessions").text
    admin.post(f"/signins/sessions/{row.pk}/ends")
    assert not is_in(here)
    assert Entry.objects.get(what="session-ended").name == "admin"


def test_another_password_or_a_closed_account_ends_all(zhoumin: User) -> None:
    here, elsewhere = sign_in(), sign_in()
    strong = "Another-strong-one-9"
    here.post("/account/password", {"old": PASSWORD, "new": strong, "again": strong})
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    close_account(zhoumin)
    assert not is_in(here)
    zhoumin.is_active = True
    zhoumin.save()
    assert not is_in(here), "reopening an account brings no session back"


def test_an_ended_session_does_not_come_back_with_its_cookie(zhoumin: User) -> None:
    here = sign_in()
    copied = Client()
    copied.cookies["sessionid"] = here.cookies["sessionid"].value
    assert is_in(copied)
    here.post("/signout")
    assert not is_in(copied)


def test_an_old_session_alone_changes_no_way_in(zhoumin: User) -> None:
    here = sign_in()
    Session.objects.update(started_at=clock.now() - FRESH - timedelta(minutes=1))
    assert here.post("/account/factors/app/creations").status_code == 400
    form = {"name": "报表", "can": "read", "until": str((clock.now() + timedelta(days=9)).date())}
    assert here.post("/account/tokens", form).status_code == 400
    assert here.post("/account/factors/app/creations", {"password": PASSWORD}).status_code == 302


def test_nobody_stays_signed_in_beyond_a_day(zhoumin: User) -> None:
    here = sign_in()
    Session.objects.update(started_at=clock.now() - timedelta(hours=13))
    assert not is_in(here)


def test_the_company_sees_no_page_of_sessions(company: Company, visit: Visit) -> None:
    assert visit("auditor").get("/signins/sessions").status_code == 404
