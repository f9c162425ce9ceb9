"""The operations, one after another: the rows within reach, masked, with string ids and times that name their zone."""

from base64 import b64decode
from datetime import timedelta

import pytest
from django.test import Client

from huidang import records
from huidang.kernel import clock, cosign, ledger
from huidang.kernel.access import Can
from huidang.kernel.models import Cosignature, Witness
from huidang.people import create_token
from huidang.people.models import Entry, Sighting
from huidang.people.tokens import revoke_token
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.records.models import FileText, Message
from huidang.search.indexer import Indexer
from tests import cast
from tests.api.conftest import Call
from tests.cast import MOBILE, Company, write
from tests.search import rows

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


def test_who_asks(call: Call, company: Company) -> None:
    told = call("zhoumin").get(f"{V1}/me").json()
    below = str(company.departments["售后组"].pk)
    assert told["username"] == "zhoumin"
    assert told["token"]
    assert {each["capability"]: each["departments"] for each in told["reaches"]} == {"read": [below], "file": [below]}


def test_a_conversation_with_its_messages(call: Call, company: Company) -> None:
    row, client = company.conversations["售后"], call("zhoumin")
    (listed,) = client.get(f"{V1}/conversations").json()["conversations"]
    assert (listed["id"], listed["title"], listed["department"]) == (
        str(row.pk),
        "售后群",
        str(company.departments["售后组"].pk),
    )
    answer = client.get(f"{V1}/conversations/{row.pk}/messages")
    first, second = answer.json()["messages"]
    assert first["text"] == "您好，我的电话是138****5678"
    assert first["masks"] == [{"start": 8, "end": 19, "kind": "mobile"}]
    assert first["sent_at"] == "2024-11-18T09:00:00+08:00"
    assert MOBILE not in answer.text
    assert client.get(f"{V1}/conversations/{row.pk}/messages/{second['id']}").json() == second
    assert Sighting.objects.get(what="view", about=f"conversation:{row.pk}").count == 2


def test_lists_are_read_page_by_page(call: Call, company: Company) -> None:
    client, seen, before = call("fawu"), [], ""
    while before is not None:
        page = client.get(f"{V1}/conversations", {"limit": 1, **({"before": before} if before else {})}).json()
        seen += [each["title"] for each in page["conversations"]]
        before = page["next"]
    assert sorted(seen) == sorted(f"{name}群" for name in ("售后", "售前", "商务", "待分拣"))


def test_pieces_of_a_transcript(call: Call, company: Company) -> None:
    row = company.conversations["售后"]
    said = [write(row, f"第{at}句", minutes=10 + at) for at in range(6)]
    client = call("zhoumin")

    def texts(**asked: int) -> list[str]:
        page = client.get(f"{V1}/conversations/{row.pk}/messages", asked | {"limit": 2}).json()
        return [each["text"] for each in page["messages"]]

    assert texts() == ["第4句", "第5句"]
    assert texts(before=said[4].pk) == ["第2句", "第3句"]
    assert texts(after=said[0].pk) == ["第1句", "第2句"]
    assert texts(around=said[3].pk) == ["第2句", "第3句"]


def tell(company: Company, *texts: str, department: str = "售后组") -> list[Message]:
    """Append messages the way an import does, with their leaves."""
    said = [
        Draft(conversation="退款群", sent_ms=1_731_891_600_000 + at, id=f"m{at}", sender="u", text=text)
        for at, text in enumerate(texts)
    ]
    origin = records.Origin(source=SourceDraft("slack", "w"), department_id=company.departments[department].pk)
    records.append([ConversationDraft("退款群", title="退款群"), *said], origin)
    return list(Message.objects.unguarded("test").filter(conversation__title="退款群").order_by("pk"))


def test_finding(call: Call, company: Company, writer: Indexer) -> None:
    tell(company, "要退款", "已登记退款", "别的")
    client = call("zhaolan")
    writer.drain()
    found = client.get(f"{V1}/search", {"q": "退款", "limit": 1}).json()
    assert (found["total"], found["hits"][0]["snippet"], found["hits"][0]["hits"]) == (2, "已登记退款", [[3, 5]])
    assert [(each["label"], each["count"]) for each in found["facets"]["department"]] == [("售后组", 2)]
    assert found["coverage"] == {"complete": True, "behind": 0, "rebuilding": False, "restricted": True}
    following = client.get(f"{V1}/search", {"q": "退款", "limit": 1, "beyond": found["next"]}).json()
    assert [hit["message"]["text"] for hit in following["hits"]] == ["要退款"]
    assert [entry.facts["total"] for entry in Entry.objects.filter(what="search")] == [2, 2]


