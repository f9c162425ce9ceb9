"""Decodes one JSON value of a hostile file: whatever is wrong with it becomes a `Problem`."""

from typing import TypeVar

import msgspec

from huidang.kernel.problems import Problem

_T = TypeVar("_T")
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError)


def decode(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T:
    """Return the decoded value. Raises `Problem` with what is wrong, in the decoder's words."""
    try:
        return decoder.decode(data)
    except _WRONG as error:
        raise unreadable(error) from error


def unreadable(error: Exception) -> Problem:
    """Return the problem of an item that is no JSON, or not JSON of the expected shape."""
    if isinstance(error, UnicodeDecodeError):
        return Problem("bad-encoding", "这一条含有无法解码的字节。", byte=error.start)
    if isinstance(error, msgspec.ValidationError):
        return Problem("bad-field", f"字段不符合格式：{error}", error=str(error))
    if isinstance(error, RecursionError):
        return Problem("too-deep", "这一条的 JSON 嵌套过深。")
    return Problem("bad-json", f"这一条不是有效的 JSON：{error}", error=str(error))
