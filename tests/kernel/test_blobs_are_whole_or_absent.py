"""A blob is stored once under its SHA-256, complete, read-only, and survives a kill without litter."""

import hashlib
import io
import os
from pathlib import Path

import pytest
from django.conf import settings

from huidang.kernel import blobs, jobs
from huidang.kernel.problems import Problem
from huidang.kernel.worker import Worker


def files() -> list[Path]:
    return [file for file in (settings.HOUSE.data / "blobs").rglob("*") if file.is_file()]


class Torn(io.BytesIO):
    """A stream that breaks off."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("torn")
        return super().read(size)[:10]


def test_bytes_come_back_under_their_hash() -> None:
    content = os.urandom(3_000_000)
    sha256 = blobs.put(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert blobs.exists(sha256)
    with blobs.open(sha256) as file:
        assert file.read() == content


def test_stream_and_bytes_of_one_content_are_one_file() -> None:
    sha256 = blobs.put(b"once and again")
    before = len(files())
    assert blobs.put_stream(io.BytesIO(b"once and again")) == sha256
    assert blobs.put(b"once and again") == sha256
    assert len(files()) == before


def test_blob_cannot_be_written_to_by_mistake() -> None:
    place = blobs.path(blobs.put(b"read only"))
    assert place.stat().st_mode & 0o777 == 0o440
    assert place.parent.name + place.name == hashlib.sha256(b"read only").hexdigest()


@pytest.mark.parametrize("stream", [Torn(b"x" * 100), io.BytesIO(b"y" * 100)])
def test_broken_or_too_large_stream_leaves_nothing(stream: io.BytesIO) -> None:
    before = files()
    with pytest.raises((OSError, Problem)):
        blobs.put_stream(stream, limit=99)
    assert files() == before


def test_stream_at_its_limit_is_taken() -> None:
    assert blobs.exists(blobs.put_stream(io.BytesIO(b"z" * 100), limit=100))


def test_removed_blob_is_absent_and_removing_twice_is_fine() -> None:
    sha256 = blobs.put(b"to be removed")
    blobs.remove(sha256)
    blobs.remove(sha256)
    assert not blobs.exists(sha256)
    with pytest.raises(Problem) as caught:
        blobs.open(sha256)
    assert caught.value.code == "blob-missing"


@pytest.mark.parametrize("name", ["", "../etc/passwd", "AB" * 32, "ab" * 31])
def test_name_that_is_no_hash_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        blobs.path(name)


@pytest.mark.django_db
def test_what_a_killed_process_left_is_cleaned_away_and_what_is_being_written_stays() -> None:
    new = settings.HOUSE.data / "blobs" / "new"
    new.mkdir(parents=True, exist_ok=True)
    left, fresh = new / "left", new / "fresh"
    for file in (left, fresh):
        file.write_bytes(b"half")
    os.utime(left, (0, 0))
    jobs.enqueue("clean-blobs")
    Worker(kinds=["clean-blobs"]).work_off()
    assert list(new.iterdir()) == [fresh]
    fresh.unlink()
