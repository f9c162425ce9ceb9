"""`source`: where conversations come from."""

from argparse import Namespace

from huidang.cli.errand import DONE
from huidang.cli.terminal import Terminal, table
from huidang.records.models import Source


def list_sources(_arguments: Namespace, terminal: Terminal) -> int:
    """Print every source with its department."""
    rows = list(Source.objects.select_related("department").order_by("platform", "workspace", "account"))
    terminal.result({"sources": [_as_json(row) for row in rows]}, table(_as_line(row) for row in rows))
    return DONE


def _as_json(row: Source) -> dict[str, object]:
    return {
        "id": row.pk,
        "platform": row.platform,
        "workspace": row.workspace,
        "account": row.account,
        "name": row.name,
        "department": row.department.name if row.department else None,
    }


def _as_line(row: Source) -> tuple[str, str]:
    place = "/".join(part for part in (row.platform, row.workspace, row.account) if part)
    return place, f"{row.name}  {row.department.name if row.department else '未分部门'}"
