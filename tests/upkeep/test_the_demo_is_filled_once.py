"""A filling of the demo that was cut short is begun anew, and two starts fill it once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FILL = """
import json
import os
from huidang.cli.errand import prepare
prepare(demo=True)
from huidang.people.models import User
from huidang.records.models import Message
from huidang.upkeep.demo import filling
from huidang.upkeep.verify import verify_archive
with filling.once() as wanted:
    if wanted:
        filling.fill(messages=60)
    if "DIE" in os.environ:
        os._exit(9)
told = {"wanted": wanted, "users": User.objects.count(), "ok": verify_archive()["ok"]}
print(json.dumps(told | {"messages": Message.objects.unguarded("the test counts what the demo made").count()}))
"""


def start(folder: Path, **more: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | more | {"DJANGO_SETTINGS_MODULE": "huidang.settings"}
    return subprocess.Popen([sys.executable, "-c", FILL], env=environment, cwd=folder, stdout=subprocess.PIPE)


def told(run: "subprocess.Popen[bytes]") -> dict[str, Any]:
    printed, _ = run.communicate()
    answer: dict[str, Any] = json.loads(printed)
    return answer


def test_a_filling_that_died(tmp_path: Path) -> None:
    first = start(tmp_path, DIE="1")
    assert first.wait() == 9
    both = [told(run) for run in (start(tmp_path), start(tmp_path))]
    assert sorted(each["wanted"] for each in both) == [False, True]
    assert both[0]["messages"] == both[1]["messages"] >= 60
    assert [(each["users"], each["ok"]) for each in both] == [(40 + 3 + 4, True)] * 2
