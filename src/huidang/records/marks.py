"""Masks by hand: black out what the machine missed, clear what it hid by mistake, open a file to who sees masks.

Each is an overlay and an entry of the audit, never a change of the record, and can be undone. Who may see the original
and orders the record may do it (`UNMASK` and `FILE`); what opens something to others asks for rights that were not
themselves lent for a time. The event `marks` has the message indexed anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huidang.kernel import clock, events
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.readers import Reader
from huidang.people.requests import holds_lastingly
from huidang.records import masking, maskrules, sights
from huidang.records.lens import view
from huidang.records.masking import Sight
from huidang.records.models import Attachment, Clearance, Mark, Message, State
from huidang.records.placing import place_of

MOST = 200
"""Marks of one message that stand at the same time."""

_CHECKED = "the message was just asked for through the guard"
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark as its page shows it: what it covers, who made it, and whether it hides or shows."""

    id: str
    start: int
    end: int
    hides: bool
    by: str
    made_at: datetime
    current: bool  # made on the wording that stands; else on another one


def black_out(
    reader: Reader, conversation_id: int, message_id: int, ranges: Sequence[Range], *, seen: str | None = None,
    address: str = "",
) -> None:  # fmt: skip
    """Hide pieces of the text that stands, as code points [start, end).

    `seen` is what the person saw there; where something else stands by now, nothing is done. Raises `Absent` where the
    message is out of reach or the reader may not, `Problem` for a piece that is empty, outside or has changed.
    """
    _place(reader, conversation_id, lasting=False)
    with transaction.atomic():
        text = _standing(reader, conversation_id, message_id)
        _mark(text, ranges, reader, hides=True, seen=seen, address=address)


def clear(reader: Reader, conversation_id: int, message_id: int, ranges: Sequence[Range], *, address: str = "") -> None:
    """Show what the machine hid in these pieces of the text that stands: it is nothing sensitive. Raises as above."""
    _place(reader, conversation_id, lasting=True)
    with transaction.atomic():
        text = _standing(reader, conversation_id, message_id)
        names = sights.names_in([conversation_id]).get(conversation_id)
        found = masking.find(text.text, Sight(names) if names else masking.PLAIN)
        whole = [(span.start, span.end) for span in found if _touch(span, ranges)]
        if not whole:
            raise Problem("nothing-hidden", _("这里没有被自动遮盖的内容。"))
        _mark(text, whole, reader, hides=False, seen=None, address=address)


def undo(reader: Reader, conversation_id: int, message_id: int, mark_id: int, *, address: str = "") -> None:
    """Take a mark back. Raises `Absent` where there is none that stands, or the reader may not."""
    rows = Mark.objects.readable_by(reader, Can.UNMASK).filter(
        pk=mark_id, conversation_id=conversation_id, message_id=message_id, undone_at=None
    )
    with transaction.atomic():
        mark = rows.select_for_update().first()
        if mark is None:
            raise Absent
        _place(reader, conversation_id, lasting=mark.hides)  # to take back a black-out shows something again
        rows.update(undone_by_id=reader.user_id, undone_at=clock.now())
        about = f"message:{message_id}"
        audit.note("mark-undo", by=reader, address=address, about=about, mark=str(mark_id), hides=mark.hides)
        _said(conversation_id, message_id)


def marks_of(reader: Reader, conversation_id: int, message_id: int) -> list[Marked]:
    """Return the marks of a message that stand, for who may make them. Raises `Absent`."""
    _place(reader, conversation_id, lasting=False)
    text = _standing(reader, conversation_id, message_id)
    rows = Mark.objects.readable_by(reader, Can.UNMASK).filter(message_id=message_id, undone_at=None)
    return [
        Marked(
            str(row.pk), row.start, row.end, row.hides, row.made_by.name if row.made_by else audit.SYSTEM, row.made_at,
            row.entry_id == text.entry_id,
        )
        for row in rows.select_related("made_by").order_by("start", "pk")
    ]  # fmt: skip


def clear_file(reader: Reader, conversation_id: int, message_id: int, file_id: int, *, address: str = "") -> None:
    """Open a file to those who see masks, because a person has looked at it. Raises `Absent`."""
    _file(reader, conversation_id, message_id, file_id)
    with transaction.atomic():
        _row, new = Clearance.objects.unguarded(_CHECKED).get_or_create(
            attachment_id=file_id,
            defaults={
                "conversation_id": conversation_id, "message_id": message_id, "made_by_id": reader.user_id,
                "made_at": clock.now(),
            },
        )  # fmt: skip
        if new:
            audit.note("file-clear", by=reader, address=address, about=f"file:{file_id}", message=str(message_id))
            _said(conversation_id, message_id)


