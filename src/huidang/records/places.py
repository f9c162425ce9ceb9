"""Where a message stands in the log, and the proof of it, for whoever may read the message."""

from huidang.kernel import proofs
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.records.lens import view
from huidang.records.masking import Profile
from huidang.records.models import Message
from huidang.records.shown import Shown


def get_message(conversation_id: int, message_id: int, reader: Reader, *, profile: Profile = Profile.INSIDE) -> Shown:
    """Return one message as this reader may see it. Raises `Absent`, alike for missing and forbidden."""
    return view(_row(conversation_id, message_id, reader), reader, profile=profile)


def prove(conversation_id: int, message_id: int, reader: Reader) -> str:
    """Return the tlog-proof of one message. Raises `Absent`, and `kernel.proofs.Unsigned`."""
    return proofs.write_proof(_row(conversation_id, message_id, reader).leaf_index)


def _row(conversation_id: int, message_id: int, reader: Reader) -> Message:
    rows = Message.objects.readable_by(reader, Can.READ)
    row: Message | None = rows.filter(pk=message_id, conversation_id=conversation_id, entry="message").first()
    if row is None:
        raise Absent
    return row
