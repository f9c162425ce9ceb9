"""Problems become pages: the same sentence in a whole page, or in the pane that htmx asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem
from huidang.web.visitors import wants_piece


class ProblemPages:
    """Turns a `Problem` raised by a page into its status and one sentence with a way on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a `Problem`; leave defects to `broken`."""
        if not isinstance(exception, Problem):
            return None
        title = {404: _("没有这一页"), 403: _("不能这样做")}.get(exception.status, _("没有完成"))
        return page(request, status=exception.status, title=title, text=_(exception.text))


def page(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """Return the page of a problem, or only its pane where htmx asked for one."""
    template = "problems/pane.html" if wants_piece(request) else "problems/page.html"
    return render(request, template, {"status": status, "title": title, "text": text}, status=status)


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return page(request, status=404, title=_("没有这一页"), text=_("链接可能有误，或你没有查看它的权限。"))


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refuses."""
    return page(request, status=403, title=_("不能这样做"), text=_("你没有做这件事的权限。"))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: mostly a page that stood open past a new sign-in."""
    text = _("页面放得太久，表单已失效，什么都没有改动。返回上一页刷新后再试。")
    return page(request, status=403, title=_("表单已失效"), text=text)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer a defect without the frame: the database may be what failed."""
    return HttpResponse(loader.render_to_string("problems/broken.html"), status=500)
