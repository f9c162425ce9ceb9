"""管理: departments, accounts, roles. The table of all its pages is `web.admin`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from huidang.kernel.problems import Absent
from huidang.web.admin import tabs


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the first section that the person may see. Raises `Absent` for whoever keeps nothing."""
    seen = tabs(request)
    if not seen:
        raise Absent
    return redirect(seen[0].url)
