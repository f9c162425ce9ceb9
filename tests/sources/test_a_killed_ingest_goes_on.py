"""SIGKILL at random moments, then the same command again: exactly the messages of the file, a log that verifies."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.database

MESSAGES = 12_000
AT = 1_700_000_000


def write(path: Path) -> None:
    """Write a chat in which every fourth message has no id and some texts repeat within a second."""
    head = {
        "_type": "header",
        "chatlab": {"version": "0.0.2"},
        "meta": {"name": "群", "platform": "wechat", "type": "group"},
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
        for number in range(MESSAGES):
            message = {"_type": "message", "sender": f"u{number % 5}", "timestamp": AT + number // 40, "type": 0}
            message["content"] = f"第 {number % 80 // 2} 句：请问什么时候发货"
            if number % 4:
                message["platformMessageId"] = str(number)
            file.write(json.dumps(message, ensure_ascii=False) + "\n")


class Archive:
    """A data folder of its own, driven by the real command."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.chat = folder / "chat.jsonl"
        write(self.chat)
        self.environment = environment | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "huidang", "ingest", str(self.chat), "--workers", "2", "--json"]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(self, code: str) -> Any:
        """Run a few lines in the archive and return what they print as JSON."""
        lines = "import json, django; django.setup()\n" + code
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": "huidang.settings"}
        answer = subprocess.run([sys.executable, "-c", lines], env=environment, capture_output=True, check=True)
        return json.loads(answer.stdout)


LOOK = """
from huidang import search
from huidang.kernel import ledger
from huidang.records.models import Conversation, Message, MessageKey
messages = Message.objects.unguarded("test")
indexes = sorted(messages.values_list("leaf_index", flat=True))
print(json.dumps({
    "messages": messages.count(),
    "keys": MessageKey.objects.count(),
    "counted": sum(Conversation.objects.unguarded("test").values_list("message_count", flat=True)),
    "leaves": indexes == list(range(ledger.size())),
    "applied": search.applied_now() == ledger.size(),
}))
"""


VERIFY = """
from huidang.upkeep.verify import verify_archive
print(json.dumps(verify_archive()))
"""


def kill_and_repeat(archive: Archive, kills: int, *, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(kills):
        run = archive.start()
        time.sleep(dice.uniform(1.0, 6.0))
        run.send_signal(signal.SIGKILL)
        run.communicate()
    run = archive.start()
    printed, _ = run.communicate()
    assert run.returncode == 0, printed.decode()
    counts = json.loads(printed)["messages"]
    assert (counts["read"], counts["new"] + counts["known"]) == (MESSAGES, MESSAGES)
    expected = {"messages": MESSAGES, "keys": MESSAGES, "counted": MESSAGES, "leaves": True, "applied": True}
    assert archive.ask(LOOK) == expected
    assert archive.ask(VERIFY)["ok"]


def test_three_kills(tmp_path: Path, own_archive: dict[str, str]) -> None:
    kill_and_repeat(Archive(tmp_path, own_archive), 3, seed=3)


@pytest.mark.soak
def test_twenty_kills(tmp_path: Path, own_archive: dict[str, str]) -> None:
    kill_and_repeat(Archive(tmp_path, own_archive), 20, seed=20)
