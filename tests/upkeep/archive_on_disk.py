"""Builds a small archive in HUIDANG_DATA, as a program of its own: messages, files, edits, an erasure, checkpoints."""

import os
import sys

import django


def main() -> int:
    """Fill the archive."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
    django.setup()
    from huidang.kernel import ledger  # noqa: PLC0415  (Django is ready only now)
    from huidang.people import requests  # noqa: PLC0415  (Django is ready only now)
    from huidang.people.readers import local_operator  # noqa: PLC0415  (Django is ready only now)
    from huidang.records.erasing import Ground, erase  # noqa: PLC0415  (Django is ready only now)
    from huidang.records.models import Message  # noqa: PLC0415  (Django is ready only now)
    from huidang.upkeep.schema import bring_up_to_date  # noqa: PLC0415  (Django is ready only now)
    from tests.exports.evidence.packages import fill  # noqa: PLC0415  (Django is ready only now)

    bring_up_to_date()
    conversation = fill(40)
    ledger.checkpoint()
    requests.set_two_persons("deletion", needed=False, by=local_operator())
    gone = Message.objects.unguarded("the stage is ours").get(key="m20")
    erase(local_operator(), conversation.pk, [gone.pk], ground=Ground.CONSENT, why="撤回同意")
    ledger.rotate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
