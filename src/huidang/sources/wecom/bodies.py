"""The bodies of WeCom's message types as kind, text, media and details.

Every type of the archive stands in one of the two tables below; one that does not is kept as `other`, with its body
in the details, so that nobody loses a message because the platform invented a type. Sizes and times may be numbers
or digits in a string.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from huidang.kernel.problems import Problem
from huidang.records.drafts import MediaDraft
from huidang.sources.files.values import count, objects, read_object, words

_DEEPEST_FORWARD = 8
# Of these strings in an unknown body the first is taken for its text.
_LIKELY_TEXT = ("content", "text", "title", "description", "name")


@dataclass(frozen=True, slots=True)
class Body:
    """What a body says."""

    kind: str
    text: str = ""
    media: list[MediaDraft] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


class _Card(NamedTuple):
    """A type whose text is some of its fields: our kind, those fields, and the fields worth keeping apart."""

    kind: str
    text: tuple[str, ...]
    kept: tuple[str, ...] = ()


_CARDS = {
    "text": _Card("text", ("content",)),
    "markdown": _Card("text", ("content",)),
    "agree": _Card("system", (), ("userid", "agree_time")),
    "disagree": _Card("system", (), ("userid", "agree_time", "disagree_time")),
    "card": _Card("card", ("corpname", "userid"), ("corpname", "userid")),
    "location": _Card("location", ("title", "address"), ("longitude", "latitude", "zoom")),
    "link": _Card("link", ("title", "description"), ("link_url", "image_url")),
    "weapp": _Card("card", ("title", "displayname", "description"), ("username", "displayname")),
    "todo": _Card("card", ("title", "content")),
    "vote": _Card("card", ("votetitle",), ("voteitem", "votetype", "voteid")),
    "collect": _Card("card", ("title", "room_name", "creator"), ("create_time", "details")),
    "redpacket": _Card("redpacket", ("wish",), ("type", "totalcnt", "totalamount")),
    "external_redpacket": _Card("redpacket", ("wish",), ("type", "totalcnt", "totalamount")),
    "meeting": _Card(
        "card", ("topic", "address", "remarks"), ("starttime", "endtime", "meetingtype", "meetingid", "status")
    ),
    "meeting_notification": _Card("card", ("topic", "content"), ("meeting_id", "notification_type")),
    "docmsg": _Card("link", ("title",), ("link_url", "doc_creator")),
    "calendar": _Card(
        "card", ("title", "place", "remarks"), ("creatorname", "attendeename", "starttime", "endtime")
    ),
    "sphfeed": _Card("link", ("sph_name", "feed_desc"), ("feed_type",)),
    "voiptext": _Card("call", (), ("callduration", "invitetype")),
}  # fmt: skip
_MEDIA: dict[str, Literal["image", "voice", "video", "file", "sticker"]] = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "file": "file",
    "emotion": "sticker",
    "qydiskfile": "file",
    "voip_doc_share": "file",
}
_MIMES = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4"}
_STATED = {"agree": "同意会话内容存档", "disagree": "不同意会话内容存档"}


def read_body(kind: str, body: dict[str, Any], depth: int = 0) -> Body:
    """Return what the body of a type says."""
    if kind in _MEDIA:
        return _media(kind, body)
    if kind in _CARDS:
        return _card(kind, body)
    compound = _COMPOUND.get(kind)
    if compound is not None and depth < _DEEPEST_FORWARD:
        return compound(body, depth)
    return Body("other", words(body, *_LIKELY_TEXT), details={"type": kind, "body": body})


def _media(kind: str, body: dict[str, Any]) -> Body:
    name = words(body, "filename")
    held = MediaDraft(
        kind=_MEDIA[kind],
        name=name,
        mime=_MIMES.get(kind, ""),
        size=count(body, "filesize", "voice_size", "imagesize"),
        missing="needs-archive-sdk" if words(body, "sdkfileid") else "not-in-export",
        seconds=count(body, "play_length"),
    )
    told: dict[str, Any] = {key: value for key in ("md5sum", "width", "height") if (value := words(body, key))}
    details = {"type": kind, **told} if kind not in {"image", "voice", "video", "file"} else told
    return Body(_MEDIA[kind], name, [held], details)


def _card(kind: str, body: dict[str, Any]) -> Body:
    card = _CARDS[kind]
    text = "\n".join(value for key in card.text if (value := words(body, key)))
    kept = {key: body[key] for key in card.kept if key in body}
    if kind == "text":
        return Body("text", text)
    return Body(card.kind, text or _STATED.get(kind, ""), details={"type": kind, **kept})


def _inner(item: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an item, whose content is JSON in a string."""
    content = item.get("content")
    if isinstance(content, dict):
        return content
    try:
        return read_object(content) if isinstance(content, str) else {}
    except Problem:
        return {"content": content}


def _mixed(body: dict[str, Any], depth: int) -> Body:
    parts = [read_body(words(item, "type"), _inner(item), depth + 1) for item in objects(body.get("item"))]
    text = "\n".join(part.text for part in parts if part.text)
    media = [held for part in parts for held in part.media]
    return Body("text", text, media, {"type": "mixed", "parts": [part.kind for part in parts]})


def _forwarded(body: dict[str, Any], depth: int) -> Body:
    items = [_forwarded_item(item, depth) for item in objects(body.get("item"))]
    lines = [words(body, "title"), *(str(item["text"]) for item in items)]
    text = "\n".join(line for line in lines if line)
    return Body("forward", text, details={"type": "chatrecord", "title": words(body, "title"), "items": items})


def _forwarded_item(item: dict[str, Any], depth: int) -> dict[str, Any]:
    kind = words(item, "type").removeprefix("ChatRecord").lower()
    part = read_body(kind, _inner(item), depth + 1)
    return {
        "kind": part.kind,
        "text": part.text,
        "sent_at": count(item, "msgtime"),
        "from_chatroom": item.get("from_chatroom") is True,
        **({"items": part.details["items"]} if "items" in part.details else {}),
    }


def _news(body: dict[str, Any], _depth: int) -> Body:
    articles = list(objects(body.get("item")))
    text = "\n".join(part for one in articles for part in (words(one, "title"), words(one, "description")) if part)
    return Body("link", text, details={"type": "news", "items": articles})


def _call(body: dict[str, Any], _depth: int) -> Body:
    recorded = words(body, "sdkfileid")
    media = [MediaDraft("voice", missing="needs-archive-sdk")] if recorded else []
    shared = [words(one, "filename") for one in objects(body.get("demofiledata"))]
    kept: dict[str, Any] = {key: body[key] for key in ("endtime", "demofiledata", "sharescreendata") if key in body}
    text = "\n".join(name for name in shared if name)
    return Body("call", text, media, {"type": "meeting_voice_call", **kept})


_COMPOUND: dict[str, Callable[[dict[str, Any], int], Body]] = {
    "mixed": _mixed,
    "chatrecord": _forwarded,
    "news": _news,
    "meeting_voice_call": _call,
}
