"""Every address of the house."""

from django.urls import URLPattern, URLResolver, path

from huidang.web.pages import preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("preferences/language", preferences.language, name="language"),
    path("preferences/theme", preferences.theme, name="theme"),
]

handler403 = "huidang.web.problems.refused"
handler404 = "huidang.web.problems.absent"
handler500 = "huidang.web.problems.broken"
