"""API tokens in the pages: a secret told once, a scope that stays within its person, an end."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.people.models import Token
from tests.cast import Company

pytestmark = pytest.mark.django_db
Visit = Callable[[str], Client]


def make(client: Client, **more: object) -> str:
    form = {"name": "报表程序", "can": ["read"], "until": str((clock.now() + timedelta(days=30)).date())}
    return client.post("/account/tokens", form | more).text


def test_a_secret_is_told_once_and_opens_the_api(visit: Visit, company: Company) -> None:
    client = visit("zhaolan")
    place = company.departments["售后组"].pk
    page = make(client, department=[place])
    (secret,) = set(re.findall(r"hd_[\w-]{43}", page))
    assert secret not in client.get("/account/tokens").text
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert [each["title"] for each in program.get("/api/v1/conversations").json()["conversations"]] == ["售后群"]
    token = Token.objects.get()
    assert client.post(f"/account/tokens/{token.pk}/revocations").status_code == 302
    assert program.get("/api/v1/me").json()["code"] == "token-revoked"


def test_nothing_beyond_the_person_is_offered_or_given(visit: Visit, company: Company) -> None:
    client = visit("zhoumin")
    page = client.get("/account/tokens").text
    assert 'value="unmask"' not in page
    assert "商务部" not in page
    assert "不能给令牌自己没有的权限" in make(client, can=["unmask"])
    make(client, department=[company.departments["商务部"].pk])
    assert Token.objects.get().departments == [], "a department out of reach is not taken"
    assert "还没有任何权限" in visit("chenwei").get("/account/tokens").text


def test_what_was_typed_stays_when_it_is_refused(visit: Visit) -> None:
    page = make(visit("zhoumin"), until="2020-01-01")
    assert "到期日应在今天之后" in page
    assert 'value="报表程序"' in page


def test_an_administrator_sees_and_ends_those_of_others(visit: Visit) -> None:
    client = visit("zhoumin")
    make(client)
    token = Token.objects.get()
    assert visit("zhaolan").post(f"/account/tokens/{token.pk}/revocations").status_code == 404
    assert visit("zhaolan").get("/signins/tokens").status_code == 404
    admin = visit("admin")
    assert "报表程序" in admin.get("/signins/tokens").text
    admin.post(f"/signins/tokens/{token.pk}/revocations")
    assert "还没有令牌" in client.get("/account/tokens").text