def test_a_word_inside_a_file_names_its_page(call: Call, company: Company, writer: Indexer) -> None:
    (said,) = rows.append(company.conversations["售后"], "合同发您了")
    cast.attach(said, kind="file", name="服务协议.pdf", mime="application/pdf", sha256="a" * 64)
    FileText.objects.create(sha256="a" * 64, pages=[[1, "封面"], [3, "保修条款：整机三年"]])
    writer.drain()
    (hit,) = call("zhaolan").get(f"{V1}/search", {"q": "保修条款"}).json()["hits"]
    assert hit["file"] == {"name": "服务协议.pdf", "page": 3, "place": "3", "snippet": "保修条款：整机三年"}
    assert call("zhoumin").get(f"{V1}/search", {"q": "保修条款"}).json()["hits"] == []


def test_places_and_numbers(call: Call, company: Company) -> None:
    client = call("zhaolan")
    departments = client.get(f"{V1}/departments").json()["departments"]
    assert {each["name"] for each in departments} == {"客服中心", "售前组", "售后组"}
    assert client.get(f"{V1}/sources").json()["sources"][0]["count"] == 2
    assert client.get(f"{V1}/stats").json()["messages"] == 4


def test_a_message_is_proved_to_anybody(call: Call, company: Company) -> None:
    message = tell(company, *[f"第{at}句" for at in range(7)])[3]
    place = f"{V1}/conversations/{message.conversation_id}/messages/{message.pk}/proof"
    assert call("zhoumin").get(place).json()["code"] == "log-unsigned"
    ledger.checkpoint()
    header, index, *rest = call("zhoumin").get(place).text.split("\n")
    blank = rest.index("")
    note = "\n".join(rest[blank + 1 :])
    stated = ledger.read_checkpoint(note, ledger.proven_verifier())
    leaf = bytes(ledger.Leaf.objects.get(subject_id=message.pk).hash)
    siblings = [b64decode(line) for line in rest[:blank]]
    assert header == "c2sp.org/tlog-proof@v1"
    assert ledger.verify_inclusion(leaf, int(index.removeprefix("index ")), stated.size, siblings, stated.root)
    assert call("chenwei").get(f"{V1}/log/checkpoint").text == note
    assert call("chenwei").get(place).status_code == 404


def test_checkpoints_come_with_the_lines_of_their_witnesses(call: Call, company: Company) -> None:
    tell(company, "一句")
    signed = ledger.checkpoint()
    assert signed
    key = cosign.CosigningKey("witness.example", bytes(32))
    witness = Witness.objects.create(name="律所", url="https://w", verifier=str(key.cosigner), created_at=clock.now())
    line = key.cosign(signed.note, 1_732_000_000)
    Cosignature.objects.create(size=signed.size, witness=witness, line=line.strip(), witnessed_at=clock.now())
    for place in ("checkpoint", f"checkpoints/{signed.size}"):
        assert call("zhoumin").get(f"{V1}/log/{place}").text == signed.note + line


def test_without_a_token_nothing_is_said(client: Client, company: Company) -> None:
    answer = client.get(f"{V1}/conversations")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "token-wanted"


def test_a_token_that_is_over_says_why(company: Company) -> None:
    owner = company.users["zhoumin"]
    token, secret = create_token(owner, "报表", [Can.READ], clock.now() + timedelta(days=1))
    program = Client(headers={"authorization": f"Bearer {secret}", "accept-language": "zh-hans"})

    def refusal() -> tuple[int, str, str]:
        answer = program.get(f"{V1}/me")
        return answer.status_code, answer.json()["code"], answer.json()["detail"]

    assert program.get(f"{V1}/me").status_code == 200
    with clock.frozen(token.expires_at):
        assert refusal() == (401, "token-expired", "这个令牌已过期。")
    revoke_token(token.pk, by=owner)
    assert refusal() == (401, "token-revoked", "这个令牌已撤销。")
