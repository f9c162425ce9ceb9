"""Who is let in where: every address and every operation of the API stands in one line with those that open alike.

A row says who is let in, in which places (`own`, `other`, `none`, `lent`; see `stage`). Everybody else who is signed
in gets the answer of something absent, strangers are asked to sign in. A new address is placed here or the test fails.
Values that an address names (`<int:lexicon_id>`) are set in `stage.Stage.named`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ALL = frozenset({"own", "other", "none", "lent"})
OWN, NONE, LENT = frozenset({"own"}), frozenset({"none"}), frozenset({"lent"})
STAFF = ("zhoumin", "zhaolan", "fawu", "admin", "auditor", "chenwei", "leader", "seller", "sorter")

Group = dict[str, frozenset[str]]

EVERYBODY: Group = dict.fromkeys(STAFF, ALL)
NOBODY: Group = {}
READERS: Group = {"zhoumin": OWN, "zhaolan": OWN, "fawu": ALL, "seller": OWN, "sorter": NONE | LENT}
PLACERS: Group = {"zhoumin": OWN, "zhaolan": OWN, "seller": OWN, "sorter": NONE, "admin": ALL, "leader": OWN}
MOVERS: Group = {**PLACERS, "seller": frozenset(), "sorter": frozenset()}
"""Who files their own conversations or the intake alone puts none into a department that is not theirs."""

SHARERS: Group = {"zhoumin": OWN, "zhaolan": OWN, "seller": OWN, "sorter": NONE}
KNOWERS: Group = {**READERS, "admin": ALL, "leader": OWN, "auditor": ALL}
UNMASKERS: Group = {"zhaolan": OWN, "fawu": ALL}
ERASERS: Group = {"fawu": ALL}
MARKERS: Group = {"zhaolan": OWN}
MANAGERS: Group = {"admin": ALL}
MANAGERS_OF_PART: Group = {"admin": ALL, "leader": OWN}
MANAGERS_OF_ANY: Group = {"admin": ALL, "leader": ALL}
AUDITORS: Group = {"auditor": ALL}
LOG_READERS: Group = MANAGERS | AUDITORS
PROGRAMS: Group = {who: ALL for who in STAFF if who != "chenwei"}
"""Who holds a token: who holds no right makes none."""

ZHOUMIN: Group = {"zhoumin": ALL}
"""What is hers alone: her sessions, tokens, keys and searches, which the stage has stored."""

ZHAOLAN: Group = {"zhaolan": ALL}
DECIDERS: Group = {"zhaolan": ALL, "fawu": ALL}
ASKED: Group = ZHOUMIN | DECIDERS
"""Who knows of the request that 周敏 made: to see what is masked in the conversation of her department."""

EXPORTED: Group = {"zhaolan": OWN, "fawu": ALL - OWN}
"""Who took the export of what lies in each place; auditors know of it, and hand out no file of it."""


@dataclass(frozen=True)
class Row:
    """Who is let in; by which methods; how others are refused; what a form sends; whether strangers come in too."""

    group: Group
    methods: tuple[str, ...] = ("GET",)
    refused: int = 404
    sends: Mapping[str, Any] | None = None
    """Fields of a form or of an operation's body, each with the name of its value in `stage.Stage.named`;
    a list there is one in the body, and what has no value there is sent as it stands."""
    posters: Group | None = None
    """Who may also send, where fewer may than look; the others are told so, since they know of the thing."""
    query: str = ""
    names: Mapping[str, str] | None = None
    """Values of the address that mean something else than on most pages, each with its name in `stage.Stage.named`."""
    knowers: Group | None = None
    """Who knows of the thing and is told that they may not, where that is not said by `group` and `posters`."""
    open: bool = False
    """Strangers are let in, since it is the way in itself or tells nothing."""
    changes: bool = False
    """It shows what happens in the whole house (a log, an audit), or draws a new number each time it is asked."""


def reads(group: Group, **more: Any) -> Row:
    """Return a row for pages."""
    return Row(group, **more)


def posts(group: Group, **more: Any) -> Row:
    """Return a row for addresses that only change something."""
    return Row(group, ("POST",), **more)


def both(group: Group, **more: Any) -> Row:
    """Return a row for forms: shown by GET, sent by POST."""
    return Row(group, ("GET", "POST"), **more)


def placed(lines: Iterable[tuple[str, Row]], between: str | None = None) -> dict[str, Row]:
    """Return the row of each name. Raises `ValueError` where one stands in two lines."""
    found: dict[str, Row] = {}
    for names, row in lines:
        for name in names.split(between):
            if name in found:
                raise ValueError(f"placed twice: {name}")
            found[name] = row
    return found


OF_A_CONVERSATION = "?conversation={conversation_id}"
CHOSEN = {"conversation": "conversation_id", "m": "message_id", "title": "name"}
ORDER = {"conversation": "conversation_id", "format": "jsonl", "mask": "inside", "why": "why"}

PAGES = placed(
    (
        ("conversation message calendar facts news excerpt", reads(READERS)),
        ("attachment preview", reads(UNMASKERS)),
        ("placements", both(KNOWERS, posters=MOVERS, sends={"department": "department_id"})),
        ("conversation-owners", posts(KNOWERS, posters=PLACERS)),
        ("shares", posts(SHARERS, sends={"until": "until"})),
        ("share-endings", posts(SHARERS, sends={"loan": "loan_id"})),
        ("grounds", reads(KNOWERS)),
        ("conversation-reveals", both(UNMASKERS, posters=NOBODY)),  # the house wants a second person
        ("message-reveals", both(UNMASKERS)),
        ("reveal-endings", posts(ZHAOLAN)),
        ("asking", both(READERS)),
        ("request", reads(ASKED)),
        ("request-decisions request-revocations", posts(ASKED, posters=DECIDERS)),
        ("request-withdrawals", posts(ASKED, posters=ZHOUMIN)),
        ("marks", reads(MARKERS)),
        ("black-outs clearings file-clearings file-withholdings", posts(MARKERS)),
        ("message-deletions person-deletions", both(ERASERS)),
        ("deletion", reads(ERASERS)),
        ("mark-undoings", posts(MARKERS, names={"message_id": "marked_id"})),
        ("print", reads(UNMASKERS, query=OF_A_CONVERSATION, knowers=READERS, changes=True)),  # they alone hold EXPORT
        ("excerpts", both(EVERYBODY, posters=SHARERS, knowers=NOBODY, sends=CHOSEN)),
        ("excerpt-new", reads(READERS, query=OF_A_CONVERSATION)),
        ("excerpt-names", posts(READERS)),
        ("excerpt-highlights excerpt-notes excerpt-removals excerpt-restorations", posts(READERS, posters=SHARERS)),
        ("exports", both(EVERYBODY, posters=READERS, knowers=NOBODY, sends=ORDER)),
        ("export-new", reads(READERS, query=OF_A_CONVERSATION)),
        ("export export-proof", reads(EXPORTED | AUDITORS)),
        ("export-file", reads(EXPORTED, names={"file_id": "export_file_id"})),
        ("export-cancellations", posts(EXPORTED)),
        ("receipts", both(EVERYBODY, query="?q={receipt}")),
        (
            "start conversations requests export-news search search-counts suggestions views view-counts",
            reads(EVERYBODY),
        ),
        ("me factors sessions api:docs", reads(EVERYBODY)),
        ("password tokens", both(EVERYBODY)),
        ("view-creations zone app-creations app-removals passkeys passkey-questions", posts(EVERYBODY)),
        ("session-ends signout", posts(EVERYBODY)),
        ("style signin provider-signin provider-answer provider-leaving link", reads(EVERYBODY, open=True)),
        ("second", both(EVERYBODY, open=True)),
        ("signin-passkeys signin-questions language theme", posts(EVERYBODY, open=True)),
        ("view app-qr", reads(ZHOUMIN)),
        ("app", both(ZHOUMIN)),
        ("view-changes view-moves view-removals view-restorations recovery-codes", posts(ZHOUMIN)),
        ("passkey-removals session-end token-revocations", posts(ZHOUMIN)),
        ("audit audit-export", reads(AUDITORS, changes=True)),
        ("entry", reads(AUDITORS)),
        ("entry-erasures", posts(AUDITORS)),
        ("log log-consistency", reads(LOG_READERS, changes=True)),
        ("log-key log-checkpoint log-stamp log-receipt log-receipt-sent", reads(LOG_READERS)),
        ("log-verifications", posts(LOG_READERS)),
        ("log-checkpoints log-keys log-authorities log-authority log-witnesses log-witness", posts(MANAGERS)),
        ("log-anchors log-anchor", posts(MANAGERS)),
        ("admin", reads(MANAGERS_OF_ANY | AUDITORS)),
        ("masks departments department accounts account roles role signins house-tokens", reads(MANAGERS)),
        ("house-sessions", reads(MANAGERS, changes=True)),
        ("two-persons department-imports account-creations", both(MANAGERS)),
        ("mask-pattern-creations mask-pattern-states mask-pattern-removals", posts(MANAGERS)),
        ("mask-keeps", posts(MANAGERS, sends={"profile": "inside"})),
        ("department-creations department-names department-moves department-narrowings", posts(MANAGERS)),
        ("department-widenings department-removals department-restorations", posts(MANAGERS)),
        ("account-withdrawals", posts(MANAGERS, sends={"grant": "grant_id"})),
        ("account-grants account-links account-names account-own-grants account-closings", posts(MANAGERS)),
        ("account-reopenings role-creations role-names role-capabilities role-removals", posts(MANAGERS)),
        ("signin-rules signin-providers signin-provider-removals house-session-ends", posts(MANAGERS)),
        ("house-token-revocations factor-removals lexicon-starters", posts(MANAGERS)),
        ("imports", both(MANAGERS_OF_ANY, refused=403)),
        ("import lexicon lexicon-export", reads(MANAGERS_OF_PART)),
        ("rereading mapping lexicon-additions lexicon-word-removals lexicon-imports", posts(MANAGERS_OF_PART)),
        ("lexicon-settings lexicon-removals", posts(MANAGERS_OF_PART)),
        ("lexicons", reads(MANAGERS_OF_ANY)),
        ("lexicon-creations", posts(MANAGERS_OF_ANY)),
    )
)

TALK, THREAD = "/conversations/{conversation}", "/conversations/{conversation}/messages"
KEEPS = {"conversation": "conversation_id", "messages": ["message_id"], "title": "name"}
TAKES = {"conversations": ["conversation_id"], "format": "jsonl", "mask": "inside", "why": "why"}
ASKS = {"conversations": ["conversation_id"], "kind": "reveal", "why": "why"}

OPERATIONS = placed(
    (
        ("GET /me, GET /conversations, GET /excerpts, GET /exports, GET /search, GET /requests", reads(EVERYBODY)),
        ("GET /views, GET /departments, GET /sources, GET /stats, GET /receipts/{text}", reads(EVERYBODY)),
        (f"GET {TALK}, GET {THREAD}, GET {THREAD}/{{message}}, GET {THREAD}/{{message}}/proof", reads(READERS)),
        ("GET /excerpts/{excerpt}", reads(READERS)),
        ("GET /log/checkpoint, GET /log/checkpoints, GET /log/consistency", reads(EVERYBODY, changes=True)),
        ("GET /log/checkpoints/{size}", reads(EVERYBODY)),
        ("POST /excerpts", posts(SHARERS, knowers=NOBODY, sends=KEEPS)),
        ("POST /excerpts/{excerpt}/removals, POST /excerpts/{excerpt}/restorations", posts(READERS, posters=SHARERS)),
        ("POST /exports", posts(READERS, sends=TAKES)),
        ("GET /exports/{export}", reads(EXPORTED)),
        ("GET /exports/{export}/files/{file}", reads(EXPORTED, names={"file": "export_file_id"})),
        ("POST /exports/{export}/cancellations", posts(EXPORTED)),
        (f"POST {TALK}/reveals", posts(UNMASKERS, posters=NOBODY, sends={"why": "why"})),
        (f"POST {THREAD}/{{message}}/reveals", posts(UNMASKERS, sends={"why": "why"})),
        ("POST /reveals/{reveal}/endings", posts(NOBODY)),  # a look of the pages is none of a program's
        ("POST /requests", posts(READERS, sends=ASKS)),
        ("GET /requests/{asked}", reads(ASKED)),
        ("POST /requests/{asked}/decisions", posts(ASKED, posters=DECIDERS, sends={"approve": "yes"})),
        ("POST /requests/{asked}/revocations", posts(ASKED, posters=DECIDERS, sends={"note": "why"})),
        ("POST /requests/{asked}/withdrawals", posts(ASKED, posters=ZHOUMIN)),
        ("POST /views", posts(PROGRAMS, sends={"name": "name", "query": "name"})),
        ("GET /views/{view}", reads(ZHOUMIN)),
        ("PATCH /views/{view}", Row(ZHOUMIN, ("PATCH",), sends={"name": "name"})),
        ("DELETE /views/{view}", Row(ZHOUMIN, ("DELETE",))),
        ("POST /views/{view}/restorations", posts(ZHOUMIN)),
        ("GET /imports", reads(MANAGERS_OF_ANY, refused=403)),
        ("POST /imports", posts(MANAGERS, refused=403, query="?name=a.csv")),
        ("GET /imports/{imported}, GET /imports/{imported}/quarantine", reads(MANAGERS_OF_PART, refused=403)),
    ),
    between=", ",
)
OPERATIONS = {name.replace(" /", " /api/v1/", 1): row for name, row in OPERATIONS.items()}

NAMED_ALIKE = {
    "conversation": "conversation_id",
    "message": "message_id",
    "imported": "import_id",
    "view": "view_id",
    "asked": "request_id",
    "reveal": "reveal_id",
    "excerpt": "excerpt_id",
    "export": "export_id",
    "text": "receipt",
}
"""What the API calls differently from the pages."""
