"""Cases: spans of a conversation cut by silence, rebuilt by themselves until a person touches them."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from huidang.kernel import bulk, jobs
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.records.models import Case, Conversation, Message

SILENCE_SECONDS = 4 * 3600
_END = 2**63 - 1
_ID_TIME_BITS = 20
_TABLE = Case._meta.db_table
_COLUMNS = (
    "conversation_id", "first_message_id", "last_message_id", "message_count", "opened_at", "last_at", "ground",
    "touched",
)  # fmt: skip

Span = tuple[int, int, int]
"""First message, last message, number of messages."""

_PAGE = 20_000
_IDS = f"""SELECT id FROM "{Message._meta.db_table}"
  WHERE conversation_id = %s AND entry = 'message' AND id >= %s AND id < %s ORDER BY id LIMIT {_PAGE}"""  # noqa: S608


def wanted(_event: Event) -> None:
    """Ask for the job `cases`: the handler of the event `records`."""
    jobs.enqueue("cases", key="cases")


def cut_stale(run: Run) -> None:
    """Cut every conversation that has new messages: the job `cases`."""
    stale = Conversation.objects.unguarded("cases of all conversations are cut alike").filter(
        uncut_message_id__isnull=False
    )
    while conversations := list(stale.values_list("pk", flat=True)[:100]):
        for conversation in conversations:
            cut(conversation)
        run.heartbeat()


def cut(conversation_id: int, *, silence_seconds: int = SILENCE_SECONDS) -> None:
    """Cut a conversation anew from its earliest new message on; cases that a person has touched stay as they are."""
    with transaction.atomic():
        conversation = Conversation.objects.unguarded("cutting cases").select_for_update().get(pk=conversation_id)
        if conversation.uncut_message_id is None:
            return
        cases = Case.objects.unguarded("cutting cases").filter(conversation_id=conversation_id)
        begin = _begin(list(cases.filter(first_message_id__lte=conversation.uncut_message_id).order_by("-pk")))
        after = cases.filter(last_message_id__gte=begin).order_by("first_message_id")
        touched = [(case.first_message_id, case.last_message_id) for case in after if case.touched]
        spans = [
            span
            for first, end in _open_ranges(begin, touched)
            for span in _spans(_messages(conversation_id, first, end), silence_seconds * 1000)
        ]
        _replace(conversation_id, [case for case in after if not case.touched], spans)
        cut_now = Conversation.objects.unguarded("cutting cases").filter(pk=conversation_id)
        cut_now.update(uncut_message_id=None)


def _begin(before: Sequence[Case]) -> int:
    """Return the message from which to cut: the start of the case in which, or after which, the new message lies."""
    last = max(before, key=lambda case: case.first_message_id, default=None)
    if last is None:
        return 0
    return last.last_message_id + 1 if last.touched else last.first_message_id


def _open_ranges(begin: int, touched: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of ids (end excluded) around the touched cases."""
    for first, last in touched:
        if begin < first:
            yield begin, first
        begin = max(begin, last + 1)
    yield begin, _END


def _messages(conversation_id: int, first: int, end: int) -> Iterator[int]:
    while page := bulk.select(_IDS, [conversation_id, first, end]):
        yield from (each for (each,) in page)
        first = page[-1][0] + 1


def _spans(messages: Iterable[int], silence_ms: int) -> Iterator[Span]:
    """Yield the spans between silences; window functions of a database would take several times as long."""
    first = last = count = 0
    for each in messages:
        if count and (each >> _ID_TIME_BITS) - (last >> _ID_TIME_BITS) > silence_ms:
            yield first, last, count
            count = 0
        if not count:
            first = each
        last, count = each, count + 1
    if count:
        yield first, last, count


def _replace(conversation_id: int, old: Sequence[Case], spans: Sequence[Span]) -> None:
    """Store the spans; a case that begins with the same message keeps its row."""
    known = {case.first_message_id: case for case in old}
    kept = {first for first, _, _ in spans}
    gone = [case.pk for first, case in known.items() if first not in kept]
    Case.objects.unguarded("cutting cases").filter(pk__in=gone).delete()
    changed = [span for span in spans if span[0] in known and span[1:] != _extent(known[span[0]])]
    bulk.execute(
        f'UPDATE "{_TABLE}" SET last_message_id=%s, message_count=%s, last_at=%s WHERE id=%s',  # noqa: S608
        [(last, count, _moment(last), known[first].pk) for first, last, count in changed],
    )
    added = (span for span in spans if span[0] not in known)
    bulk.insert(
        _TABLE,
        _COLUMNS,
        [(conversation_id, *span, _moment(span[0]), _moment(span[1]), "silence", False) for span in added],
    )


def _extent(case: Case) -> tuple[int, int]:
    return case.last_message_id, case.message_count


def _moment(message_id: int) -> str:
    return bulk.moment(message_id >> _ID_TIME_BITS)
