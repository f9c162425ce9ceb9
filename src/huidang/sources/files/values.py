"""Decodes one JSON value of a hostile file: whatever is wrong with it becomes a `Problem`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from huidang.kernel.problems import Problem

_T = TypeVar("_T")
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError)
# An escape that stands for no character: half a surrogate pair (exporters cut names in the middle of an emoji) or
# zero, which PostgreSQL cannot hold. Escaped backslashes and whole pairs are matched first and left alone.
_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000)"
)
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def decode(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T:
    """Return the decoded value. Raises `Problem` with what is wrong, in the decoder's words."""
    if b"\\u0000" in data:
        data = mended(data)
    try:
        return decoder.decode(data)
    except _WRONG as error:
        if b"\\u" in data and (whole := mended(data)) != data:
            return decode(decoder, whole)
        raise unreadable(error) from error


def mended(data: bytes) -> bytes:
    """Return the JSON with U+FFFD for every escape that stands for no character."""
    return _ESCAPES.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], data)


def unreadable(error: Exception) -> Problem:
    """Return the problem of an item that is no JSON, or not JSON of the expected shape."""
    if isinstance(error, UnicodeDecodeError):
        return Problem("bad-encoding", "这一条含有无法解码的字节。", byte=error.start)
    if isinstance(error, msgspec.ValidationError):
        return Problem("bad-field", f"字段不符合格式：{error}", error=str(error))
    if isinstance(error, RecursionError):
        return Problem("too-deep", "这一条的 JSON 嵌套过深。")
    return Problem("bad-json", f"这一条不是有效的 JSON：{error}", error=str(error))


def read_object(data: bytes | str) -> dict[str, Any]:
    """Return a JSON object, or an object that stands as JSON in a string. Raises `Problem`."""
    return decode(_OBJECT, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list; anything else holds none."""
    if isinstance(value, list):
        yield from (part for part in value if isinstance(part, dict))


def child(holder: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the first object under one of the keys, or an empty one."""
    for key in keys:
        value = holder.get(key)
        if isinstance(value, dict):
            return value
    return {}


def words(holder: Mapping[str, Any], *keys: str) -> str:
    """Return the first text or number under one of the keys that is not empty, as text."""
    for key in keys:
        value = holder.get(key)
        if value is None:
            continue
        if isinstance(value, str):
            if value and not value.isspace():
                return value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def count(holder: Mapping[str, Any], *keys: str) -> int | None:
    """Return the first whole number under one of the keys, written as a number or as digits."""
    for key in keys:
        value = words(holder, key)
        if value.isascii() and value.isdigit() and len(value) < len("9223372036854775807"):
            return int(value)
    return None
