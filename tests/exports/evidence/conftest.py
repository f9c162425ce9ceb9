"""The stage for evidence: a time stamp authority that answers on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.db import transaction

from huidang.kernel import stamps
from tests.authority import Authority


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Return the authority."""
    tsa = Authority(tmp_path_factory.mktemp("tsa"))
    with tsa.serving():
        yield tsa


def known(tsa: Authority) -> None:
    """Have the house know the authority, and reach it on loopback."""
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=(ip_network("127.0.0.1/32"),))
    stamps.add_authority(name="测试机构", url=tsa.url, roots=tsa.roots)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block stores, and the settings it made."""
    house, inner = settings.HOUSE, transaction.atomic()
    inner._from_testcase = True
    with inner:
        yield
        transaction.set_rollback(True)
    settings.HOUSE = house


@pytest.fixture
def stamped(db: None, tsa: Authority) -> Iterator[None]:
    """Have the house know the authority for a test."""
    house = settings.HOUSE
    known(tsa)
    yield
    settings.HOUSE = house