def withhold_file(reader: Reader, conversation_id: int, message_id: int, file_id: int, *, address: str = "") -> None:
    """Withhold a file again. Raises `Absent`."""
    _file(reader, conversation_id, message_id, file_id)
    with transaction.atomic():
        gone, _each = Clearance.objects.unguarded(_CHECKED).filter(attachment_id=file_id).delete()
        if gone:
            audit.note("file-withhold", by=reader, address=address, about=f"file:{file_id}", message=str(message_id))
            _said(conversation_id, message_id)


def find_in(shown: str, piece: str) -> list[Range]:
    """Return where a piece stands in a text as it is shown; the empty piece stands nowhere."""
    found, place = [], shown.find(piece) if piece else -1
    while place >= 0:
        found.append((place, place + len(piece)))
        place = shown.find(piece, place + len(piece))
    return found


@dataclass(frozen=True, slots=True)
class _Text:
    """The wording of a message that stands, and what of it this reader sees."""

    conversation_id: int
    message_id: int
    entry_id: int
    text: str
    shown: str


def _standing(reader: Reader, conversation_id: int, message_id: int) -> _Text:
    rows = Message.objects.readable_by(reader, Can.UNMASK)
    message = rows.filter(pk=message_id, conversation_id=conversation_id, entry="message").first()
    if message is None:
        raise Absent
    state = State.objects.readable_by(reader, Can.UNMASK).filter(pk=message_id).first()
    entry = rows.get(pk=state.text_entry_id) if state and state.text_entry_id else message
    maskrules.refresh()
    return _Text(conversation_id, message_id, entry.pk, entry.text, view(message, reader).text)


def _mark(text: _Text, ranges: Sequence[Range], reader: Reader, *, hides: bool, seen: str | None, address: str) -> None:
    kept = sorted({(start, end) for start, end in ranges if 0 <= start < end <= len(text.text)})
    if not kept or len(kept) != len(set(ranges)):
        raise Problem("mark-empty", _("先选中要处理的文字。"))
    if seen is not None and any(text.shown[start:end] != seen for start, end in kept):
        raise Problem("mark-stale", _("文字已有变化，刷新后再选。"))
    rows = Mark.objects.unguarded(_CHECKED)
    if rows.filter(message_id=text.message_id, undone_at=None).count() + len(kept) > MOST:
        raise Problem("marks-full", _("一条消息最多 %d 处人工遮盖。") % MOST)
    for start, end in kept:
        mark = rows.create(
            conversation_id=text.conversation_id, message_id=text.message_id, entry_id=text.entry_id,
            start=start, end=end, hides=hides, made_by_id=reader.user_id, made_at=clock.now(),
        )  # fmt: skip
        what, about = "mark-hide" if hides else "mark-clear", f"message:{text.message_id}"
        audit.note(what, by=reader, address=address, about=about, mark=str(mark.pk), start=start, end=end)
    _said(text.conversation_id, text.message_id)


def _touch(span: masking.Span, ranges: Sequence[Range]) -> bool:
    return any(start < span.end and span.start < end for start, end in ranges)


def _place(reader: Reader, conversation_id: int, *, lasting: bool) -> None:
    """Raise `Absent` unless the reader may mark there."""
    place = place_of(conversation_id, reader, Can.UNMASK)
    for can in (Can.READ, Can.UNMASK, Can.FILE):
        held = holds_lastingly(reader, can, place) if lasting else reader.may(can, **place._asdict())
        if not held:
            raise Absent


def _file(reader: Reader, conversation_id: int, message_id: int, file_id: int) -> None:
    """Raise `Absent` unless there is such a file that this reader sees and may clear."""
    _place(reader, conversation_id, lasting=True)
    rows = Attachment.objects.readable_by(reader, Can.UNMASK)
    if not rows.filter(pk=file_id, message_id=message_id, conversation_id=conversation_id).exists():
        raise Absent
    message = Message.objects.readable_by(reader, Can.READ).get(pk=message_id)
    if not any(each.id == str(file_id) for each in view(message, reader).attachments):
        raise Absent


def _said(conversation_id: int, message_id: int) -> None:
    events.emit("marks", changed=[f"conversation:{conversation_id}"], message=message_id)
