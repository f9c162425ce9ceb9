"""What needs two persons: done in bulk, it waits until somebody other than the asker has agreed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from huidang.people import requests
from huidang.people.rights import require_manager
from huidang.web.undo import tell
from huidang.web.visitors import reader_of

RULES = {
    "reveal-bulk": (lazy("一次查看整个会话的原文"), lazy("单条消息不受影响，写明事由即可查看。")),
    "export": (lazy("导出文件"), lazy("有导出权的人也要先申请，批准后按申请的内容导出。")),
    "deletion": (lazy("删除记录"), lazy("按法律要求删除内容时，由另一个人批准。")),
    "release": (lazy("解除保全"), lazy("取消对会话的保全，由另一个人批准。")),
}


@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Show what needs two persons, and change it."""
    require_manager(reader_of(request))
    if request.method == "GET":
        held = [(kind, *texts, requests.needs_two_persons(kind)) for kind, texts in RULES.items()]
        return render(request, "admin/two_persons.html", {"rules": held})
    before = [kind for kind in RULES if requests.needs_two_persons(kind)]
    wanted = set(request.POST.getlist("needed"))
    changed = [kind for kind in RULES if (kind in wanted) != (kind in before)]
    for kind in changed:
        requests.set_two_persons(kind, needed=kind in wanted, by=reader_of(request))
    if changed:
        tell(request, _("已保存"), request.path, needed=before)
    return redirect("two-persons")
