"""The demo company: every script can be told, the same seed tells the same story, and it comes in by the real door."""

import io
import re
from datetime import datetime
from random import Random

import pytest
from PIL import Image

from huidang.kernel import clock
from huidang.people.models import Department, User
from huidang.records.models import Attachment, Conversation, Message, Participant, Source, State
from huidang.upkeep.demo import company, filling, media, scripts, slots
from huidang.upkeep.demo.talk import plan
from huidang.upkeep.verify import verify_archive

NOW = datetime(2026, 3, 18, 21, 30, tzinfo=filling.ZONE)
WHY = "the test counts what the demo made"
SETTING = slots.Setting(NOW, "空调", "room", "王女士", "周敏", "王磊", "赵岚")


def test_there_are_twelve_departments_and_forty_agents() -> None:
    assert len(company.DEPARTMENTS) == 12
    assert len({agent.username for agent in company.AGENTS}) == 40
    assert {agent.team for agent in company.AGENTS} <= set(company.DEPARTMENTS)


@pytest.mark.parametrize("script", scripts.read_library().scripts, ids=lambda script: script.title)
def test_every_line_of_every_script_can_be_told(script: scripts.Script) -> None:
    for seed in range(6):
        chance = Random(seed)
        for line in scripts.draw(script, slots.Slots(chance, SETTING), chance):
            assert not re.search(r"[{}\[\]]", line.text), line.text


def test_there_are_many_scripts() -> None:
    library = scripts.read_library()
    assert len(library.scripts) + sum(map(len, library.blocks.values())) >= 150


def test_the_same_seed_tells_the_same_story() -> None:
    first, again, other = (plan(NOW, messages=800, seed=seed) for seed in (5, 5, 6))
    told = [[(act.at, act.speaker, act.act, act.text) for act in one] for one in (first, again, other)]
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_the_story_ends_today_and_is_three_months_long() -> None:
    told = plan(NOW, messages=3000, seed=1)
    assert told == sorted(told, key=lambda act: act.at)
    assert told[-1].at <= NOW
    assert 85 <= (NOW - told[0].at).days <= 91


def test_numbers_are_valid_and_nobodys() -> None:
    chance = Random(3)
    identity = slots.resident_id(chance)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(identity[:17], weights, strict=True))
    assert "10X98765432"[total % 11] == identity[17]
    assert identity[2:6] == "0000"
    card = slots.bank_card(chance, "工商银行")
    digits = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(card))]
    assert sum(value - 9 if value > 9 else value for value in digits) % 10 == 0
    assert slots.mobile(chance)[3:7] == "0000"


@pytest.mark.parametrize("scene", sorted(media.SCENES))
def test_pictures_are_pictures(scene: str) -> None:
    with Image.open(io.BytesIO(media.picture(scene, "E4", Random(1)))) as picture:
        picture.verify()
        assert picture.size == media.SIZE


@pytest.mark.django_db
@pytest.mark.database
def test_it_comes_in_by_the_real_door() -> None:
    with clock.frozen(NOW):
        assert not filling.is_filled()
        told = filling.fill(messages=1500)
        assert filling.is_filled()
    assert Message.objects.unguarded(WHY).filter(entry="message").count() >= told
    assert set(Source.objects.values_list("platform", flat=True)) == {"wecom", "dingtalk", "slack"}
    assert Department.objects.count() == 12
    assert User.objects.count() == 40 + 3 + 4
    assert not Conversation.objects.unguarded(WHY).filter(department=None).exists()
    assert not Participant.objects.filter(name="").exists()
    assert State.objects.unguarded(WHY).filter(recalled_at__isnull=False).exists()
    assert Attachment.objects.unguarded(WHY).exclude(sha256="").exists()
    assert verify_archive()["ok"]


@pytest.mark.django_db
def test_the_cast_is_let_in_by_links() -> None:
    with clock.frozen(NOW):
        filling.fill(messages=60)
        links = filling.links()
    assert len({token for _, token in links}) == len(company.CAST) == 6
