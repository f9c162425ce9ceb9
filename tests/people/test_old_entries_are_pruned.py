"""Entries are kept for years, never for less than six months; what is pruned is told from what is taken out."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from huidang.kernel import clock, ledger
from huidang.people import audit, pruning, searches
from huidang.people.models import Entry, SearchText
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BEGIN = clock.at_ms(1_700_000_000_000)


def keep(settings: Settings, days: int) -> None:
    from dataclasses import replace  # noqa: PLC0415

    settings.HOUSE = replace(settings.HOUSE, audit_days=days)


def write_entries(company: Company, at: datetime) -> list[int]:
    with clock.frozen(at):
        searches.note("退款", by=company.reader("zhoumin"), total=0)
        audit.note("reveal", by=company.users["zhaolan"], about="message:1")
        ledger.checkpoint()
    return list(Entry.objects.filter(at=at, what__in=("search", "reveal")).values_list("pk", flat=True))


def prune(at: datetime) -> int:
    with clock.frozen(at):
        return pruning.prune()


def test_only_what_is_older_than_kept_goes(company: Company, settings: Settings) -> None:
    keep(settings, 200)
    old, new = write_entries(company, BEGIN), write_entries(company, BEGIN + timedelta(days=100))
    assert prune(BEGIN + timedelta(days=199)) == 0
    assert prune(BEGIN + timedelta(days=201)) >= 2
    assert not Entry.objects.filter(pk__in=old).exists()
    assert not SearchText.objects.filter(pk__in=old).exists()
    assert Entry.objects.filter(pk__in=new).count() == 2
    noted = Entry.objects.get(what="audit-pruned")
    assert (noted.name, noted.facts["kept_days"]) == ("system", 200)
    assert audit.altered() + searches.altered() == []
    assert prune(BEGIN + timedelta(days=202)) == 0


def test_six_months_are_kept_whatever_is_set(company: Company, settings: Settings) -> None:
    keep(settings, 1)
    write_entries(company, BEGIN)
    assert prune(BEGIN + timedelta(days=182)) == 0
    assert prune(BEGIN + timedelta(days=184)) >= 2


def test_what_is_taken_out_beside_the_pruning_is_found(company: Company, settings: Settings) -> None:
    keep(settings, 200)
    write_entries(company, BEGIN)
    newer = write_entries(company, BEGIN + timedelta(days=100))
    prune(BEGIN + timedelta(days=201))
    Entry.objects.erasing("tampering").filter(pk=newer[1]).delete()
    assert audit.altered() == [newer[1]]


def test_a_pruning_that_comes_too_early_is_not_believed(company: Company, settings: Settings) -> None:
    young = write_entries(company, BEGIN)
    size = ledger.size()
    with clock.frozen(BEGIN + timedelta(days=90)):
        audit.note(audit.PRUNED, by=None, size=size, count=2, kept_days=183)
    Entry.objects.erasing("tampering").filter(pk__in=young).delete()
    assert set(young) <= set(audit.altered())
