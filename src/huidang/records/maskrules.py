"""The rules of masking as they are stored and changed: what a profile leaves, and the company's own patterns.

Who manages the whole house changes them. Each change is an entry of the audit, counts up one number, by which every
process notices it, and has the texts indexed anew (the event `masks`).
"""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from huidang.kernel import clock, events
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.readers import Reader
from huidang.records import rulebook
from huidang.records.models import MaskPattern, MaskRules
from huidang.records.rulebook import Keep, Profile, Rulebook
from huidang.records.spans import Kind


def refresh() -> Rulebook:
    """Return the rules as they stand now, and mask by them; one query, more only after a change."""
    number, keeps = MaskRules.objects.values_list("number", "keeps").first() or (0, {})
    if rulebook.current().number != number:
        own = MaskPattern.objects.filter(enabled=True).order_by("pk").values_list("name", "pattern")
        rulebook.put(rulebook.build(number, keeps, tuple(own)))
    return rulebook.current()


def may_change(reader: Reader) -> bool:
    """Say whether a reader may change the rules: who manages the whole house."""
    return reader.reach(Can.MANAGE).everything


def set_keeps(profile: Profile, keeps: Mapping[Kind, Keep | None], *, by: Reader, address: str = "") -> None:
    """Say what a profile leaves of some kinds; None leaves the kind alone altogether.

    Raises `Problem` where that would show what must be hidden, `Absent` for who may not change rules.
    """
    _require(by)
    for kind, keep in keeps.items():
        _check(kind, keep)
    given = {str(kind): keep if keep is None else list(keep) for kind, keep in keeps.items()}
    with transaction.atomic():
        row, _new = MaskRules.objects.select_for_update().get_or_create(pk=1)
        row.keeps = {**row.keeps, str(profile): {**row.keeps.get(str(profile), {}), **given}}
        row.save()
        _changed()
        audit.note("mask-keeps", by=by, address=address, about=f"profile:{profile}", keeps=given)
    refresh()


def _check(kind: Kind, keep: Keep | None) -> None:
    limit = rulebook.LIMITS.get(kind)
    if keep is None:
        if kind not in rulebook.MAY_BE_SHOWN:
            raise Problem("keep-shown", _("这一类始终要遮盖。"), kind=kind)
    elif limit is None or not (0 <= keep.head <= limit.head and 0 <= keep.tail <= limit.tail):
        most = limit or rulebook.WHOLE
        text = _("最多保留前 %(head)d 位、后 %(tail)d 位，中间始终遮盖。") % most._asdict()
        raise Problem("keep-limit", text, kind=kind)


def patterns() -> "QuerySet[MaskPattern]":
    """Return the company's own patterns, the oldest first."""
    return MaskPattern.objects.order_by("pk").select_related("made_by")


def add_pattern(name: str, pattern: str, *, by: Reader, address: str = "") -> MaskPattern:
    """Add a pattern. Raises `Problem` where it cannot be used (see `rulebook.checked`), `Absent` as above."""
    _require(by)
    name, pattern = " ".join(name.split()), rulebook.checked(pattern)
    if not 1 <= len(name) <= 60:  # noqa: PLR2004 (the length of the column)
        raise Problem("pattern-name", _("名称写 1 到 60 个字。"))
    with transaction.atomic():
        if MaskPattern.objects.count() >= rulebook.PATTERNS_AT_MOST:
            raise Problem("patterns-full", _("最多 %d 条自定规则。") % rulebook.PATTERNS_AT_MOST)
        if MaskPattern.objects.filter(name=name).exists():
            raise Problem("pattern-taken", _("已有同名规则：%s。") % name)
        row = MaskPattern.objects.create(name=name, pattern=pattern, made_by_id=by.user_id, made_at=clock.now())
        _changed()
        audit.note(
            "mask-pattern-add", by=by, address=address, about=f"mask-pattern:{row.pk}", name=name, pattern=pattern
        )
    refresh()
    return row


def set_pattern(pattern_id: int, *, enabled: bool, by: Reader, address: str = "") -> None:
    """Switch a pattern on or off. Raises `Absent` where there is none, or as above."""
    _require(by)
    with transaction.atomic():
        if not MaskPattern.objects.filter(pk=pattern_id).update(enabled=enabled):
            raise Absent
        _changed()
        audit.note("mask-pattern-set", by=by, address=address, about=f"mask-pattern:{pattern_id}", enabled=enabled)
    refresh()


def remove_pattern(pattern_id: int, *, by: Reader, address: str = "") -> None:
    """Delete a pattern. Raises `Absent` where there is none, or as above."""
    _require(by)
    with transaction.atomic():
        row = MaskPattern.objects.filter(pk=pattern_id).first()
        if row is None:
            raise Absent
        about = f"mask-pattern:{pattern_id}"
        audit.note("mask-pattern-remove", by=by, address=address, about=about, name=row.name, pattern=row.pattern)
        row.delete()
        _changed()
    refresh()


def _require(reader: Reader) -> None:
    if not may_change(reader):
        raise Absent


def _changed() -> None:
    """Count a change; the number is a time as well, so that an archive put back never repeats one."""
    MaskRules.objects.get_or_create(pk=1)
    MaskRules.objects.filter(pk=1).update(number=Greatest(F("number") + 1, clock.now_ms()))
    events.emit("masks")
