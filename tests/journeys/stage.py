"""Sets the stage in an archive of its own: `python -m tests.journeys.stage`, before the server starts."""

import os
import sys

import django

PASSWORD = "Wangshan-2024-archive"


def main() -> int:
    """Make tables, people with a password, conversations that are worth reading."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
    django.setup()
    from huidang.people import give  # noqa: PLC0415  (Django is ready only now)
    from huidang.people.models import User  # noqa: PLC0415  (Django is ready only now)
    from huidang.upkeep.schema import bring_up_to_date  # noqa: PLC0415  (Django is ready only now)
    from tests import cast  # noqa: PLC0415  (Django is ready only now)

    bring_up_to_date()
    company = cast.set_stage()
    locked = User.objects.create(username="sunli", name="孙丽")  # who keeps a second step, and is asked for it anywhere
    give(locked, "agent", over=company.departments["售后组"])
    for user in (locked, *company.users.values()):
        user.set_password(PASSWORD)
        user.save()
    give(company.users["admin"], "supervisor", everything=True)
    talk = cast.open_conversation(company, title="王秀兰", department="售后组")
    for number in range(160):
        cast.write(talk, f"第 {number} 句，洗衣机脱水报错", sender="王秀兰", minutes=10 + number * 9, id=f"m{number}")
    asked = cast.write(talk, "我要退款，多久到账", sender="王秀兰", minutes=1460, id="refund")
    cast.write(talk, "三个工作日内到账", sender="周敏", role="agent", minutes=1470, id="answer", reply_to="refund")
    cast.edit(asked, "我要退款，三天能到账吗", minutes=3)
    cast.recall(cast.write(talk, "价格说错了", sender="周敏", role="agent", minutes=1480, id="wrong"))
    cast.attach(
        cast.write(talk, "", sender="王秀兰", minutes=1490, id="file", kind="file"),
        kind="file",
        missing="not-in-export",
    )
    say_what_is_searched(company.departments["售后组"].pk)
    return 0


def say_what_is_searched(department: int) -> None:
    """Append eighty messages about filters by two people, a day apart in each of forty conversations."""
    from huidang import records  # noqa: PLC0415  (Django is ready only now)
    from huidang.records.drafts import ConversationDraft, Draft, SourceDraft  # noqa: PLC0415  (Django is ready only now)

    drafts: list[ConversationDraft | Draft] = []
    for number in range(40):
        talk = f"filter-{number}"
        drafts.append(ConversationDraft(talk, title=f"净水器 {number} 号"))
        for turn, (account, name) in enumerate((("zq", "周阙"), ("wj", "吴霁"))):
            sent_ms = 1_716_000_000_000 + number * 86_400_000 + turn * 60_000
            text = f"滤芯第 {number} 次更换" if turn else f"滤芯 {number} 号该换了"
            drafts.append(
                Draft(
                    conversation=talk, sent_ms=sent_ms, id=f"{talk}-{turn}", sender=account, sender_name=name, text=text
                )
            )
    records.append(drafts, records.Origin(source=SourceDraft("slack", "filters"), department_id=department))


if __name__ == "__main__":
    sys.exit(main())
