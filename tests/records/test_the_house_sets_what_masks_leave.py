"""Profiles and own patterns: changed by who manages the house, within limits, noted, and true for every text."""

import time

import pytest

from huidang.kernel.models import Job
from huidang.kernel.problems import Absent, Problem
from huidang.people.models import Entry
from huidang.records import masking, maskrules, rulebook
from huidang.records.masking import Kind, Profile, masked
from huidang.records.rulebook import Keep, checked
from tests.cast import MOBILE, RESIDENT, Company


@pytest.mark.django_db
def test_a_profile_leaves_what_the_house_says(company: Company) -> None:
    before = masking.rules_version()
    admin = company.reader("admin")
    maskrules.set_keeps(Profile.OUTSIDE, {Kind.MOBILE: Keep(0, 4), Kind.RESIDENT: Keep(0, 0)}, by=admin)
    assert masked(f"{MOBILE} {RESIDENT}", Profile.OUTSIDE) == "*******5678 ******************"
    assert masked(MOBILE) == "138****5678"
    assert masking.rules_version() != before
    assert Entry.objects.get(what="mask-keeps").facts == {"keeps": {"mobile": [0, 4], "resident": [0, 0]}}
    assert Job.objects.filter(kind="relabel").exists()


@pytest.mark.django_db
def test_a_kind_may_be_left_alone_but_never_an_id(company: Company) -> None:
    admin = company.reader("admin")
    maskrules.set_keeps(Profile.INSIDE, {Kind.NAME: None}, by=admin)
    assert masked("我叫王芳", Profile.INSIDE) == "我叫王芳"
    assert masked("我叫王芳", Profile.OUTSIDE) == "我叫王*"
    for kind in (Kind.RESIDENT, Kind.MOBILE, Kind.CARD, Kind.PASSPORT, Kind.OWN, Kind.HAND):
        with pytest.raises(Problem):
            maskrules.set_keeps(Profile.INSIDE, {kind: None}, by=admin)


@pytest.mark.django_db
@pytest.mark.parametrize("keep", [Keep(7, 4), Keep(6, 5), Keep(18, 0), Keep(-1, 0)])
def test_the_middle_of_an_id_is_always_hidden(company: Company, keep: Keep) -> None:
    with pytest.raises(Problem):
        maskrules.set_keeps(Profile.INSIDE, {Kind.RESIDENT: keep}, by=company.reader("admin"))
    assert masked(RESIDENT) == "110105********002X"


def test_what_is_stored_beyond_a_limit_is_cut_to_it() -> None:
    book = rulebook.build(1, {"inside": {"resident": [18, 18], "own": [9, 9], "mobile": None}}, ())
    assert book.keep(Profile.INSIDE, Kind.RESIDENT) == Keep(6, 4)
    assert book.keep(Profile.INSIDE, Kind.OWN) == Keep(0, 0)
    assert Kind.MOBILE not in book.shown[Profile.INSIDE]


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["zhoumin", "zhaolan", "fawu", "auditor", "chenwei"])
def test_rules_are_absent_for_who_does_not_manage_the_house(company: Company, username: str) -> None:
    reader = company.reader(username)
    with pytest.raises(Absent):
        maskrules.add_pattern("会员号", r"WS\d{8}", by=reader)
    with pytest.raises(Absent):
        maskrules.set_keeps(Profile.INSIDE, {Kind.NAME: None}, by=reader)


@pytest.mark.django_db
def test_an_own_pattern_hides_whole_in_every_width(company: Company) -> None:
    admin = company.reader("admin")
    row = maskrules.add_pattern("会员号", r"WS-?\d{8}", by=admin)
    assert masked("会员WS-20240001，查一下") == "会员***********，查一下"
    assert masked("会员ＷＳ２０２４０００１") == "会员**********"
    assert masked("会员WS①②③④⑤⑥⑦⑧") == "会员**********"
    maskrules.set_pattern(row.pk, enabled=False, by=admin)
    assert masked("会员WS-20240001") == "会员WS-20240001"
    maskrules.set_pattern(row.pk, enabled=True, by=admin)
    maskrules.remove_pattern(row.pk, by=admin)
    assert masked("会员WS-20240001") == "会员WS-20240001"
    assert Entry.objects.filter(what__startswith="mask-pattern").count() == 4


@pytest.mark.django_db
def test_an_own_pattern_takes_what_it_touches_with_it(company: Company) -> None:
    maskrules.add_pattern("前缀", r"编码\d{3}", by=company.reader("admin"))
    assert masked("编码13812345678号") == "*************号"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "pattern-long"),
        ("a" * 201, "pattern-long"),
        ("(", "pattern-unreadable"),
        (r"(?<=a)b", "pattern-unreadable"),
        (r"(a)\1", "pattern-unreadable"),
        ("((((a{999}){999}){999}){999}){999}", "pattern-unreadable"),
        ("(([a-z]{900}){900})", "pattern-unreadable"),
        ("a*", "pattern-empty"),
        ("x|", "pattern-empty"),
        (".", "pattern-broad"),
        (r"\d+", "pattern-broad"),
        ("[\\x{4e00}-\\x{9fff}]+", "pattern-broad"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_a_sentence(pattern: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        checked(pattern)
    assert refused.value.code == code


def test_no_pattern_explodes() -> None:
    hostile = rulebook.Pattern("x", "(a+)+b", rulebook.compiled(checked("(a+)+b")))
    began = time.process_time()
    assert list(hostile.find("a" * 100_000)) == []
    assert time.process_time() - began < 2
