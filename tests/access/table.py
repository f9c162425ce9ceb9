"""Who is let in where: one row for every address and every operation of the API.

A row says who is let in, in which places (`own`, `other`, `none`; see `stage`). Everybody else who is signed in gets
the answer of something absent, strangers are asked to sign in. A new address is placed here or the test fails: most
take one of the groups below. Values that an address names (`<int:lexicon_id>`) are set in `stage.Stage.named`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ALL = frozenset({"own", "other", "none"})
OWN, NONE = frozenset({"own"}), frozenset({"none"})
STAFF = ("zhoumin", "zhaolan", "fawu", "admin", "auditor", "chenwei", "leader", "seller", "sorter")

Group = dict[str, frozenset[str]]

EVERYBODY: Group = dict.fromkeys(STAFF, ALL)
READERS: Group = {"zhoumin": OWN, "zhaolan": OWN, "fawu": ALL, "seller": OWN, "sorter": NONE}
PLACERS: Group = {"zhoumin": OWN, "zhaolan": OWN, "seller": OWN, "sorter": NONE, "admin": ALL, "leader": OWN}
MOVERS: Group = {**PLACERS, "seller": frozenset(), "sorter": frozenset()}
"""Who files their own conversations or the intake alone puts none into a department that is not theirs."""

SHARERS: Group = {"zhoumin": OWN, "zhaolan": OWN, "seller": OWN, "sorter": NONE}
KNOWERS: Group = {**READERS, "admin": ALL, "leader": OWN, "auditor": ALL}
UNMASKERS: Group = {"zhaolan": OWN, "fawu": ALL}
MANAGERS: Group = {"admin": ALL}
MANAGERS_OF_PART: Group = {"admin": ALL, "leader": OWN}
MANAGERS_OF_ANY: Group = {"admin": ALL, "leader": ALL}
AUDITORS: Group = {"auditor": ALL}
PROGRAMS: Group = {who: ALL for who in STAFF if who != "chenwei"}
"""Who holds a token: who holds no right makes none."""

ZHOUMIN: Group = {"zhoumin": ALL}
"""What is hers alone: her sessions, tokens and keys, which the stage has stored."""

NOBODY: Group = {}
"""The stage has no such thing, so that it is absent for everybody; the tests of its own part prove who may."""

ERASERS: Group = {"fawu": ALL}
MARKERS: Group = {"zhaolan": OWN}
EXPORTERS: Group = {"zhaolan": OWN, "fawu": ALL}
LOG_READERS: Group = MANAGERS | AUDITORS
ZHAOLAN: Group = {"zhaolan": ALL}
DECIDERS: Group = {"zhaolan": ALL, "fawu": ALL}
ASKED: Group = ZHOUMIN | DECIDERS
"""Who knows of the request that 周敏 made: to see what is masked in the conversation of her department."""


@dataclass(frozen=True)
class Row:
    """Who is let in; by which methods; how others are refused; what a form sends; whether strangers come in too."""

    group: Group
    methods: tuple[str, ...] = ("GET",)
    refused: int = 404
    sends: Mapping[str, str] | None = None
    """Fields of a form, each with the name of its value in `stage.Stage.named`."""
    posters: Group | None = None
    """Who may also send, where fewer may than look; the others are told so, since they know of the thing."""
    query: str = ""
    knowers: Group | None = None
    """Who knows of the thing and is told that they may not, where that is not said by `group` and `posters`."""
    open: bool = False
    """Strangers are let in, since it is the way in itself or tells nothing."""
    changes: bool = False
    """It shows what happens in the whole house (a log, an audit), so that it changes with every step."""


def reads(group: Group, **more: object) -> Row:
    """Return a row for pages."""
    return Row(group, **more)  # type: ignore[arg-type]


def posts(group: Group, **more: object) -> Row:
    """Return a row for addresses that only change something."""
    return Row(group, ("POST",), **more)  # type: ignore[arg-type]


def both(group: Group, **more: object) -> Row:
    """Return a row for forms: shown by GET, sent by POST."""
    return Row(group, ("GET", "POST"), **more)  # type: ignore[arg-type]


PAGES: dict[str, Row] = {
    "start": reads(EVERYBODY),
    "conversations": reads(EVERYBODY),
    "conversation": reads(READERS),
    "message": reads(READERS),
    "attachment": reads(UNMASKERS),
    "preview": reads(UNMASKERS),
    "calendar": reads(READERS),
    "facts": reads(READERS),
    "news": reads(READERS),
    "placements": both(KNOWERS, posters=MOVERS, sends={"department": "department_id"}),
    "conversation-owners": posts(KNOWERS, posters=PLACERS),
    "shares": posts(SHARERS, sends={"until": "until"}),
    "share-endings": posts(SHARERS, sends={"loan": "loan_id"}),
    "grounds": reads(KNOWERS),
    "conversation-reveals": both(UNMASKERS, posters=NOBODY),
    "message-reveals": both(UNMASKERS),
    "reveal-endings": posts(ZHAOLAN),
    "message-deletions": both(ERASERS),
    "person-deletions": both(ERASERS),
    "deletion": reads(NOBODY),
    "asking": both(READERS),
    "requests": reads(EVERYBODY),
    "request": reads(ASKED),
    "request-decisions": posts(ASKED, posters=DECIDERS),
    "request-revocations": posts(ASKED, posters=DECIDERS),
    "request-withdrawals": posts(ASKED, posters=ZHOUMIN),
    "two-persons": both(MANAGERS),
    "audit": reads(AUDITORS, changes=True),
    "audit-export": reads(AUDITORS, changes=True),
    "entry": reads(AUDITORS),
    "entry-erasures": posts(AUDITORS),
    "marks": reads(MARKERS),
    "black-outs": posts(MARKERS),
    "clearings": posts(MARKERS),
    "mark-undoings": posts(NOBODY),
    "file-clearings": posts(MARKERS),
    "file-withholdings": posts(MARKERS),
    "print": reads(EXPORTERS, query="?conversation={conversation_id}", knowers=READERS),
    "excerpts": both(EVERYBODY, posters=NOBODY),
    "excerpt-new": reads(READERS, query="?conversation={conversation_id}"),
    "excerpt": reads(READERS),
    "excerpt-names": posts(READERS),
    "excerpt-highlights": posts(READERS, posters=NOBODY),
    "excerpt-notes": posts(READERS, posters=NOBODY),
    "excerpt-removals": posts(READERS, posters=SHARERS),
    "excerpt-restorations": posts(READERS, posters=SHARERS),
    "exports": both(EVERYBODY),
    "export-new": reads(EVERYBODY),
    "export-news": reads(EVERYBODY),
    "export": reads(NOBODY),
    "export-file": reads(NOBODY),
    "export-cancellations": posts(NOBODY),
    "export-proof": reads(NOBODY),
    "receipts": both(EVERYBODY),
    "masks": reads(MANAGERS),
    "mask-keeps": posts(MANAGERS, posters=NOBODY),
    "mask-pattern-creations": posts(MANAGERS),
    "mask-pattern-states": posts(NOBODY),
    "mask-pattern-removals": posts(NOBODY),
    "log": reads(LOG_READERS, changes=True),
    "log-checkpoints": posts(MANAGERS),
    "log-checkpoint": reads(NOBODY),
    "log-stamp": reads(NOBODY),
    "log-consistency": reads(LOG_READERS, changes=True),
    "log-key": reads(LOG_READERS),
    "log-keys": posts(MANAGERS),
    "log-authorities": posts(MANAGERS),
    "log-authority": posts(NOBODY),
    "log-witnesses": posts(MANAGERS),
    "log-witness": posts(NOBODY),
    "log-verifications": posts(LOG_READERS),
    "imports": both(MANAGERS_OF_ANY, refused=403),
    "import": reads(MANAGERS_OF_PART),
    "rereading": posts(MANAGERS_OF_PART),
    "mapping": posts(MANAGERS_OF_PART),
    "search": reads(EVERYBODY),
    "suggestions": reads(EVERYBODY),
    "views": reads(EVERYBODY),
    "view-creations": posts(EVERYBODY),
    "view-counts": reads(EVERYBODY),
    "view": reads(ZHOUMIN),
    "view-changes": posts(ZHOUMIN),
    "view-moves": posts(ZHOUMIN),
    "view-removals": posts(ZHOUMIN),
    "view-restorations": posts(ZHOUMIN),
    "style": reads(EVERYBODY, open=True),
    "admin": reads(MANAGERS_OF_ANY | AUDITORS),
    "departments": reads(MANAGERS),
    "department-creations": posts(MANAGERS),
    "department-imports": both(MANAGERS),
    "department": reads(MANAGERS),
    "department-names": posts(MANAGERS),
    "department-moves": posts(MANAGERS),
    "department-removals": posts(MANAGERS),
    "department-restorations": posts(MANAGERS),
    "department-narrowings": posts(MANAGERS),
    "department-widenings": posts(MANAGERS),
    "accounts": reads(MANAGERS),
    "account-creations": both(MANAGERS),
    "account-grants": posts(MANAGERS),
    "account-withdrawals": posts(MANAGERS, sends={"grant": "grant_id"}),
    "account": reads(MANAGERS),
    "account-links": posts(MANAGERS),
    "account-names": posts(MANAGERS),
    "account-own-grants": posts(MANAGERS),
    "account-closings": posts(MANAGERS),
    "account-reopenings": posts(MANAGERS),
    "roles": reads(MANAGERS),
    "role-creations": posts(MANAGERS),
    "role": reads(MANAGERS),
    "role-names": posts(MANAGERS),
    "role-capabilities": posts(MANAGERS),
    "role-removals": posts(MANAGERS),
    "lexicons": reads(MANAGERS_OF_ANY),
    "lexicon-creations": posts(MANAGERS_OF_ANY),
    "lexicon-starters": posts(MANAGERS),
    "lexicon": reads(MANAGERS_OF_PART),
    "lexicon-additions": posts(MANAGERS_OF_PART),
    "lexicon-word-removals": posts(MANAGERS_OF_PART),
    "lexicon-imports": posts(MANAGERS_OF_PART),
    "lexicon-settings": posts(MANAGERS_OF_PART),
    "lexicon-removals": posts(MANAGERS_OF_PART),
    "lexicon-export": reads(MANAGERS_OF_PART),
    "signin": reads(EVERYBODY, open=True),
    "second": both(EVERYBODY, open=True),
    "signin-passkeys": posts(EVERYBODY, open=True),
    "signin-questions": posts(EVERYBODY, open=True),
    "provider-signin": reads(EVERYBODY, open=True),
    "provider-answer": reads(EVERYBODY, open=True),
    "provider-leaving": reads(EVERYBODY, open=True),
    "link": Row(EVERYBODY, open=True),
    "me": reads(EVERYBODY),
    "password": both(EVERYBODY),
    "zone": posts(EVERYBODY),
    "factors": reads(EVERYBODY),
    "app": both(ZHOUMIN),
    "app-creations": posts(EVERYBODY),
    "app-qr": reads(ZHOUMIN),
    "app-removals": posts(EVERYBODY),
    "recovery-codes": posts(ZHOUMIN),
    "passkeys": posts(EVERYBODY),
    "passkey-questions": posts(EVERYBODY),
    "passkey-removals": posts(ZHOUMIN),
    "sessions": reads(EVERYBODY),
    "session-ends": posts(EVERYBODY),
    "session-end": posts(ZHOUMIN),
    "tokens": both(EVERYBODY),
    "token-revocations": posts(ZHOUMIN),
    "signins": reads(MANAGERS),
    "signin-rules": posts(MANAGERS),
    "signin-providers": posts(MANAGERS),
    "signin-provider-removals": posts(MANAGERS),
    "house-sessions": reads(MANAGERS, changes=True),
    "house-session-ends": posts(MANAGERS),
    "house-tokens": reads(MANAGERS),
    "house-token-revocations": posts(MANAGERS),
    "factor-removals": posts(MANAGERS),
    "signout": posts(EVERYBODY),
    "language": posts(EVERYBODY, open=True),
    "theme": posts(EVERYBODY, open=True),
    "api:docs": reads(EVERYBODY),
}

OPERATIONS: dict[str, Row] = {
    "GET /api/v1/me": reads(EVERYBODY),
    "GET /api/v1/conversations": reads(EVERYBODY),
    "GET /api/v1/conversations/{conversation}": reads(READERS),
    "GET /api/v1/conversations/{conversation}/messages": reads(READERS),
    "GET /api/v1/conversations/{conversation}/messages/{message}": reads(READERS),
    "GET /api/v1/conversations/{conversation}/messages/{message}/proof": reads(READERS),
    "GET /api/v1/log/checkpoint": reads(EVERYBODY, changes=True),
    "GET /api/v1/log/checkpoints": reads(EVERYBODY, changes=True),
    "GET /api/v1/log/checkpoints/{size}": reads(NOBODY),
    "GET /api/v1/log/consistency": reads(EVERYBODY, changes=True),
    "GET /api/v1/excerpts": reads(EVERYBODY),
    "POST /api/v1/excerpts": posts(PROGRAMS),
    "GET /api/v1/excerpts/{excerpt}": reads(READERS),
    "POST /api/v1/excerpts/{excerpt}/removals": posts(READERS, posters=SHARERS),
    "POST /api/v1/excerpts/{excerpt}/restorations": posts(READERS, posters=SHARERS),
    "GET /api/v1/exports": reads(EVERYBODY),
    "POST /api/v1/exports": posts(PROGRAMS),
    "GET /api/v1/exports/{export}": reads(NOBODY),
    "POST /api/v1/exports/{export}/cancellations": posts(NOBODY),
    "GET /api/v1/exports/{export}/files/{file}": reads(NOBODY),
    "GET /api/v1/receipts/{text}": reads(NOBODY),
    "GET /api/v1/search": reads(EVERYBODY),
    "POST /api/v1/conversations/{conversation}/reveals": posts(UNMASKERS, posters=NOBODY, sends={"why": "why"}),
    "POST /api/v1/conversations/{conversation}/messages/{message}/reveals": posts(UNMASKERS, sends={"why": "why"}),
    "POST /api/v1/reveals/{reveal}/endings": posts({}),  # a look of the pages is none of a program's
    "GET /api/v1/requests": reads(EVERYBODY),
    "POST /api/v1/requests": posts(PROGRAMS),
    "GET /api/v1/requests/{asked}": reads(ASKED),
    "POST /api/v1/requests/{asked}/decisions": posts(ASKED, posters=DECIDERS, sends={"approve": "yes"}),
    "POST /api/v1/requests/{asked}/revocations": posts(ASKED, posters=DECIDERS, sends={"note": "why"}),
    "POST /api/v1/requests/{asked}/withdrawals": posts(ASKED, posters=ZHOUMIN),
    "GET /api/v1/views": reads(EVERYBODY),
    "POST /api/v1/views": posts(PROGRAMS, sends={"name": "name", "query": "name"}),
    "GET /api/v1/views/{view}": reads(ZHOUMIN),
    "PATCH /api/v1/views/{view}": Row(ZHOUMIN, ("PATCH",), sends={"name": "name"}),
    "DELETE /api/v1/views/{view}": Row(ZHOUMIN, ("DELETE",)),
    "POST /api/v1/views/{view}/restorations": posts(ZHOUMIN),
    "GET /api/v1/departments": reads(EVERYBODY),
    "GET /api/v1/sources": reads(EVERYBODY),
    "GET /api/v1/stats": reads(EVERYBODY),
    "GET /api/v1/imports": reads(MANAGERS_OF_ANY, refused=403),
    "POST /api/v1/imports": posts(MANAGERS, refused=403, query="?name=a.csv"),
    "GET /api/v1/imports/{imported}": reads(MANAGERS_OF_PART, refused=403),
    "GET /api/v1/imports/{imported}/quarantine": reads(MANAGERS_OF_PART, refused=403),
}

NAMED_ALIKE = {
    "conversation": "conversation_id",
    "message": "message_id",
    "imported": "import_id",
    "view": "view_id",
    "asked": "request_id",
    "reveal": "reveal_id",
    "excerpt": "excerpt_id",
    "export": "export_id",
    "file": "file_id",
    "text": "name",
}
"""What the API calls differently from the pages."""
