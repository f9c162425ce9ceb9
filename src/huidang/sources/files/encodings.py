"""Which encoding a text file is in, and the same file as a stream of UTF-8.

Files that are UTF-8 already pass untouched, so that every item keeps its exact bytes. Bytes that are wrong in the
other encodings become lone surrogates, which no parser accepts: the item they stand in goes to quarantine, its
neighbours do not.
"""

import codecs
import io
from typing import IO, Literal

from huidang.sources.files.limits import CHUNK, ENCODING_SCAN

Encoding = Literal["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030"]

_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
# Chinese text read in the wrong encoding fails at almost every character; a few damaged lines stay far below this.
_TOLERATED = 0.1


def _keep_as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Turn each undecodable byte into U+DC00 + byte, which UTF-8 with surrogates carries and parsers refuse."""
    assert isinstance(error, UnicodeDecodeError)
    end = max(error.end, error.start + 1)
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : end]), end


codecs.register_error("huidang-keep", _keep_as_surrogates)


def mark_of(head: bytes) -> tuple[Encoding, int] | None:
    """Return the encoding that a byte order mark states, and the length of the mark."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return None


def _unmarked_utf16(head: bytes) -> Encoding | None:
    """Recognise UTF-16 without a mark by its zero bytes: every ASCII character has one, always on the same side."""
    sample = head[: _SAMPLE & ~1]
    if b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    enough = max(1, len(sample) // 100)
    if odd >= enough and even * 20 <= odd:
        return "utf-16-le"
    if even >= enough and odd * 20 <= even:
        return "utf-16-be"
    return None


def _sound(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _failure_share(sample: bytes, encoding: str) -> float:
    """Return how many of the bytes outside ASCII cannot be read in `encoding`, 0 to 1."""
    if _sound(sample, encoding):
        return 0.0
    foreign = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    text = codecs.getincrementaldecoder(encoding)("huidang-keep").decode(sample)
    wrong = sum("\udc00" <= character <= "\udcff" for character in text)
    return wrong / foreign if foreign else 0.0


def guess(sample: bytes) -> Encoding:
    """Return the encoding of text without a mark; plain ASCII counts as UTF-8."""
    wide = _unmarked_utf16(sample)
    if wide is not None:
        return wide
    if _failure_share(sample, "utf-8") <= _TOLERATED:
        return "utf-8"
    return "gb18030" if _failure_share(sample, "gb18030") <= _TOLERATED else "utf-8"


def _sample(stream: IO[bytes], head: bytes) -> bytes:
    """Return `head`, or where that is plain ASCII the first stretch of the stream that is not."""
    seen = len(head)
    while head.isascii() and seen < ENCODING_SCAN:
        chunk = stream.read(CHUNK)
        if not chunk:
            return head
        seen += len(chunk)
        head = chunk if not chunk.isascii() else head
    return head


def detect(stream: IO[bytes]) -> tuple[Encoding, int]:
    """Return the encoding of a stream at its beginning and the length of its mark. Reads the stream."""
    head = stream.read(_SAMPLE)
    marked = mark_of(head)
    if marked is not None:
        return marked
    wide = _unmarked_utf16(head)
    return (wide or guess(_foreign_part(_sample(stream, head)))), 0


def _foreign_part(sample: bytes) -> bytes:
    """Cut a large sample to begin at its first byte outside ASCII, so that the guess looks at text."""
    if len(sample) <= _SAMPLE:
        return sample
    start = len(sample) - len(sample.lstrip(bytes(range(128))))
    return sample[start : start + _SAMPLE]


class Utf8Stream(io.RawIOBase):
    """A stream in another encoding, read as UTF-8 in constant memory."""

    def __init__(self, stream: IO[bytes], encoding: Encoding) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("huidang-keep")
        self._pending = b""
        self._ended = False

    def readable(self) -> bool:
        """Say that this stream can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes of UTF-8; `b""` only at the end."""
        while not self._ended and (size < 0 or len(self._pending) < size):
            self._fill()
        cut = len(self._pending) if size < 0 else size
        taken, self._pending = self._pending[:cut], self._pending[cut:]
        return taken

    def _fill(self) -> None:
        chunk = self._stream.read(CHUNK)
        self._ended = not chunk
        text = self._decoder.decode(chunk, final=self._ended)
        self._pending += text.encode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Close the stream beneath as well."""
        self._stream.close()
        super().close()


def as_utf8(stream: IO[bytes], encoding: Encoding, mark: int) -> IO[bytes]:
    """Return `stream`, which stands at its beginning, as UTF-8 without its byte order mark."""
    stream.read(mark)
    if encoding in {"utf-8", "utf-8-sig"}:
        return stream
    return Utf8Stream(stream, encoding)  # type: ignore[return-value]
