"""The imports that a person may see: their own, and those into the departments that they manage."""

from django.db.models import Q, QuerySet

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Refused
from huidang.people.models import Department
from huidang.people.readers import Reader
from huidang.sources.models import Import, Quarantine


def imports_within(reader: Reader) -> "QuerySet[Import]":
    """Return the imports within reach, newest first. Raises `Refused` import-refused for who manages nothing.

    An import without a department is seen by who manages the whole house and by who brought it.
    """
    reach = reader.reach(Can.MANAGE)
    if not reach:
        raise Refused("import-refused", "只有管理员可以导入文件。")
    rows = Import.objects.select_related("department").order_by("-created_at", "-pk")
    if reach.everything:
        return rows
    mine = Q(user_id=reader.user_id) if reader.user_id else Q(pk__in=[])
    return rows.filter(mine | Q(department_id__in=reach.departments))


def get_import(reader: Reader, import_id: int) -> Import:
    """Return one import. Raises `Refused` import-refused, and `Absent`, alike for missing and forbidden."""
    row = imports_within(reader).filter(pk=import_id).first()
    if row is None:
        raise Absent
    return row


def quarantined(row: Import, *, after: int = 0) -> "QuerySet[Quarantine]":
    """Return what of an import could not be read and was not read since, in order of arrival, without its bytes."""
    rows = Quarantine.objects.filter(imported=row, pk__gt=after, solved_at=None)
    return rows.order_by("pk").defer("content")


def count_quarantined(reader: Reader) -> int:
    """Return how many items wait in the quarantine of the imports within reach. Raises as `imports_within`."""
    rows = Quarantine.objects.filter(imported__in=imports_within(reader).order_by(), solved_at=None)
    return rows.count()


def managed_department(reader: Reader, department_id: int | None) -> Department | None:
    """Return the department to import into; None is the intake, for who manages the whole house.

    Raises `Refused` import-refused, and `Absent`, alike for missing and for managed by others.
    """
    reach = reader.reach(Can.MANAGE)
    if not reach or (department_id is None and not reach.everything):
        raise Refused("import-refused", "只有管理员可以导入文件。")
    if department_id is None:
        return None
    row = Department.objects.filter(pk=department_id).first()
    if row is None or not (reach.everything or row.pk in reach.departments):
        raise Absent
    return row
