"""The quarantine: what could not be read is kept with its place and reason, and read again when a parser was mended."""

import hashlib
from collections.abc import Iterable

from huidang.kernel import blobs, bulk, clock, secrets
from huidang.kernel.problems import Problem
from huidang.records import Origin, append
from huidang.records.drafts import Broken, RawMessage, SourceDraft
from huidang.records.prepared import arrive
from huidang.sources.models import Quarantine
from huidang.sources.parsing import Chunk, Script
from huidang.sources.source import Export

KEPT_BYTES = 1 << 20
"""Longer items lie in a blob."""

_CONTEXT = b"quarantine"
_COLUMNS = ("imported_id", "digest", "place", "about", "code", "reason", "content", "blob", "created_at")


def keep(items: Iterable[tuple[Broken, str]], *, source: SourceDraft, imported_id: int) -> None:
    """Store items with what their place implied, each once however often its file comes."""
    now = bulk.moment(clock.now_ms())
    rows = [_row(item, about, source, imported_id, now) for item, about in items]
    marks = ",".join(["%s"] * len(_COLUMNS))
    bulk.execute(
        f'INSERT INTO "{Quarantine._meta.db_table}" ({",".join(_COLUMNS)}) VALUES ({marks}) '  # noqa: S608
        "ON CONFLICT (digest) DO NOTHING",
        rows,
    )


def _row(item: Broken, about: str, source: SourceDraft, imported_id: int, now: str) -> tuple[object, ...]:
    data, blob = item.data, item.blob
    digest = hashlib.sha256(repr((source.platform, source.workspace, item.place, item.blob)).encode() + data)
    if len(data) > KEPT_BYTES:
        data, blob = b"", blobs.put(data)
    sealed = secrets.seal(secrets.site_key(), data, context=_CONTEXT) if data else b""
    place, about = item.place[:500].replace("\x00", ""), about[:500].replace("\x00", "")
    return (
        imported_id,
        digest.hexdigest(),
        place,
        about,
        item.code[:60],
        item.text.replace("\x00", ""),
        sealed,
        blob,
        now,
    )


def content_of(item: Quarantine) -> bytes:
    """Return the bytes of an item, or as many as are kept."""
    if item.blob:
        with blobs.open(item.blob) as file:
            return file.read()
    return secrets.unseal(secrets.site_key(), bytes(item.content), context=_CONTEXT) if item.content else b""


def reread(item: Quarantine, export: Export) -> int:
    """Read an item again with the parser of its export, opened anew; return how many messages came out of it.

    Raises Problem with the reason, renewed on the item, where it still cannot be read.
    """
    arrival = arrive(export.source, export.exported_ms)
    chunk = Chunk([RawMessage(item.place, content_of(item), item.about)])
    result = Script(export.parser, arrival).read(chunk)
    if result.broken:
        (still,) = result.broken
        Quarantine.objects.filter(pk=item.pk).update(code=still.code, reason=still.text)
        raise Problem(still.code, still.text, place=item.place)
    custody = {"format": export.format, "file": export.name, "place": item.place, "reread": True}
    done = append(result.facts, Origin(source=export.source, custody=custody, exported_ms=export.exported_ms))
    Quarantine.objects.filter(pk=item.pk).update(solved_at=clock.now())
    return done.new
