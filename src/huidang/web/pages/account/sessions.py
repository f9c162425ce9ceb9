"""Where somebody is signed in, and ending it elsewhere."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from huidang.people import audit
from huidang.people.login import sessions as standing
from huidang.web.pages.account import page
from huidang.web.sessions import session_of
from huidang.web.visitors import address_of, user_of


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the browsers in which the person is signed in, this one marked."""
    here = session_of(request)
    return page(request, "account/sessions.html", {"here": here, "sessions": standing.living(user_of(request))})


@require_POST
def ends(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    user = user_of(request)
    count = standing.end_all(user, besides=session_of(request).pk)
    audit.note("sessions-ended", by=user, address=address_of(request), about=f"user:{user.pk}", count=count)
    messages.success(request, ngettext("已退出 %(n)d 处登录", "已退出 %(n)d 处登录", count) % {"n": count})
    return redirect("sessions")


@require_POST
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one session of the person."""
    user = user_of(request)
    standing.end(session_id, by=user, owner=user, address=address_of(request))
    messages.success(request, _("已退出那处登录"))
    return redirect("sessions")
