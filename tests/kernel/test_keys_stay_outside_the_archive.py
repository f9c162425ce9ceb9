"""The site key is made once, readable by its owner only, and never silently replaced."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from huidang.kernel import keyfiles, secrets
from huidang.kernel.problems import Problem

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    house = type("House", (), {"keys": tmp_path / "keys"})()
    monkeypatch.setattr(settings, "HOUSE", house)
    return tmp_path / "keys"


def test_the_first_use_makes_a_file_for_its_owner_alone(keys: Path) -> None:
    assert secrets.site_key() == secrets.site_key()
    assert len(secrets.site_key()) == 32
    assert [path.name for path in keys.iterdir()] == ["site.key"]
    assert stat.S_IMODE((keys / "site.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_makers_at_the_same_time_agree(keys: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda number: keyfiles.keep(keys / "site.key", f"{number:064x}"), range(32)))
    assert len(made) == 1
    assert [path.name for path in keys.iterdir()] == ["site.key"]


def test_an_archive_whose_key_is_gone_says_so(keys: Path) -> None:
    secrets.site_key()
    (keys / "site.key").unlink()
    with pytest.raises(Problem) as refused:
        secrets.site_key()
    assert refused.value.code == "site-key-missing"
    assert not (keys / "site.key").exists()


def test_the_key_of_another_archive_is_refused(keys: Path) -> None:
    secrets.site_key()
    (keys / "site.key").write_text(secrets.new_key().hex())
    with pytest.raises(Problem) as refused:
        secrets.site_key()
    assert refused.value.code == "site-key-wrong"


@pytest.mark.parametrize("content", ["", "ab", "not a key"])
def test_a_damaged_key_file_is_refused(keys: Path, content: str) -> None:
    keys.mkdir()
    (keys / "site.key").write_text(content)
    with pytest.raises(Problem) as refused:
        secrets.site_key()
    assert refused.value.code == "site-key-unreadable"


def test_secrets_open_in_their_own_context_alone() -> None:
    sealed = secrets.seal_secret("xoxb-令牌", context="source:7")
    assert b"xoxb" not in sealed
    assert secrets.open_secret(sealed, context="source:7") == "xoxb-令牌"
    with pytest.raises(secrets.Unopened):
        secrets.open_secret(sealed, context="source:8")


def test_a_flipped_bit_or_a_short_text_does_not_open() -> None:
    key = secrets.new_key()
    wrapped = secrets.wrap(secrets.new_key(), under=key, context=b"k")
    for damaged in (wrapped[:-1], wrapped[:5], b"", bytes([wrapped[0] ^ 1]) + wrapped[1:]):
        with pytest.raises(secrets.Unopened):
            secrets.unwrap(damaged, under=key, context=b"k")


def test_nothing_is_sealed_alike_twice() -> None:
    key = secrets.new_key()
    assert secrets.seal(key, b"same", context=b"") != secrets.seal(key, b"same", context=b"")
