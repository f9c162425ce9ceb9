"""Two archives that differ only in hidden digits give a masked reader the same bytes.

On pages, in the API, by the command, and in what leaves: files of every format unpacked, their names, the toasts.
"""

import io
import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from huidang.cli import errand
from huidang.cli.grammar import build_parser
from huidang.exports import asking, keeping
from huidang.exports.keeping import Kept
from huidang.exports.models import Export, File
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.kernel import clock, limits
from huidang.kernel.access import Can
from huidang.kernel.worker import Worker
from huidang.people import create_token
from huidang.records import Profile, marks, maskrules
from huidang.records.models import Attachment, Conversation, Message, Participant
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
TITLE, CALLED = "王女士{mobile}售后", "客户{mobile}"
SPELLED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "wide": lambda number: "".join(chr(ord(sign) + 0xFEE0) for sign in number),
    "spaced": " ".join,
    "hyphens": lambda number: "-".join(number[at : at + 4] for at in range(0, len(number), 4)),
}
"""Ways to write a mobile or a card."""

BIRTHS = [
    day
    for days in range(0, 20_000, 7)
    if is_resident(f"110105{(day := f'{date(1950, 1, 1) + timedelta(days=days):%Y%m%d}')}1235")
]
FORMATS = ("xlsx", "docx", "html", "jsonl", "pdf", "png", "pages")
"""All but evidence, whose proofs, keys and signatures are new with every package; its own tests look into it."""


@dataclass(frozen=True)
class Pair:
    """Two archives that differ only in the digits that masks hide, and how both are written."""

    one: dict[str, str]
    other: dict[str, str]
    spelling: str
    profile: Profile

    def said(self, numbers: dict[str, str]) -> list[str]:
        spelled = {name: SPELLED[self.spelling](numbers[name]) for name in ("mobile", "card")}
        return [text.format(**(numbers | spelled)) for text in SAID]


@st.composite
def archives(draw: st.DrawFn) -> dict[str, str]:
    """Draw the hidden parts; what masks leave is the same in every archive."""

    def digits(count: int) -> str:
        return draw(st.text("0123456789", min_size=count, max_size=count))

    hidden = digits(8)
    card = next(f"622202{hidden}{last}4321" for last in range(10) if is_luhn(f"622202{hidden}{last}4321"))
    return {
        "mobile": f"138{digits(4)}5678",
        "resident": f"110105{draw(st.sampled_from(BIRTHS))}1235",
        "card": card,
        "own": digits(8),
        "hand": digits(6),
        "landline": f"2{digits(4)}88",
    }


PAIRS = st.builds(Pair, archives(), archives(), st.sampled_from(list(SPELLED)), st.sampled_from(list(Profile)[1:]))


def fill(company: Company) -> list[Message]:
    """Store the talk with a mark and a file, and an own pattern."""
    maskrules.add_pattern("会员号", r"WS-\d{8}", by=company.reader("admin"))
    said = rows.append(company.conversations["售后"], *SAID, sender=rows.participant(CALLED), role="customer")
    cast.attach(said[1], name="file")
    supervisor = company.reader("zhaolan")
    marks.black_out(
        supervisor, said[4].conversation_id, said[4].pk, [(2, 8)]
    )  # "{hand}" is as long as what is written there
    return said


def rewrite(said: list[Message], pair: Pair, numbers: dict[str, str]) -> None:
    """Make it the archive with these digits: the same everything else, and nothing exported yet."""
    spelled = {"mobile": SPELLED[pair.spelling](numbers["mobile"])}
    with connection.cursor() as cursor:
        for message, text in zip(said, pair.said(numbers), strict=True):
            said_by = (text, CALLED.format(**spelled), message.pk)
            cursor.execute(f"UPDATE {Message._meta.db_table} SET text = %s, sender_name = %s WHERE id = %s", said_by)
        cursor.execute(f"UPDATE {Attachment._meta.db_table} SET name = %s", [f"{numbers['resident']}.jpg"])
        titled = (TITLE.format(**spelled), said[0].conversation_id)
        cursor.execute(f"UPDATE {Conversation._meta.db_table} SET title = %s WHERE id = %s", titled)
        called = (CALLED.format(**spelled), said[0].sender_id)
        cursor.execute(f"UPDATE {Participant._meta.db_table} SET name = %s WHERE id = %s", called)
    File.objects.all().delete()
    Export.objects.all().delete()
    indexer.touch(messages=[message.pk for message in said])
    indexer.catch_up()


def questions(*archives: dict[str, str]) -> Iterator[str]:
    """Ask for whole numbers, for pieces of them, and with everything that counts."""
    for numbers in archives:
        for number in numbers.values():
            yield from (number, number[3:8])
    yield from ("has:phone", "has:idcard", "is:masked", "电话 -5678", "from:客户", "in:王女士", "regex:[", "sent:never")


def pages(said: list[Message], asked: list[str]) -> Iterator[str]:
    talk = f"/conversations/{said[0].conversation_id}"
    yield from (
        "/conversations",
        "/conversations/999999999",
        "/exports",
        "/exports/news",
        talk,
        f"{talk}/facts",
        f"{talk}/calendar",
        f"{talk}/news?after=1",
    )
    yield from (f"{talk}/messages/{message.pk}" for message in said)
    for text in asked:
        yield from (f"/search?q={text}", f"/search/counts?q={text}")
        yield from (f"{talk}?q={text}", f"/search/suggestions?q={text}")


