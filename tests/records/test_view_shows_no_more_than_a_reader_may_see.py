"""The lens: nothing hidden is in any field of what a reader gets; forbidden and absent are one answer."""

import json
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.records import Profile, Shown, view, view_many
from huidang.records.models import Message
from tests import cast
from tests.cast import CARD, MOBILE, RESIDENT, Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SECRETS = {MOBILE: "1234", RESIDENT: "19491231", CARD: "622202123456789"}


def everything_in(shown: Shown) -> str:
    return json.dumps(asdict(shown), default=str, ensure_ascii=False)


def last_of(company: Company, name: str) -> Message:
    return Message.objects.unguarded("test").filter(conversation=company.conversations[name]).order_by("pk").last()


@pytest.mark.parametrize("number", SECRETS)
def test_no_field_holds_a_hidden_digit(company: Company, number: str) -> None:
    place = company.conversations["售后"]
    cast.write(place, f"问 {number}", sender=f"王 {number}", minutes=5, id="asked")
    message = cast.write(
        place,
        f"答 {number}",
        sender=f"李 {number}",
        minutes=6,
        reply_to="asked",
        thread=number,
        details={number: {"number": int(number) if number.isdecimal() else None, "cards": [{"note": number}]}},
    )
    cast.attach(message, name=f"{number}.jpg")
    cast.edit(message, f"改 {number}")
    for username in ("zhoumin", "zhaolan"):
        sent = everything_in(view(message, company.reader(username)))
        assert SECRETS[number] not in sent.replace(str(message.pk), "")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=st.text(max_size=8), after=st.text(max_size=8), number=st.sampled_from(sorted(SECRETS)))
def test_surroundings_do_not_open_the_mask(company: Company, before: str, after: str, number: str) -> None:
    message = last_of(company, "售后")
    message.text = f"{before} 号码{number}。{after}"
    shown = view(message, company.reader("zhoumin"))
    assert number not in shown.text
    assert len(shown.text) == len(message.text)
    assert shown.maskable


def test_profile_none_lifts_masks_only_with_the_right(company: Company) -> None:
    message = cast.write(company.conversations["售后"], MOBILE, minutes=9)
    assert view(message, company.reader("zhaolan"), profile=Profile.NONE).text == MOBILE
    assert view(message, company.reader("zhoumin"), profile=Profile.NONE).text == "138****5678"
    assert view(message, company.reader("zhaolan"), profile=Profile.OUTSIDE).text == "138****5678"


@pytest.mark.parametrize(("username", "sees"), [("zhoumin", False), ("zhaolan", True), ("fawu", True)])
def test_recalled_original_only_with_the_right(company: Company, username: str, *, sees: bool) -> None:
    place = company.conversations["售后"]
    message = cast.write(place, "我发错了", minutes=9, id="wrong", details={"card": "发错"})
    cast.attach(message, name="发错.jpg")
    cast.recall(message)
    answer = cast.write(place, "收到", minutes=11, reply_to="wrong")
    shown, answered = view_many([message, answer], company.reader(username))
    assert shown.recalled_at is not None
    assert shown.original is sees
    assert ("发错" in everything_in(shown)) is sees
    assert answered.quote is not None
    assert answered.quote.recalled
    assert ("发错" in everything_in(answered)) is sees


@pytest.mark.parametrize(("username", "versions"), [("zhoumin", 0), ("zhaolan", 2)])
def test_edited_text_stands_and_earlier_ones_need_the_right(company: Company, username: str, versions: int) -> None:
    message = cast.write(company.conversations["售后"], "三天到", minutes=9)
    cast.edit(message, "五天到")
    cast.edit(message, "七天到", minutes=3)
    shown = view(message, company.reader(username))
    assert (shown.text, shown.edits) == ("七天到", 2)
    assert [version.parts[0].text for version in shown.versions] == ["三天到", "五天到"][:versions]


@pytest.mark.parametrize(("username", "withheld"), [("zhoumin", True), ("zhaolan", False)])
def test_files_are_withheld_from_masked_readers(company: Company, username: str, *, withheld: bool) -> None:
    message = last_of(company, "售后")
    cast.attach(message)
    cast.attach(message, position=1, missing="not-in-export", sha256="")
    shown = view(message, company.reader(username))
    assert [file.withheld for file in shown.attachments] == [withheld, False]
    assert all(
        file.withheld for file in view(message, company.reader(username), profile=Profile.OUTSIDE).attachments[:1]
    )


def test_hits_and_masks_lie_over_each_other(company: Company) -> None:
    message = cast.write(company.conversations["售后"], f"电话{MOBILE}谢谢", minutes=9)
    (shown,) = view_many([message], company.reader("zhoumin"), hits={message.pk: [(0, 5), (13, 15)]})
    assert [(part.text, bool(part.kind), part.hit) for part in shown.parts] == [
        ("电话", False, True),
        ("138", True, True),
        ("****5678", True, False),
        ("谢谢", False, True),
    ]


REACH = {
    "zhoumin": {"售后"},
    "zhaolan": {"售后", "售前"},
    "fawu": {"售后", "售前", "商务", "待分拣"},
    "admin": set(),
    "auditor": set(),
    "chenwei": set(),
}


@pytest.mark.parametrize("username", REACH)
def test_reach_decides(company: Company, username: str) -> None:
    reader = company.reader(username)
    seen = {name for name in company.conversations if is_seen(last_of(company, name), reader)}
    assert seen == REACH[username]


def is_seen(message: Message, reader: Reader) -> bool:
    try:
        view(message, reader)
    except Absent:
        return False
    return True


def test_role_comes_with_its_ground(company: Company) -> None:
    message = last_of(company, "售后")
    account = message.sender
    assert account is not None
    shown = view(message, company.reader("zhoumin"))
    assert (shown.side, shown.sender.ground) == ("ours", "message")
    account.role_corrected = "robot"
    account.save()
    shown = view(message, company.reader("zhoumin"))
    assert (shown.side, shown.sender.ground) == ("robot", "correction")


def test_queries_do_not_grow_with_the_messages(company: Company, django_assert_max_num_queries: object) -> None:
    place = company.conversations["售后"]
    messages = []
    for number in range(20):
        message = cast.write(place, f"{MOBILE} {number}", minutes=10 + number, sender=f"客户{number}", reply_to="msg-0")
        cast.attach(message)
        cast.edit(message, f"改 {number}", minutes=0.1)
        messages.append(message)
    reader = company.reader("zhaolan")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert len(view_many(messages, reader)) == 20
