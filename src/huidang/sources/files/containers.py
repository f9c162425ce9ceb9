"""One way to read what a person hands over: a file, a folder or a ZIP, by member name and as streams.

Members are only ever read, never written out under their own names, so that a name cannot climb anywhere. What is
refused (a symbolic link, a climbing path, an encrypted or bursting member) stands in `refused` and the rest is read.
"""

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from huidang.kernel.problems import Problem
from huidang.sources.files.limits import ZIP_HARMLESS, ZIP_MEMBERS, ZIP_RATIO, ZIP_TOTAL
from huidang.sources.files.salvage import Remnant, open_remnant, remnants

_ENCRYPTED = ("zip-encrypted", "成员已加密，请先解密再导入。")
_NOT_WHOLE = (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member that is not read, and why."""

    name: str
    problem: Problem


@dataclass(slots=True)
class Meter:
    """Counts how much of the planned bytes has been read."""

    planned: int = 0
    read: int = 0

    def share(self) -> float:
        """Return the share already read, 0 to 1."""
        return min(1.0, self.read / self.planned) if self.planned else 0.0


class Container(Protocol):
    """What holds the files of one or several exports."""

    name: str
    refused: list[Refusal]
    holders: int  # exports that still read from it

    def names(self) -> list[str]:
        """Return the names of the readable members, sorted, with `/` between folders."""

    def size(self, name: str) -> int:
        """Return the size of a member in bytes, uncompressed."""

    def open(self, name: str) -> IO[bytes]:
        """Open a member. Raises `Problem` where that fails."""

    def close(self) -> None:
        """Release files."""


class LoneFile:
    """A container of one file, given by path or as an open upload."""

    def __init__(self, name: str, path: Path | None, upload: IO[bytes] | None = None) -> None:
        self.name = name
        self.refused: list[Refusal] = []
        self.holders = 0
        self._path = path
        self._upload = upload

    def names(self) -> list[str]:
        """See `Container`."""
        return [self.name]

    def size(self, name: str) -> int:
        """See `Container`."""
        assert name == self.name
        if self._path is not None:
            return self._path.stat().st_size
        assert self._upload is not None
        return self._upload.seek(0, 2)

    def open(self, name: str) -> IO[bytes]:
        """See `Container`. An upload is rewound: it is read by one reader at a time."""
        assert name == self.name
        if self._path is not None:
            return _open_path(self._path)
        assert self._upload is not None
        self._upload.seek(0)
        return _Unclosed(self._upload)  # type: ignore[return-value]

    def close(self) -> None:
        """See `Container`. The upload belongs to the caller and stays open."""


def _open_path(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise Problem("file-unreadable", f"「{path.name}」打不开：{error.strerror}。", name=path.name) from error


class _Unclosed:
    """An upload that outlives its readers."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.read = stream.read
        self.seek = stream.seek
        self.tell = stream.tell

    def close(self) -> None:
        """Leave the upload open."""


class Folder:
    """A folder on disk. Symbolic links are not followed, so that there are neither loops nor ways out."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.refused: list[Refusal] = []
        self.holders = 0
        self._root = path
        self._sizes = dict(sorted(self._files(path)))

    def _files(self, folder: Path) -> Iterator[tuple[str, int]]:
        pending = [folder]
        while pending:
            for path in sorted(pending.pop().iterdir()):
                name = path.relative_to(self._root).as_posix()
                if path.is_symlink():
                    self._refuse(name, "member-link", "符号链接不会被读取。")
                elif path.is_dir():
                    pending.append(path)
                elif path.is_file():
                    yield name, path.stat().st_size

    def _refuse(self, name: str, code: str, text: str) -> None:
        self.refused.append(Refusal(name, Problem(code, text, name=name)))

    def names(self) -> list[str]:
        """See `Container`."""
        return list(self._sizes)

    def size(self, name: str) -> int:
        """See `Container`."""
        return self._sizes[name]

    def open(self, name: str) -> IO[bytes]:
        """See `Container`."""
        return _open_path(self._root / name)

    def close(self) -> None:
        """See `Container`."""


@dataclass(slots=True)
class _Budget:
    """What a ZIP may still unpack to."""

    left: int = field(default=ZIP_TOTAL)

    def objection(self, size: int, packed: int) -> tuple[str, str] | None:
        """Return the code and sentence why a member of this size may not be unpacked."""
        self.left -= size
        ratio = size / max(packed, 1)
        if self.left < 0:
            return "zip-too-large", f"压缩包解开后超过 {ZIP_TOTAL >> 30} GB 上限。"
        if size > ZIP_HARMLESS and ratio > ZIP_RATIO:
            return "zip-bomb", f"成员的压缩比为 {ratio:,.0f}:1，疑似压缩炸弹，未解开。"
        return None


class Zip:
    """A ZIP archive, read member by member as streams."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self.refused: list[Refusal] = []
        self.holders = 0
        self._archive = archive
        self._members = dict(sorted(self._admitted()))

    def _admitted(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        members = self._archive.infolist()
        if len(members) > ZIP_MEMBERS:
            raise Problem("zip-too-many", f"压缩包里有 {len(members):,} 个文件，超过上限。", members=len(members))
        budget = _Budget()
        for member in members:
            if member.is_dir():
                continue
            name = _proper_name(member)
            objection = _objection(member, name) or budget.objection(member.file_size, member.compress_size)
            if objection is None:
                yield name, member
            else:
                self.refused.append(Refusal(name, Problem(*objection, name=name)))

    def holds(self, *names: str) -> bool:
        """Say whether all of these are in it, under the names that the archive itself states."""
        return all(name in self._archive.NameToInfo for name in names)

    def names(self) -> list[str]:
        """See `Container`."""
        return list(self._members)

    def size(self, name: str) -> int:
        """See `Container`."""
        return self._members[name].file_size

    def open(self, name: str) -> IO[bytes]:
        """See `Container`."""
        try:
            return self._archive.open(self._members[name])
        except (*_NOT_WHOLE, RuntimeError) as error:
            raise Problem("zip-member-broken", f"压缩包成员「{name}」无法读取。", name=name) from error

    def close(self) -> None:
        """See `Container`."""
        self._archive.close()


class TruncatedZip:
    """What is left of a ZIP without its directory. That it is not whole stands in `refused`."""

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self.name = name
        self.refused: list[Refusal] = []
        self.holders = 0
        self._stream = stream
        self._members = dict(sorted(self._admitted()))
        text = f"压缩包不完整，只能读出其中 {len(self._members)} 个文件，请重新导出或重新上传。"
        if not self._members:
            text = "压缩包不完整或已损坏，读不出任何文件，请重新导出或重新上传。"
        self.refused.insert(0, Refusal(name, Problem("zip-truncated", text, members=len(self._members))))

    def _admitted(self) -> Iterator[tuple[str, Remnant]]:
        budget = _Budget()
        for member in remnants(self._stream):
            if member.name.endswith("/"):
                continue
            objection = _path_objection(member.name) or budget.objection(member.size, member.packed)
            if member.encrypted:
                objection = _ENCRYPTED
            if objection is None:
                yield member.name.replace("\\", "/"), member
            else:
                self.refused.append(Refusal(member.name, Problem(*objection, name=member.name)))

    def names(self) -> list[str]:
        """See `Container`."""
        return list(self._members)

    def size(self, name: str) -> int:
        """See `Container`."""
        return self._members[name].size

    def open(self, name: str) -> IO[bytes]:
        """See `Container`."""
        return open_remnant(self._stream, self._members[name])

    def close(self) -> None:
        """See `Container`."""
        self._stream.close()


def open_zip(name: str, stream: IO[bytes]) -> Container:
    """Open a ZIP, or what is left of it. Raises `Problem` where it holds too much."""
    try:
        archive = zipfile.ZipFile(stream)
    except _NOT_WHOLE:
        return TruncatedZip(name, stream)
    return Zip(name, archive)


def _proper_name(member: zipfile.ZipInfo) -> str:
    """Return the member's name; Chinese Windows tools write GBK without saying so, which zipfile reads as cp437."""
    name = member.filename.replace("\\", "/")
    if member.flag_bits & 0x800 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _objection(member: zipfile.ZipInfo, name: str) -> tuple[str, str] | None:
    if stat.S_ISLNK(member.external_attr >> 16):
        return "member-link", "符号链接不会被读取。"
    if member.flag_bits & 1:
        return _ENCRYPTED
    return _path_objection(name)


def _path_objection(name: str) -> tuple[str, str] | None:
    if ".." not in name and ":" not in name and name[:1] != "/":
        return None
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        return "member-climbs", "成员路径指向压缩包之外，未读取。"
    return None
