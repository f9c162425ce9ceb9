"""Gives every test process its own data folder and keys before Django reads its settings."""

import os
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="huidang-test-"))
os.environ["HUIDANG_DATA"] = str(_home / "data")
os.environ["HUIDANG_KEYS"] = str(_home / "keys")
(_home / "data").mkdir()
