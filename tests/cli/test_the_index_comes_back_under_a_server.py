"""A running server loses nothing when the folder of the index is deleted under it, and finds what comes in after."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.cli.test_serve_leaves_nothing_behind import PATIENCE_SECONDS, server

__all__ = ["server"]

HEAD = {
    "_type": "header",
    "chatlab": {"version": "0.0.1"},
    "meta": {"name": "售后群", "platform": "wechat", "type": "group"},
}


def told(data: Path, *words: str) -> dict[str, Any]:
    environment = os.environ | {
        "HUIDANG_DATA": str(data),
        "HUIDANG_KEYS": str(data.parent / "keys"),
        "HUIDANG_DATABASE": "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "huidang", *words, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def chat(path: Path, first: int, count: int) -> str:
    lines = [HEAD] + [
        {
            "_type": "message",
            "sender": "u1",
            "accountName": "王女士",
            "timestamp": 1_700_000_000 + n,
            "type": 0,
            "content": f"第{n}次问退费",
        }
        for n in range(first, first + count)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return str(path)


def test_a_folder_deleted_under_the_server_comes_back(server: "subprocess.Popen[str]", tmp_path: Path) -> None:
    data = tmp_path / "data"
    told(data, "ingest", chat(tmp_path / "a.jsonl", 0, 40))
    assert told(data, "search", "退费")["total"] == 40
    shutil.rmtree(data / "index")
    told(data, "ingest", chat(tmp_path / "b.jsonl", 40, 5))
    until = time.monotonic() + PATIENCE_SECONDS
    while (total := told(data, "search", "退费")["total"]) != 45:
        assert time.monotonic() < until, total
        time.sleep(0.2)
    assert server.poll() is None