def operations(said: list[Message], asked: list[str]) -> Iterator[str]:
    talk = f"/api/v1/conversations/{said[0].conversation_id}"
    yield from ("/api/v1/conversations", f"{talk}/messages", f"{talk}/messages/1", "/api/v1/stats")
    yield from (f"/api/v1/search?q={text}" for text in asked)


def told_by_command(capsys: pytest.CaptureFixture[str], said: list[Message], asked: list[str]) -> Iterator[bytes]:
    for words in [["show", str(said[0].conversation_id)], *(["search", "--limit", "20", "--", text] for text in asked)]:
        verb, *rest = words
        errand.carry_out(build_parser().parse_args([verb, "--as", "zhoumin", "--json", *rest]))
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        told.pop("took_ms", None)
        yield json.dumps(told, ensure_ascii=False).encode()


def exported(company: Company, said: list[Message], pair: Pair) -> Iterator[tuple[str, bytes]]:
    """Yield what leaves by each format as a file with its name, and what the page tells of it."""
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(company.users["zhaolan"])
    chosen = Selection(conversations=(said[0].conversation_id,))
    for number, name in enumerate(FORMATS):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "new_number", lambda number=number: f"HD-AAAAA-{number:05}")
            order = Order(selection=chosen, format=name, profile=pair.profile, why="客诉处理")
            export = asking.place(company.reader("zhaolan"), order)
            Worker(kinds=["export"]).work_off()
        yield f"toast {name}", NUMBERS.sub(b"", browser.get("/exports/news").content)
        yield f"page {name}", NUMBERS.sub(b"", sent(browser, f"/exports/{export.pk}"))
        for file in File.objects.filter(export=export):
            content = b"".join(keeping.read(Kept(file.place, bytes(file.key))))
            yield f"file {file.name}", MOMENTS.sub(b"", b"".join(streams(content)))


NUMBERS = re.compile(
    rb"/exports/\d+(?:/files/\d+)?|[0-9a-f]{64}|\xe7\xac\xac [\d,]+ \xe6\x9d\xa1|" + rb"<details.*?</details>",
    re.DOTALL,
)
"""What counts on from export to export: numbers of rows, hashes, places in the log with their proofs."""


MOMENTS = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|\+00:00)|D:\d{14}|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22}==")
"""When a library wrote a PDF or a workbook, and the number that it drew for this writing."""


def streams(content: bytes) -> Iterator[bytes]:
    """Yield everything a file holds, unpacked; pictures as they are."""
    if is_zipfile(io.BytesIO(content)):
        with ZipFile(io.BytesIO(content)) as bundle:
            for name in bundle.namelist():
                yield name.encode()
                yield from streams(bundle.read(name))
    else:
        yield content
        for packed in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            with suppress(zlib.error):
                yield zlib.decompress(packed)


@pytest.fixture
def clients(company: Company) -> tuple[Client, Client]:
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(company.users["zhoumin"])
    _row, secret = create_token(company.users["zhoumin"], "测试", [Can.READ], clock.now() + timedelta(days=1))
    return browser, Client(headers={"authorization": f"Bearer {secret}", "accept-language": "zh-hans"})


@dataclass
class Witness:
    """Who reads masks, and everything that they are sent of one archive."""

    company: Company
    clients: tuple[Client, Client]
    capsys: pytest.CaptureFixture[str]
    said: list[Message]

    def answers(self, pair: Pair, numbers: dict[str, str]) -> dict[str, bytes]:
        rewrite(self.said, pair, numbers)
        browser, program = self.clients
        asked = list(questions(pair.one, pair.other))
        seen = {url: sent(browser, url) for url in pages(self.said, asked)}
        seen |= {url: sent(program, url) for url in operations(self.said, asked)}
        told = enumerate(told_by_command(self.capsys, self.said, asked))
        seen |= {f"command {place}": text for place, text in told}
        return seen | dict(exported(self.company, self.said, pair))


@pytest.fixture
def witness(
    company: Company,
    clients: tuple[Client, Client],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Witness:
    monkeypatch.setattr(errand, "prepare", lambda **_: None)
    monkeypatch.setattr(keeping, "_root", lambda: tmp_path / "exports")
    return Witness(company, clients, capsys, fill(company))


def hold(witness: Witness, examples: int, *, derandomize: bool) -> None:
    """Expect the same answers of every two archives that are drawn, and no hidden digit where none was asked for."""

    @given(pair=PAIRS)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=derandomize,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def alike(pair: Pair) -> None:
        with clock.frozen(clock.now()):
            one, other = (witness.answers(pair, each) for each in (pair.one, pair.other))
        assert [key for key in one if one[key] != other.get(key)] == []
        unasked = b"\n".join(told for url, told in one.items() if "?q=" not in url)
        for hidden in hidden_in(pair.one):
            assert hidden.encode() not in unasked

    alike()


def hidden_in(numbers: dict[str, str]) -> Iterator[str]:
    """Yield the runs that are hidden; a short one may stand anywhere by chance."""
    yield from (numbers["resident"][6:14], numbers["mobile"], numbers["card"][6:15])


def test_no_answer_tells_one_digit_from_another(witness: Witness) -> None:
    hold(witness, 2, derandomize=True)


@pytest.mark.soak
def test_no_answer_tells_one_digit_from_another_however_many(witness: Witness) -> None:
    hold(witness, 60, derandomize=False)


def sent(client: Client, url: str) -> bytes:
    """Return what was sent, without what differs anyhow; nothing may have broken."""
    limits.forget_shares()
    limits.Tally.objects.all().delete()
    answer = client.get(url)
    assert answer.status_code in {200, 204, 400, 404}, url
    return NOISE.sub(b"", answer.content)
