"""Two archives that differ only in hidden digits give a masked reader the same bytes: pages, API and command."""

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from huidang.cli import errand
from huidang.cli.grammar import build_parser
from huidang.kernel import clock, limits
from huidang.kernel.access import Can
from huidang.people import create_token
from huidang.records import marks, maskrules
from huidang.records.models import Attachment, Message
from huidang.records.numbers import is_luhn, is_resident
from huidang.search import indexer
from tests import cast
from tests.cast import Company
from tests.search import rows
from tests.search.conftest import writer

__all__ = ["writer"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.usefixtures("writer")]

# What differs from request to request whatever the archive holds: tokens of forms, times taken, moments of now.
NOISE = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": ?"[^"]*"|csrf[Tt]oken[^,}]*|"took_ms": ?[\d.]+'
    rb"|\d+(?:\.\d+)? ?(?:\xe7\xa7\x92|\xe6\xaf\xab\xe7\xa7\x92|ms\b)"
)
SAID = (
    "电话{mobile}，下午打",
    "身份证 {resident}，麻烦登记",
    "退到{card}",
    "会员WS-{own}查一下",
    "密码{hand}别告诉人",
    "打座机0592-{landline}",
)


def draw(seed: int) -> dict[str, str]:
    """Draw the hidden parts; what masks leave is the same in every archive."""
    chance = random.Random(seed)

    def digits(count: int) -> str:
        return "".join(chance.choices("0123456789", k=count))

    def fitting(make: Callable[[], str], fits: Callable[[str], bool]) -> str:
        return next(number for number in iter(make, None) if fits(number))

    born = lambda: f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"  # noqa: E731
    return {
        "mobile": f"138{digits(4)}5678",
        "resident": fitting(lambda: f"110105{born()}1235", is_resident),
        "card": fitting(lambda: f"622202{digits(9)}4321", is_luhn),
        "own": digits(8),
        "hand": digits(6),
        "landline": f"2{digits(4)}88"[:7],
    }


def fill(company: Company, numbers: dict[str, str]) -> list[Message]:
    """Store the talk with hidden numbers, marks and file names, and index it."""
    maskrules.add_pattern("会员号", r"WS-\d{8}", by=company.reader("admin"))
    said = rows.append(company.conversations["售后"], *(text.format(**numbers) for text in SAID))
    cast.attach(said[1], name=f"{numbers['resident']}.jpg")
    supervisor = company.reader("zhaolan")
    marks.black_out(supervisor, said[4].conversation_id, said[4].pk, [(2, 8)])
    indexer.catch_up()
    return said


def rewrite(said: list[Message], numbers: dict[str, str]) -> None:
    """Make it the other archive: other digits, the same everything else."""
    with connection.cursor() as cursor:
        for message, text in zip(said, SAID, strict=True):
            table = Message._meta.db_table
            cursor.execute(f"UPDATE {table} SET text = %s WHERE id = %s", [text.format(**numbers), message.pk])
        cursor.execute(f"UPDATE {Attachment._meta.db_table} SET name = %s", [f"{numbers['resident']}.jpg"])
    indexer.touch(messages=[message.pk for message in said])
    indexer.catch_up()


def questions(*archives: dict[str, str]) -> Iterator[str]:
    """Ask for whole numbers, for pieces of them, and with everything that counts."""
    for numbers in archives:
        for number in numbers.values():
            yield from (number, number[3:8])
    yield from ("has:phone", "has:idcard", "is:masked", "电话 -5678")


def pages(said: list[Message], asked: list[str]) -> Iterator[str]:
    talk = f"/conversations/{said[0].conversation_id}"
    yield from ("/conversations", talk, f"{talk}/facts", f"{talk}/calendar", f"{talk}/news?after=1")
    yield from (f"{talk}/messages/{message.pk}" for message in said)
    for text in asked:
        yield from (f"/search?q={text}", f"{talk}?q={text}", f"/search/suggestions?q={text}")


def operations(said: list[Message], asked: list[str]) -> Iterator[str]:
    talk = f"/api/v1/conversations/{said[0].conversation_id}"
    yield from ("/api/v1/conversations", f"{talk}/messages")
    yield from (f"/api/v1/search?q={text}" for text in asked)


def told_by_command(capsys: pytest.CaptureFixture[str], said: list[Message], asked: list[str]) -> Iterator[bytes]:
    for words in [["show", str(said[0].conversation_id)], *(["search", "--limit", "20", "--", text] for text in asked)]:
        verb, *rest = words
        errand.carry_out(build_parser().parse_args([verb, "--as", "zhoumin", "--json", *rest]))
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        told.pop("took_ms", None)
        yield json.dumps(told, ensure_ascii=False).encode()


@pytest.fixture
def clients(company: Company) -> tuple[Client, Client]:
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(company.users["zhoumin"])
    _row, secret = create_token(company.users["zhoumin"], "测试", [Can.READ], clock.now() + timedelta(days=1))
    return browser, Client(headers={"authorization": f"Bearer {secret}", "accept-language": "zh-hans"})


def test_no_answer_tells_one_digit_from_another(
    company: Company,
    clients: tuple[Client, Client],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errand, "prepare", lambda **_: None)
    one, other = draw(1), draw(2)
    asked = list(questions(one, other))
    said = fill(company, one)

    def answers() -> dict[str, bytes]:
        browser, program = clients
        seen = {url: sent(browser, url) for url in pages(said, asked)}
        seen |= {url: sent(program, url) for url in operations(said, asked)}
        return seen | {f"command {place}": told for place, told in enumerate(told_by_command(capsys, said, asked))}

    first = answers()
    rewrite(said, other)
    assert answers() == first
    unasked = b"\n".join(told for url, told in first.items() if "?q=" not in url)
    for numbers in (one, other):
        for hidden in (
            numbers["resident"][6:14],
            numbers["mobile"],
            numbers["own"],
            numbers["hand"],
            numbers["card"][6:15],
        ):
            assert hidden.encode() not in unasked


def sent(client: Client, url: str) -> bytes:
    """Return what was sent, without what differs anyhow; nothing may have been refused."""
    limits.forget_shares()
    limits.Tally.objects.all().delete()
    answer = client.get(url)
    assert answer.status_code in {200, 204}, url
    return NOISE.sub(b"", answer.content)
