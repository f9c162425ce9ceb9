"""The print view: one page for paper, masked and marked like every export, for those who may let something leave."""

from collections.abc import Callable

import pytest
from django.test import Client

from huidang.people.models import Sighting
from tests.cast import MOBILE, Company

Visit = Callable[[str], Client]


def place_of(company: Company, *names: str) -> str:
    return "/print?" + "&".join(f"conversation={company.conversations[name].pk}" for name in names)


def test_a_supervisor_prints_several_with_contents(
    company: Company, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huidang.people.requests.needs_two_persons", lambda _kind: False)
    answer = visit("zhaolan").get(place_of(company, "售后", "售前"))
    assert answer.status_code == 200
    assert '<nav><h2>目录</h2><ol><li><a href="#c1">' in answer.text
    assert "138****5678" in answer.text
    assert MOBILE not in answer.text
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


def test_what_is_printed_is_noted_under_its_number(company: Company, visit: Visit) -> None:
    answer = visit("zhaolan").get(place_of(company, "售后"))
    (seen,) = Sighting.objects.filter(what="print")
    assert seen.facts["number"] in answer.text


def test_several_at_once_want_a_second_person(company: Company, visit: Visit) -> None:
    assert visit("zhaolan").get(place_of(company, "售后", "售前")).status_code == 403


def test_what_is_out_of_reach_is_absent(company: Company, visit: Visit) -> None:
    assert visit("zhaolan").get(place_of(company, "商务")).status_code == 404
    assert visit("zhaolan").get("/print?conversation=9999999").status_code == 404
    assert visit("zhaolan").get("/print?conversation=x").status_code == 404


def test_who_may_not_export_may_not_print(company: Company, visit: Visit) -> None:
    answer = visit("zhoumin").get(place_of(company, "售后"))
    assert answer.status_code == 403
    assert "138****" not in answer.text
    talk = f"/conversations/{company.conversations['售后'].pk}"
    assert "/print?" not in visit("zhoumin").get(talk).text
    assert "/print?" in visit("zhaolan").get(talk).text
