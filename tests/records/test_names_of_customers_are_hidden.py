"""Names known from a conversation's customers are hidden in its texts behind the surname, and nobody else's."""

import pytest

from huidang import search
from huidang.records import identities, view
from huidang.records.masking import Profile, Sight, masked
from huidang.records.models import Message, Participant
from huidang.records.names import Names, is_full_name
from huidang.search import indexer
from tests import cast
from tests.cast import Company
from tests.search import rows
from tests.search.conftest import writer

__all__ = ["writer"]


@pytest.mark.parametrize("name", ["王芳", "李思远", "欧阳娜娜", "Daniel Weber"])
def test_full_names(name: str) -> None:
    assert is_full_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "王女士",
        "王先生",
        "张师傅",
        "李老师",
        "陈总",
        "小王",
        "王姐",
        "海阔天空",
        "望山家电",
        "A客户",
        "u1",
        "Daniel",
        "芳",
    ],
)
def test_nicknames_firms_and_forms_of_address(name: str) -> None:
    assert not is_full_name(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王芳您好，王芳的单子到了", "王*您好，王*的单子到了"),
        ("给欧阳娜娜寄一份", "给欧阳**寄一份"),
        ("王芳13812345678", "王*138****5678"),
        ("王芬在吗", "王芬在吗"),
    ],
)
def test_a_known_name_keeps_its_surname(text: str, shown: str) -> None:
    assert masked(text, sight=Sight(Names(["王芳", "欧阳娜娜"]))) == shown


def test_many_names_are_looked_for_as_few_are() -> None:
    names = Names([f"王{chr(0x4E00 + place)}" for place in range(500)])
    assert masked("找王一和王丁", sight=Sight(names)) == "找王*和王*"


@pytest.mark.django_db
class TestInAConversation:
    @pytest.fixture
    def message(self, company: Company) -> Message:
        place = company.conversations["售后"]
        cast.write(place, "在吗", sender="李思远", role="customer", minutes=3)
        return cast.write(place, "周敏说李思远要退货，王芳不退", sender="周敏", role="agent", minutes=4)

    def test_customers_are_hidden_and_agents_are_not(self, company: Company, message: Message) -> None:
        assert view(message, company.reader("zhoumin")).text == "周敏说李**要退货，王芳不退"
        elsewhere = cast.write(company.conversations["售前"], "李思远是谁", minutes=4)
        assert view(elsewhere, company.reader("zhaolan")).text == "李思远是谁"

    def test_the_names_of_a_persons_other_accounts_too(self, company: Company, message: Message) -> None:
        known = Participant.objects.get(name="李思远")
        other = Participant.objects.create(source=known.source, platform_id="u-9", name="王芳", role="customer")
        identities.merge([known, other])
        assert view(message, company.reader("zhoumin")).text == "周敏说李**要退货，王*不退"

    def test_outside_the_name_above_the_bubble_is_hidden_too(self, company: Company, message: Message) -> None:
        asked = Message.objects.unguarded("test").get(text="在吗")
        assert view(asked, company.reader("zhaolan")).sender.name == "李思远"
        assert view(asked, company.reader("zhaolan"), profile=Profile.OUTSIDE).sender.name == "李**"
        assert view(message, company.reader("zhaolan"), profile=Profile.OUTSIDE).sender.name == "周敏"

    @pytest.mark.database
    @pytest.mark.usefixtures("writer", "message")
    def test_the_index_hides_the_same(self, company: Company) -> None:
        (said,) = rows.append(company.conversations["售后"], "记得给李思远回电")
        indexer.catch_up()
        assert search.find(company.reader("zhoumin"), "给李思远").total == 0
        assert search.find(company.reader("zhaolan"), "给李思远").total == 1
        assert view(said, company.reader("zhaolan")).text == "记得给李**回电"
