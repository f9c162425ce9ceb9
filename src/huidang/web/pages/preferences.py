"""Language and theme: kept in a cookie, and the language with the account, so that it follows the person."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from huidang.web.frame import THEMES

YEAR_SECONDS = 365 * 24 * 3600


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language from now on."""
    response = _back(request)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        remember(response, settings.LANGUAGE_COOKIE_NAME, code)
        if request.user.is_authenticated:
            request.user.language = code
            request.user.save(update_fields=["language"])
    return response


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Show the pages light or dark from now on; anything else follows the system again."""
    response = _back(request)
    choice = request.POST.get("theme", "")
    if choice in THEMES:
        remember(response, "theme", choice)
    else:
        response.delete_cookie("theme")
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    place = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(place if own else "/")


def remember(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice in the browser for a year."""
    response.set_cookie(name, value, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.HOUSE.tls)
