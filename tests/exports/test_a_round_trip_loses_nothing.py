"""ChatLab lines: what leaves as JSONL comes in again as the same messages, whatever they are."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from huidang import sources
from huidang.exports.selection import Selection
from huidang.kernel import blobs
from huidang.people import local_operator
from huidang.records import Profile
from huidang.records.models import Conversation, Message, Participant, Source
from huidang.records.passages import Stretch, ids_within, read_chosen
from tests import cast
from tests.cast import CARD, MOBILE, RESIDENT, Company
from tests.exports.conftest import Make, of
from tests.exports.test_hostile_content_prints_as_text import HOSTILE

pytestmark = [pytest.mark.django_db(transaction=True)]

ODD = "=1+1\t<r>&\u202e𪚥👩‍👩‍👧\u200b\x0b\r\n'\"\\"


def everything(conversation: Conversation) -> list[dict[str, Any]]:
    """Return all that the operator is shown of a conversation, without the numbers that each archive gives anew."""
    ids = ids_within(local_operator(), [conversation.pk], Stretch())[conversation.pk]
    shown = read_chosen(local_operator(), ids, profile=Profile.NONE, keyed=True)
    return [_without_numbers(asdict(each)) for each in shown]


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_numbers(each) for name, each in value.items() if name not in {"id", "conversation"}}
    return [_without_numbers(each) for each in value] if isinstance(value, list | tuple) else value


def fill(company: Company) -> Conversation:
    place = company.conversations["售后"]
    asked = cast.write(place, ODD, minutes=3, id="asked", zone="Asia/Shanghai", precision="min", thread="t1")
    cast.write(place, "答复", sender="周敏", role="agent", minutes=4, reply_to="asked", details={"a": [1, {"b": None}]})
    cast.write(place, "", minutes=5.0005, kind="location", precision="ms", reply_to="gone", details={"lat": 30.25})
    edited = cast.write(place, "第一版", minutes=6, id="edited")
    cast.edit(edited, "第二版", minutes=1)
    cast.edit(edited, "第三版", minutes=2)
    cast.recall(cast.write(place, "说错了", minutes=9, id="wrong"))
    cast.write(place, f"{RESIDENT} {CARD}", sender="小望", role="robot", minutes=20)
    corrected = Participant.objects.get(platform_id="u-小望")
    corrected.role_corrected = "robot"
    corrected.save()
    cast.attach(asked, name="发票.pdf", kind="file", sha256="", size=None, missing="expired", seconds=7)
    return place


def bring_in(path: Path) -> Conversation:
    """Read a file as if the archive had never seen its source."""
    Source.objects.filter(workspace="wangshan").update(workspace="elsewhere")
    known = set(Conversation.objects.unguarded("test").values_list("pk", flat=True))
    sources.ingest([path], workers=0)
    found = Conversation.objects.unguarded("test").exclude(pk__in=known)
    assert found.get().source.workspace == "wangshan"
    return found.get()


def test_every_field_comes_back(company: Company, make: Make) -> None:
    place = fill(company)
    before = everything(place)
    _, [path] = make(of(company, "售后"), "jsonl")
    assert everything(bring_in(path)) == before
    assert len(before) == 8


def test_hostile_words_come_back(company: Company, make: Make) -> None:
    place = company.conversations["售后"]
    for number, text in enumerate(HOSTILE):
        cast.write(place, text.replace("\0", ""), minutes=10 + number, id=f"h{number}")
    before = everything(place)
    _, [path] = make(of(company, "售后"), "jsonl")
    assert everything(bring_in(path)) == before


def test_read_in_again_where_it_came_from_adds_nothing(company: Company, make: Make) -> None:
    fill(company)
    _, [path] = make(of(company, "售后"), "jsonl")
    place = bring_in(path)
    before, count = everything(place), Message.objects.unguarded("test").count()
    _, [path] = make(Selection(conversations=(place.pk,)), "jsonl")
    assert sources.ingest([path], workers=0).new == 0
    assert everything(place) == before
    assert Message.objects.unguarded("test").count() == count


def test_media_travel_in_a_zip(company: Company, make: Make) -> None:
    photo = b"\xff\xd8\xff\xe0 a photo"
    message = cast.write(company.conversations["售后"], "", kind="image", minutes=5, id="photo")
    cast.attach(message, sha256=blobs.put(photo), size=len(photo))
    before = everything(company.conversations["售后"])
    _, [path] = make(of(company, "售后"), "jsonl")
    with ZipFile(path) as archive:
        assert [archive.read(name) for name in archive.namelist() if name.startswith("media/")] == [photo]
    assert everything(bring_in(path)) == before


def test_several_conversations_are_several_files(company: Company, make: Make) -> None:
    chosen = Selection(conversations=tuple(each.pk for each in company.conversations.values()))
    export, [path] = make(chosen, "jsonl")
    with ZipFile(path) as archive:
        assert len(archive.namelist()) == 4
    assert path.suffix == ".zip"
    assert export.messages == 8


@pytest.mark.parametrize("profile", [Profile.INSIDE, Profile.OUTSIDE])
def test_a_masked_copy_hides_everywhere_and_stays_apart(company: Company, make: Make, profile: Profile) -> None:
    place = company.conversations["售后"]
    cast.write(place, f"{MOBILE}", sender=MOBILE, minutes=7, id=MOBILE, reply_to=CARD, details={RESIDENT: CARD})
    before = everything(place)
    _, [path] = make(of(company, "售后"), "jsonl", profile=profile)
    written = path.read_text("utf-8")
    assert not [digits for digits in (MOBILE, "1234", RESIDENT, CARD) if digits in written.replace(str(place.pk), "")]
    sources.ingest([path], workers=0)
    assert everything(place) == before


def test_other_programs_find_the_standard(company: Company, make: Make) -> None:
    _, [path] = make(of(company, "售后"), "jsonl")
    header, member, message, *_ = map(json.loads, path.read_text("utf-8").splitlines())
    assert header["chatlab"]["version"] == "0.0.2"
    assert header["meta"] | {"name": "售后群", "platform": "dingtalk", "type": "group"} == header["meta"]
    assert (member["platformId"], member["accountName"]) == ("u-王女士", "王女士")
    assert (message["type"], message["content"], message["timestamp"]) == (0, f"您好，我的电话是{MOBILE}", 1731891600)
