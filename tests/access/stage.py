"""The stage of the matrix: everybody who could ask, and in each place things whose words nobody may see elsewhere.

Three places: `own` is 售后组, `other` is 商务部, `none` is the intake. What lies there carries words of its own.
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
from huidang.exports.models import Excerpt
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.secrets import seal_secret
from huidang.people import create_token, departments, grants, rights, tokens
from huidang.people.login import factors, sessions
from huidang.people.models import Department, Entry, Grant, Loan, Passkey, Provider, Request, Reveal, User
from huidang.people.roles import get_role
from huidang.records.drafts import ConversationDraft, Draft, MediaDraft, ParticipantDraft, SourceDraft
from huidang.records.models import Attachment, Conversation, Message
from huidang.search.models import SavedSearch
from huidang.shelves.models import Lexicon
from huidang.sources.models import Import
from tests.cast import START, Company, open_conversation

PLACES = {"own": "售后组", "other": "商务部", "none": None}
SIGNS = {"own": "甲辰", "other": "乙巳", "none": "丙午"}
NONE_SUCH = 888_888_888
FIRST_ID = 9_100_000  # so large that no other number in a page is one of ours
SENT_MS = int(START.timestamp() * 1000)


@dataclass
class Stage:
    """Who asks, and what the addresses name in each place."""

    company: Company
    named: dict[str, dict[str, object]] = field(default_factory=dict)
    """For each place the values that addresses of `urls.py` may want, by their names there."""

    def words(self, place: str) -> list[str]:
        """Return what tells of the conversation in a place."""
        sign, named = SIGNS[place], self.named[place]
        ids = [str(named[name]) for name in ("conversation_id", "message_id")]
        return [f"{kind}{sign}" for kind in ("会话", "密语", "访客", "附件")] + ids


def set_stage(company: Company) -> Stage:
    """Store three more people of other reach, and a conversation, an import and a lexicon in each place."""
    stage = Stage(company)
    _hire(company)
    _provide(company)
    removed_id = departments.create("旧部门").pk
    rights.remove_department(company.reader("admin"), Department.objects.get(pk=removed_id))
    open_conversation(company, title="编号", department="商务部", id=FIRST_ID)
    for place, department in PLACES.items():
        stage.named[place] = _conversation(company, place) | _kept(company, place, department)
    named = stage.named["own"]
    about = _asked_about(company, named["conversation_id"])
    for place in PLACES:
        stage.named[place] |= about | {"removed_id": removed_id}
    Conversation.objects.unguarded("test").filter(pk=named["conversation_id"]).update(owner=company.users["seller"])
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
    client = Client(headers={"accept-language": "zh-hans"})
    if who == "token":
        return bearer(stage, "zhoumin")
    if who != "anonymous":
        client.force_login(stage.company.users[who])
    return client


def bearer(stage: Stage, who: str) -> Client:
    """Return a program that may whatever a person may; who may nothing has no token and asks with their session."""
    user = stage.company.users["zhoumin" if who == "token" else who]
    held = [can for can in Can if stage.company.reader(user.username).reach(can)]
    if not held:
        return client_of(stage, who)
    _token, secret = create_token(user, "测试", held, clock.now() + timedelta(days=1))
    return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "zh-hans"})


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


def _conversation(company: Company, place: str) -> dict[str, object]:
    row = tell(company, place, f"密语{SIGNS[place]}", "好的")
    message = Message.objects.unguarded("test").filter(conversation=row).order_by("pk")[0]
    file = Attachment.objects.unguarded("test").get(message_id=message.pk)
    until_at = clock.now() + timedelta(days=9)
    reader = company.users["fawu"]  # who reads everything anyway
    loan = Loan.objects.create(user=reader, capability="read", conversation_id=row.pk, until_at=until_at)
    excerpt = Excerpt.objects.create(
        conversation=row, title=f"摘录{SIGNS[place]}", made_by=reader, made_at=START, changed_at=START
    )
    named = {
        "excerpt_id": excerpt.pk,
        "conversation_id": row.pk,
        "message_id": message.pk,
        "file_id": file.pk,
        "loan_id": loan.pk,
        "person_id": message.sender_id,
    }
    return named | {"until": str(until_at.date())}


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
        "account_id": company.users["chenwei"].pk,
        "role_id": get_role("agent").pk,
        "view_id": SavedSearch.objects.get().pk,
        "grant_id": Grant.objects.filter(user=company.users["zhoumin"]).get().pk,
        "session_id": sessions.all_living().get().pk,
        "token_id": tokens.living().get().pk,
        "passkey_id": Passkey.objects.get().pk,
        "suffix": "csv",
        **dict.fromkeys(
            ("mark_id", "pattern_id", "size", "stamp_id", "authority_id", "witness_id", "export_id", "deletion_id"),
            NONE_SUCH,
        ),
        "why": "核对退款",
        "yes": "true",
        "name": "x",
        "token": "x",
    }
