"""Where `CI=true`, the browser and PostgreSQL tests run: what they need is there, or this fails."""

import os
from shutil import which

import pytest

pytestmark = pytest.mark.skipif(os.environ.get("CI") != "true", reason="CI is not set: what is missing may be skipped")


def test_there_is_a_browser() -> None:
    assert os.environ.get("HUIDANG_TEST_CHROMIUM") or which("chromium") or which("chromium-browser")


def test_there_is_a_postgresql() -> None:
    assert os.environ.get("HUIDANG_TEST_POSTGRES", "").startswith("postgresql://")
