"""A hit inside a file names the file and its page; a file that was not read says why."""

from collections.abc import Callable

import pytest
from django.test import Client

from huidang.records.models import FileText, Message
from huidang.search import indexer
from tests import cast
from tests.cast import Company
from tests.search import rows

pytestmark = pytest.mark.usefixtures("writer")
Visit = Callable[[str], Client]


def say_with_file(company: Company, **read: object) -> Message:
    (said,) = rows.append(company.conversations["售后"], "合同发您了")
    cast.attach(said, kind="file", name="服务协议.pdf", mime="application/pdf", sha256="a" * 64)
    FileText.objects.create(sha256="a" * 64, **read)
    indexer.catch_up()
    return said


def test_the_hit_names_file_and_page(company: Company, visit: Visit) -> None:
    say_with_file(company, pages=[[1, "封面"], [3, "保修条款：整机三年"]])
    page = visit("zhaolan").get("/search", {"q": "保修条款"}).content.decode()
    assert "服务协议.pdf · 第 3 页" in page
    assert "<mark>保修条款</mark>：整机三年" in page
    assert "整机三年" not in visit("zhoumin").get("/search", {"q": "保修条款"}).content.decode()


def test_the_message_says_why_its_file_was_not_read(company: Company, visit: Visit) -> None:
    said = say_with_file(company, reason="encrypted")
    place = f"/conversations/{said.conversation_id}"
    assert "文件有密码，搜不到里面的文字" in visit("zhaolan").get(place).content.decode()
    assert "文件有密码" not in visit("zhoumin").get(place).content.decode()
