"""Every address of the house."""

from django.urls import URLPattern, URLResolver, include, path

from huidang.api import document
from huidang.web.pages import admin, attachments, conversations, imports, lexicons, preferences, search, signin, style
from huidang.web.pages.admin import accounts, departments, roles

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include((document.patterns(), "api"))),
    path("", conversations.start, name="start"),
    path("conversations", conversations.conversations, name="conversations"),
    path("conversations/<int:conversation_id>", conversations.conversation, name="conversation"),
    path("conversations/<int:conversation_id>/messages/<int:message_id>", conversations.message, name="message"),
    path(
        "conversations/<int:conversation_id>/messages/<int:message_id>/files/<int:file_id>",
        attachments.attachment,
        name="attachment",
    ),
    path("conversations/<int:conversation_id>/calendar", conversations.calendar, name="calendar"),
    path("conversations/<int:conversation_id>/facts", conversations.facts, name="facts"),
    path("conversations/<int:conversation_id>/news", conversations.news, name="news"),
    path("imports", imports.imports, name="imports"),
    path("imports/<int:import_id>", imports.one_import, name="import"),
    path("imports/<int:import_id>/rereadings", imports.rereading, name="rereading"),
    path("imports/<int:import_id>/mappings", imports.mapping, name="mapping"),
    path("search", search.find, name="search"),
    path("style/<str:name>.css", style.style, name="style"),
    path("admin", admin.start, name="admin"),
    path("accounts", accounts.accounts, name="accounts"),
    path("accounts/creations", accounts.creations, name="account-creations"),
    path("accounts/grants", accounts.grants, name="account-grants"),
    path("accounts/withdrawals", accounts.withdrawals, name="account-withdrawals"),
    path("accounts/<int:account_id>", accounts.account, name="account"),
    path("accounts/<int:account_id>/links", accounts.links, name="account-links"),
    path("accounts/<int:account_id>/names", accounts.names, name="account-names"),
    path("accounts/<int:account_id>/grants", accounts.own_grants, name="account-own-grants"),
    path("accounts/<int:account_id>/closings", accounts.closings, name="account-closings"),
    path("accounts/<int:account_id>/reopenings", accounts.reopenings, name="account-reopenings"),
    path("departments", departments.departments, name="departments"),
    path("departments/creations", departments.creations, name="department-creations"),
    path("departments/imports", departments.imports, name="department-imports"),
    path("departments/<int:department_id>", departments.department, name="department"),
    path("departments/<int:department_id>/names", departments.names, name="department-names"),
    path("departments/<int:department_id>/moves", departments.moves, name="department-moves"),
    path("departments/<int:department_id>/narrowings", departments.narrowings, name="department-narrowings"),
    path("departments/<int:department_id>/widenings", departments.widenings, name="department-widenings"),
    path("roles", roles.roles, name="roles"),
    path("roles/creations", roles.creations, name="role-creations"),
    path("roles/<int:role_id>", roles.role, name="role"),
    path("roles/<int:role_id>/names", roles.names, name="role-names"),
    path("roles/<int:role_id>/capabilities", roles.capabilities, name="role-capabilities"),
    path("roles/<int:role_id>/removals", roles.removals, name="role-removals"),
    path("lexicons", lexicons.lexicons, name="lexicons"),
    path("lexicons/creations", lexicons.creations, name="lexicon-creations"),
    path("lexicons/starters", lexicons.starting, name="lexicon-starters"),
    path("lexicons/<int:lexicon_id>", lexicons.lexicon, name="lexicon"),
    path("lexicons/<int:lexicon_id>/words", lexicons.additions, name="lexicon-additions"),
    path("lexicons/<int:lexicon_id>/words/removals", lexicons.word_removals, name="lexicon-word-removals"),
    path("lexicons/<int:lexicon_id>/imports", lexicons.imports, name="lexicon-imports"),
    path("lexicons/<int:lexicon_id>/settings", lexicons.settings, name="lexicon-settings"),
    path("lexicons/<int:lexicon_id>/removals", lexicons.removals, name="lexicon-removals"),
    path("lexicons/<int:lexicon_id>/export.<str:suffix>", lexicons.export, name="lexicon-export"),
    path("signin", signin.signin, name="signin"),
    path("signin/<str:token>", signin.link, name="link"),
    path("account/password", signin.password, name="password"),
    path("signout", signin.signout, name="signout"),
    path("preferences/language", preferences.language, name="language"),
    path("preferences/theme", preferences.theme, name="theme"),
]

handler403 = "huidang.web.problems.refused"
handler404 = "huidang.web.problems.absent"
handler500 = "huidang.web.problems.broken"
