"""The pages of lexicons: for holders of MANAGE alone, with every change an entry."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huidang.people import grants
from huidang.people.models import Entry, Role
from huidang.shelves import lexicons
from huidang.shelves.models import Lexicon
from tests.cast import Company, write

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


@pytest.fixture
def complaints(company: Company) -> Lexicon:
    lexicon = lexicons.create_lexicon(name="投诉用语", group="complaint")
    lexicons.add_words(lexicon, ["消协", "登记"])
    return lexicon


@pytest.mark.parametrize("username", ["zhoumin", "zhaolan", "fawu", "auditor", "chenwei"])
def test_to_everybody_else_they_are_absent(visit: Visit, complaints: Lexicon, username: str) -> None:
    client = visit(username)
    assert client.get("/lexicons").status_code == 404
    assert client.get(f"/lexicons/{complaints.pk}").status_code == 404
    assert client.get(f"/lexicons/{complaints.pk}/export.txt").status_code == 404
    assert client.post(f"/lexicons/{complaints.pk}/words", {"words": "x"}).status_code == 404
    assert client.post(f"/lexicons/{complaints.pk}/removals").status_code == 404


def test_a_lexicon_is_made_filled_and_noted(visit: Visit) -> None:
    admin = visit("admin")
    place = admin.post("/lexicons/creations", {"name": "承诺用语", "group": "promise"}).headers["Location"]
    admin.post(f"{place}/words", {"words": "保证\n包退\n"})
    admin.post(f"{place}/words", {"words": "保证金", "allowed": "1"})
    page = admin.get(place).content.decode()
    assert all(word in page for word in ("保证", "包退", "保证金"))
    admin.post(f"{place}/words/removals", {"word": ["包退"]})
    assert set(Lexicon.objects.get().words.values_list("text", "allowed")) == {("保证", False), ("保证金", True)}
    noted = Entry.objects.filter(about__startswith="lexicon:").values_list("what", flat=True)
    assert sorted(noted) == ["lexicon-create", "lexicon-words", "lexicon-words", "lexicon-words"]


def test_a_bad_word_is_refused_with_what_was_typed(visit: Visit, complaints: Lexicon) -> None:
    response = visit("admin").post(f"/lexicons/{complaints.pk}/words", {"words": "曝光\n。。"})
    assert response.status_code == 400
    assert "词语里没有文字或数字" in response.content.decode()
    assert "曝光\n。。" in response.content.decode()
    assert not complaints.words.filter(text="曝光").exists()


def test_an_import_is_shown_before_it_is_made(visit: Visit, complaints: Lexicon) -> None:
    admin, place = visit("admin"), f"/lexicons/{complaints.pk}/imports"
    page = admin.post(place, {"file": SimpleUploadedFile("新词.txt", "消协\n曝光\n!不曝光\n".encode())})
    assert (page.context["preview"].new, page.context["preview"].known, page.context["preview"].allowed) == (2, 1, 1)
    assert complaints.words.count() == 2
    admin.post(place, {"ticket": page.context["ticket"]})
    assert set(complaints.words.values_list("text", flat=True)) == {"消协", "登记", "曝光", "不曝光"}
    assert admin.post(place, {"ticket": page.context["ticket"]}).status_code == 400, "a preview serves once"


def test_a_ticket_of_another_lexicon_imports_nothing(visit: Visit, complaints: Lexicon) -> None:
    other = lexicons.create_lexicon(name="别的", group="own")
    admin = visit("admin")
    page = admin.post(f"/lexicons/{other.pk}/imports", {"file": SimpleUploadedFile("a.txt", "曝光".encode())})
    ticket = page.context["ticket"]
    assert admin.post(f"/lexicons/{complaints.pk}/imports", {"ticket": ticket}).status_code == 404
    assert admin.post(f"/lexicons/{complaints.pk}/imports", {"ticket": f"{ticket}x"}).status_code == 400


@pytest.mark.parametrize("suffix", ["txt", "csv", "xlsx"])
def test_what_is_exported_comes_in_again(visit: Visit, complaints: Lexicon, suffix: str) -> None:
    admin = visit("admin")
    content = admin.get(f"/lexicons/{complaints.pk}/export.{suffix}").content
    copy = lexicons.create_lexicon(name="副本", group="own")
    page = admin.post(f"/lexicons/{copy.pk}/imports", {"file": SimpleUploadedFile(f"a.{suffix}", content)})
    assert page.context["preview"].new == 2


def test_unknown_formats_are_absent(visit: Visit, complaints: Lexicon) -> None:
    assert visit("admin").get(f"/lexicons/{complaints.pk}/export.exe").status_code == 404


def test_who_manages_a_department_changes_lexicons_of_it_alone(
    visit: Visit, company: Company, complaints: Lexicon
) -> None:
    Role.objects.create(name="local", capabilities=["manage"])
    grants.give(company.users["chenwei"], "local", over=company.departments["售后组"])
    client = visit("chenwei")
    here, there = company.departments["售后组"].pk, company.departments["售前组"].pk
    assert client.get(f"/lexicons/{complaints.pk}").status_code == 404
    assert client.post("/lexicons/starters").status_code == 404
    refused = [{"name": "全公司", "group": "own"}, {"name": "别处", "group": "own", "department": [here, there]}]
    assert [client.post("/lexicons/creations", asked).status_code for asked in refused] == [400, 400]
    place = client.post("/lexicons/creations", {"name": "售后", "group": "own", "department": [here]}).headers[
        "Location"
    ]
    assert client.get(place).status_code == 200
    assert client.post(f"{place}/settings", {"enabled": "1"}).status_code == 400
    Lexicon.objects.get(name="售后").departments.add(there)
    assert client.get(place).status_code == 404


def test_the_starters_are_installed_by_a_button(visit: Visit) -> None:
    admin = visit("admin")
    assert "装入起步词库" in admin.get("/lexicons").content.decode()
    admin.post("/lexicons/starters")
    assert Lexicon.objects.count() == 4
    assert "装入起步词库" not in admin.get("/lexicons").content.decode()


def test_hits_are_marked_in_the_transcript(visit: Visit, company: Company, complaints: Lexicon) -> None:
    page = visit("zhoumin").get(f"/conversations/{company.conversations['售后'].pk}").content.decode()
    assert '好的，已经帮您<span class="sensitive" title="投诉 · 投诉用语">登记</span>' in page


def test_a_name_that_looks_like_markup_stays_text(visit: Visit, company: Company) -> None:
    lexicons.add_words(lexicons.create_lexicon(name='"><script>', group="own"), ["退费"])
    write(company.conversations["售后"], "我要退费", minutes=9)
    page = visit("zhoumin").get(f"/conversations/{company.conversations['售后'].pk}").content.decode()
    assert "<script>&quot;" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


def test_a_lexicon_is_deleted_with_its_words(visit: Visit, complaints: Lexicon) -> None:
    visit("admin").post(f"/lexicons/{complaints.pk}/removals")
    assert not Lexicon.objects.exists()
    assert Entry.objects.get(what="lexicon-remove").facts["words"] == 2
