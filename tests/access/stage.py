"""The stage of the matrix: everybody who could ask, and in each place things whose words nobody may see elsewhere.

Four places: `own` is 售后组, `other` is 商务部, `none` is the intake, `lent` is 商务部 too, but shared with 吴分拣, who
works in the intake. What lies in a place carries words of its own: a conversation with a file, a mark
and an excerpt, an export of it with its receipt, an import, a lexicon.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import make_password
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestedCredentialData
from PIL import Image

from huidang import records
from huidang.exports import asking
from huidang.exports.models import Excerpt, Export, File, Pin
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.kernel import clock, ledger
from huidang.kernel.access import Can
from huidang.kernel.models import Anchor, Authority, Receipt, Stamp, Witness
from huidang.kernel.secrets import seal_secret
from huidang.kernel.worker import Worker
from huidang.people import create_token, departments, grants, rights, tokens
from huidang.people.login import factors, sessions
from huidang.people.models import Department, Entry, Grant, Loan, Passkey, Provider, Request, Reveal, User
from huidang.people.roles import get_role
from huidang.records import deletions, maskrules
from huidang.records.drafts import ConversationDraft, Draft, MediaDraft, ParticipantDraft, SourceDraft
from huidang.records.models import Attachment, Conversation, Mark, Message
from huidang.search.models import SavedSearch
from huidang.shelves.models import Lexicon
from huidang.sources.models import Import
from tests.access.table import STAFF
from tests.cast import START, Company, open_conversation

PLACES = {"own": "售后组", "other": "商务部", "none": None, "lent": "商务部"}
SIGNS = {"own": "甲辰", "other": "乙巳", "none": "丙午", "lent": "丁未"}
FIRST_ID = 9_100_000  # so large that no other number in a page is one of ours
SENT_MS = int(START.timestamp() * 1000)


@dataclass
class Stage:
    """Who asks, and what the addresses name in each place."""

    company: Company
    named: dict[str, dict[str, object]] = field(default_factory=dict)
    """For each place the values that addresses of `urls.py` may want, by their names there."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    """With what browsers show that somebody has signed in."""

    secrets: dict[str, str] = field(default_factory=dict)
    """The token of each who holds any right."""

    def words(self, place: str, *, ids: bool = True) -> list[str]:
        """Return what tells of the conversation in a place: texts and names, and its numbers too with `ids`."""
        sign, named = SIGNS[place], self.named[place]
        numbers = [str(named[name]) for name in ("conversation_id", "message_id")] if ids else []
        return [f"{kind}{sign}" for kind in ("会话", "密语", "访客", "附件", "摘录")] + numbers


def set_stage(company: Company) -> Stage:
    """Store three more people of other reach, what lies in each place, and what lies in none."""
    stage = Stage(company)
    _hire(company)
    _provide(company)
    removed_id = departments.create("旧部门").pk
    rights.remove_department(company.reader("admin"), Department.objects.get(pk=removed_id))
    open_conversation(company, title="编号", department="商务部", id=FIRST_ID)
    house = _house(company) | {"removed_id": removed_id}
    for place, department in PLACES.items():
        stage.named[place] = house | _conversation(company, place) | _kept(company, place, department)
    named = stage.named["own"]
    about = _asked_about(company, named["conversation_id"])
    lend(company.users["sorter"], stage.named["lent"]["conversation_id"])
    Conversation.objects.unguarded("test").filter(pk=named["conversation_id"]).update(owner=company.users["seller"])
    for place in PLACES:
        stage.named[place] |= about | _export(company, place, stage.named[place]["conversation_id"])
    ledger.checkpoint()
    for place in PLACES:
        stage.named[place] |= _signed()
    for who in STAFF:
        _let_in(stage, who)
    return stage


def tell(company: Company, place: str, *texts: str, thread: str = "") -> Conversation:
    """Append messages to a conversation in a place, the way an import does."""
    sign, department = SIGNS[place], PLACES[place]
    thread = thread or f"会话{sign}"
    media = (MediaDraft("image", name=f"附件{sign}.png", mime="image/png", ref="file"),)
    said = [
        Draft(
            conversation=thread, sent_ms=SENT_MS + at, id=f"{thread}{at}{text}", sender=f"u{sign}", role="customer",
            text=text, media=media if at == 0 else (),
        )
        for at, text in enumerate(texts)
    ]  # fmt: skip
    origin = records.Origin(
        source=SourceDraft("slack", "w"),
        department_id=company.departments[department].pk if department else None,
        open_media=lambda _ref: _picture(),
    )
    who = ParticipantDraft(f"u{sign}", name=f"访客{sign}", role="customer", ground="external-id")
    records.append([ConversationDraft(thread, title=thread), who, *said], origin)
    return Conversation.objects.unguarded("test").get(title=thread)


def _asked_about(company: Company, conversation_id: object) -> dict[str, object]:
    """Store a question of 周敏 about the conversation of her department, and a look of 赵岚 into it."""
    now = clock.now()
    asked = Request.objects.create(
        kind="reveal", capability="unmask", asker=company.users["zhoumin"], why="核对退款", minutes=10,
        places=[[conversation_id, company.departments["售后组"].pk, company.users["seller"].pk]],
        asked_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip
    look = Reveal.objects.create(
        user=company.users["zhaolan"], conversation_id=conversation_id, why="核对退款", at=now,
        until_at=now + timedelta(hours=1),
    )  # fmt: skip
    return {"request_id": asked.pk, "reveal_id": look.pk, "entry_id": Entry.objects.latest("pk").pk}


def _picture() -> BytesIO:
    written = BytesIO()
    Image.new("RGB", (4, 4)).save(written, "PNG")
    written.seek(0)
    return written


def client_of(stage: Stage, who: str) -> Client:
    """Return the browser of a person; `anonymous` has none who signed in, `token` shows the token of 周敏."""
    if who == "token":
        return bearer(stage, "zhoumin")
    client = Client(headers={"accept-language": "zh-hans"})
    if who != "anonymous":
        client.cookies.load(stage.cookies[who])
    return client


def bearer(stage: Stage, who: str) -> Client:
    """Return a program that may whatever a person may; who may nothing has no token and asks with their session."""
    if who not in stage.secrets:
        return client_of(stage, who)
    return Client(headers={"authorization": f"Bearer {stage.secrets[who]}", "accept-language": "zh-hans"})


def _let_in(stage: Stage, who: str) -> None:
    """Sign somebody in, and give them a token for all that they may."""
    client = Client()
    client.force_login(stage.company.users[who])
    stage.cookies[who] = {name: each.value for name, each in client.cookies.items()}
    if held := [can for can in Can if stage.company.reader(who).reach(can)]:
        until_at = clock.now() + timedelta(days=1)
        stage.secrets[who] = create_token(stage.company.users[who], "测试", held, until_at)[1]


def _hire(company: Company) -> None:
    for username, name in (("leader", "林组长"), ("seller", "何销售"), ("sorter", "吴分拣")):
        company.users[username] = User.objects.create(username=username, name=name, password=make_password(None))
    grants.give(company.users["leader"], "administrator", over=company.departments["客服中心"])
    grants.give(company.users["seller"], "agent", own=True)
    grants.give(company.users["sorter"], "agent", intake=True)


def _provide(company: Company) -> None:
    """Give the house a provider that cannot be reached, and 周敏 a session, a token, a key and an app half set up."""
    Provider.objects.create(
        name="公司账号", issuer="https://127.0.0.1:9", client="huidang", claim="email",
        secret=seal_secret("geheim", context="oidc-client"),
    )  # fmt: skip
    owner = company.users["zhoumin"]
    sessions.begin(owner, way="password", factor=False, address="::1", agent="")
    create_token(owner, "测试", [Can.READ], clock.now() + timedelta(days=1))
    factors.begin_app(owner)
    SavedSearch.objects.create(owner=owner, name="视图", query="密语", created_at=clock.now())
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    data = AttestedCredentialData.create(Aaguid(bytes(16)), b"key", public)
    Passkey.objects.create(user=owner, name="钥匙", credential="a2V5", public=bytes(data), created_at=clock.now())


def _house(company: Company) -> dict[str, object]:
    """Store what lies in no place: a pattern of masks, an authority, a witness and an anchor of the log."""
    pattern = maskrules.add_pattern("会员号", r"WS-\d{8}", by=company.reader("admin"))
    authority = Authority.objects.create(name="机构", url="https://127.0.0.1:9", roots="", created_at=START)
    witness = Witness.objects.create(name="律所", url="https://127.0.0.1:9", verifier="律所+key", created_at=START)
    anchor = Anchor.objects.create(name="公证处", url="https://127.0.0.1:9", way="http", created_at=START)
    return {
        "pattern_id": pattern.pk,
        "anchor_id": anchor.pk,
        "authority_id": authority.pk,
        "witness_id": witness.pk,
        "account_id": company.users["chenwei"].pk,
        "role_id": get_role("agent").pk,
        "view_id": SavedSearch.objects.get().pk,
        "grant_id": Grant.objects.filter(user=company.users["zhoumin"]).get().pk,
        "session_id": sessions.all_living().get().pk,
        "token_id": tokens.living().get().pk,
        "passkey_id": Passkey.objects.get().pk,
        "suffix": "csv",
        "why": "核对退款",
        "yes": "true",
        "name": "x",
        "token": "x",
    }


def _signed() -> dict[str, object]:
    """Return the checkpoint over all of it, stamped and deposited."""
    size = ledger.size()
    stamp, _new = Stamp.objects.get_or_create(
        size=size, authority=Authority.objects.get(), defaults={"token": b"stamp", "stamped_at": START}
    )
    given = {"sent": b"sent", "content": b"receipt", "received_at": START}
    receipt, _new = Receipt.objects.get_or_create(size=size, anchor=Anchor.objects.get(), defaults=given)
    return {"size": size, "stamp_id": stamp.pk, "receipt_id": receipt.pk}


def _conversation(company: Company, place: str) -> dict[str, object]:
    row = tell(company, place, f"密语{SIGNS[place]}", "好的")
    message, marked = Message.objects.unguarded("test").filter(conversation=row).order_by("pk")
    file = Attachment.objects.unguarded("test").get(message_id=message.pk)
    reader = company.users["fawu"]  # who reads everything anyway
    loan = lend(reader, row.pk)
    mark = Mark.objects.create(
        conversation=row, message_id=marked.pk, entry_id=marked.pk, start=0, end=1, hides=True, made_by=reader,
        made_at=START,
    )  # fmt: skip
    excerpt = Excerpt.objects.create(
        conversation=row, title=f"摘录{SIGNS[place]}", made_by=reader, made_at=START, changed_at=START
    )
    gone = deletions.of_messages(company.reader("fawu"), [marked.pk])
    deletion = deletions.ask(company.reader("fawu"), gone, ground="order", why="法院要求")
    Pin.objects.create(conversation=row, excerpt_id=excerpt.pk, message_id=message.pk)
    return {
        "excerpt_id": excerpt.pk,
        "conversation_id": row.pk,
        "message_id": message.pk,
        "person_id": message.sender_id,
        "deletion_id": deletion.pk,
        "marked_id": marked.pk,
        "mark_id": mark.pk,
        "file_id": file.pk,
        "loan_id": loan.pk,
        "until": str(loan.until_at.date()),
    }


def lend(user: User, conversation_id: object) -> Loan:
    """Share a conversation with somebody for some days."""
    until_at = clock.now() + timedelta(days=9)
    return Loan.objects.create(user=user, capability="read", conversation_id=conversation_id, until_at=until_at)


def _export(company: Company, place: str, conversation_id: object) -> dict[str, object]:
    """Let 赵岚 take what lies in her place, and 法务 what lies elsewhere; name the export, its file and its receipt."""
    order = Order(selection=Selection(conversations=(conversation_id,)), format="jsonl", why="核对退款")  # type: ignore[arg-type]
    export = asking.place(company.reader("zhaolan" if place == "own" else "fawu"), order)
    Worker(kinds=["export"]).work_off()
    Export.objects.filter(pk=export.pk).update(told_at=START)
    file = File.objects.get(export=export)
    return {"export_id": export.pk, "export_file_id": file.pk, "receipt": export.receipt}


def _kept(company: Company, place: str, department: str | None) -> dict[str, object]:
    over = company.departments[department] if department else None
    imported = Import.objects.create(
        name=f"导入{SIGNS[place]}.csv", state="done", department=over, user=company.users["admin"], created_at=START
    )
    lexicon = Lexicon.objects.create(name=f"词库{SIGNS[place]}", group="own")
    lexicon.departments.set([over] if over else [])
    return {
        "import_id": imported.pk,
        "lexicon_id": lexicon.pk,
        "department_id": (over or company.departments["望山家电"]).pk,
    }
