"""Fills an archive in HUIDANG_DATA, has some of it erased by two persons, and prints what search finds, as a program.

python -m tests.upkeep.erasing_on_disk fill | erase | tidy
"""

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from huidang.sources.files.fixtures import CHATLAB_HEAD, CHATLAB_META

SECRET = "龘靐密语"
FILE_SECRET = "齉爩附件"
KEPT = "留下的话"
COUNT = 400


def main(step: str) -> int:
    """Take one step and print it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
    django.setup()
    told = {"fill": fill, "erase": erase, "tidy": tidy}[step]()
    sys.stdout.write(json.dumps(told | {"found": found()}))
    return 0


def fill() -> dict[str, Any]:
    """Bring in an upload whose messages come in an order that splits pages, and export a conversation."""
    from huidang.people import create_user, give  # noqa: PLC0415  (Django is ready only now)
    from huidang.people.models import User  # noqa: PLC0415  (Django is ready only now)
    from huidang.sources import uploads  # noqa: PLC0415  (Django is ready only now)
    from huidang.upkeep.schema import bring_up_to_date  # noqa: PLC0415  (Django is ready only now)

    bring_up_to_date()
    for username, role in (("fawu", "compliance"), ("lvshi", "compliance"), ("agent", "agent")):
        create_user(username, name=username)
        give(User.objects.get(username=username), role, everything=True)
    with _upload().open("rb") as file:
        uploads.receive(file, name="room.zip")
    work()
    _export()
    work()
    return {}


def erase() -> dict[str, Any]:
    """Ask as one, approve as another."""
    from huidang.people import get_user, reader_for, requests  # noqa: PLC0415  (Django is ready only now)
    from huidang.people.models import Request  # noqa: PLC0415  (Django is ready only now)
    from huidang.records import deletions  # noqa: PLC0415  (Django is ready only now)
    from huidang.records.models import Message  # noqa: PLC0415  (Django is ready only now)

    rows = Message.objects.unguarded("the stage is ours").filter(key__startswith="s")
    asker, decider = reader_for(get_user("fawu")), reader_for(get_user("lvshi"))
    target = deletions.of_messages(asker, rows.values_list("pk", flat=True))
    made = deletions.ask(asker, target, ground="pipl-47-consent", why="撤回同意")
    request = Request.objects.get(pk=made.request_id)
    requests.approve(decider, request.pk, places=requests.asked_places(request))
    work()
    made.refresh_from_db()
    return {"state": made.state}


def tidy() -> dict[str, Any]:
    """Let the hour and the night pass."""
    from huidang.kernel import clock  # noqa: PLC0415  (Django is ready only now)
    from huidang.kernel.models import Job  # noqa: PLC0415  (Django is ready only now)
    from huidang.upkeep.verify import verify_archive  # noqa: PLC0415  (Django is ready only now)

    Job.objects.update(due_at=clock.now())
    work()
    return {"verified": verify_archive(), "left": list(Job.objects.values_list("kind", "error"))}


def work() -> None:
    """Do what is due."""
    from huidang.kernel.worker import Worker  # noqa: PLC0415  (Django is ready only now)

    Worker().work_off()


def found() -> dict[str, int]:
    """Return how often each reader finds each word."""
    from huidang import search  # noqa: PLC0415  (Django is ready only now)
    from huidang.people import get_user, reader_for  # noqa: PLC0415  (Django is ready only now)

    readers = {name: reader_for(get_user(name)) for name in ("fawu", "agent")}
    return {
        f"{name} {word}": search.find(reader, word).total
        for name, reader in readers.items()
        for word in (SECRET, FILE_SECRET, KEPT)
    }


def _export() -> None:
    from huidang.exports import asking  # noqa: PLC0415  (Django is ready only now)
    from huidang.exports.orders import Order  # noqa: PLC0415  (Django is ready only now)
    from huidang.exports.selection import Selection  # noqa: PLC0415  (Django is ready only now)
    from huidang.people import get_user, reader_for  # noqa: PLC0415  (Django is ready only now)
    from huidang.records.models import Conversation  # noqa: PLC0415  (Django is ready only now)

    (room,) = Conversation.objects.unguarded("the stage is ours").values_list("pk", flat=True)
    asking.place(
        reader_for(get_user("fawu")), Order(selection=Selection(conversations=(room,)), format="jsonl", why="核对")
    )


def _upload() -> Path:
    """Write a ChatLab file with a file beside it."""
    path = Path(tempfile.mkdtemp()) / "room.zip"
    with zipfile.ZipFile(path, "w") as held:
        held.writestr("room.jsonl", "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in _lines()))
        held.writestr("media/note.txt", FILE_SECRET)
    return path


def _lines() -> Iterator[dict[str, Any]]:
    yield {"_type": "header", "chatlab": CHATLAB_HEAD, "meta": CHATLAB_META}
    for number in range(COUNT):
        secret = number % 7 == 0
        yield {
            "_type": "message", "sender": "wxid_chenguang", "accountName": "陈光", "type": 0,
            "timestamp": 1788314401 + number * 7919 % COUNT,
            "platformMessageId": f"{'s' if secret else 'k'}{number}",
            "content": (SECRET if secret else KEPT) + f"第 {number} 句，" + "洗衣机脱水报错。" * 20,
        }  # fmt: skip
    yield {
        "_type": "message", "sender": "wxid_chenguang", "accountName": "陈光", "type": 4,
        "timestamp": 1788314401 + COUNT, "platformMessageId": "s-file", "content": "media/note.txt",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
