"""The files of messages, given out by message: who may not see the one or the other gets the same `Absent`."""

from dataclasses import dataclass
from pathlib import Path

from huidang.kernel import blobs
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.records.lens import view
from huidang.records.models import Attachment, Message
from huidang.records.shown import Enclosure


@dataclass(frozen=True, slots=True)
class OpenedEnclosure:
    """A file that may be handed out: what it is, and where its bytes lie."""

    enclosure: Enclosure
    path: Path


def open_enclosure(conversation_id: int, message_id: int, enclosure_id: int, reader: Reader) -> OpenedEnclosure:
    """Return a file of a message. Raises `Absent`: no such file, out of reach, withheld, recalled or not stored."""
    rows = Message.objects.readable_by(reader, Can.READ).filter(pk=message_id, conversation_id=conversation_id)
    message = rows.first()
    if message is None:
        raise Absent
    wanted = (each for each in view(message, reader).attachments if each.id == str(enclosure_id))
    enclosure = next(wanted, None)
    if enclosure is None or enclosure.withheld or enclosure.missing:
        raise Absent
    row = Attachment.objects.readable_by(reader, Can.READ).get(pk=enclosure_id)
    if not row.sha256 or not blobs.exists(row.sha256):
        raise Absent
    return OpenedEnclosure(enclosure, blobs.path(row.sha256))
