"""管理: the pages that keep the house, as one table. A new page is one line here and its address in `urls.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.auditing import is_auditor
from huidang.people.readers import Reader
from huidang.people.rights import is_manager, require_manager
from huidang.records import maskrules
from huidang.web.visitors import reader_of

_Row = TypeVar("_Row", bound=Model)


def manager_of(request: HttpRequest) -> Reader:
    """Return the reader behind a request, if they manage the house. Raises `Absent`."""
    reader = reader_of(request)
    require_manager(reader)
    return reader


def managed(request: HttpRequest, model: type[_Row], pk: int) -> _Row:
    """Return a row by its id, for whoever manages the house. Raises `Absent`."""
    manager_of(request)
    found = model._default_manager.filter(pk=pk).first()  # noqa: SLF001
    if found is None:
        raise Absent
    return found


def manages_something(reader: Reader) -> bool:
    """Say whether a reader manages at least a part of the house."""
    return bool(reader.reach(Can.MANAGE))


@dataclass(frozen=True, slots=True)
class Section:
    """A group of pages under 管理: its name, icon, the name of its first address, and who may see it."""

    name: Promise
    icon: str
    to: str
    seen_by: Callable[[Reader], bool]

    @property
    def url(self) -> str:
        """Return the address of its first page; the pages below it begin alike."""
        return reverse(self.to)


def may_see_log(reader: Reader) -> bool:
    """Say whether a reader may see the log: who manages the house, and who audits it."""
    return is_manager(reader) or bool(reader.reach(Can.AUDIT))


SECTIONS = (
    Section(_("部门"), "building", "departments", is_manager),
    Section(_("成员"), "users", "accounts", is_manager),
    Section(_("角色与权限"), "key", "roles", is_manager),
    Section(_("双人规则"), "lock", "two-persons", is_manager),
    Section(_("审计"), "shield-check", "audit", is_auditor),
    Section(_("登录安全"), "shield", "signins", is_manager),
    Section(_("遮盖规则"), "eye-off", "masks", maskrules.may_change),
    Section(_("词库"), "flag", "lexicons", manages_something),
    Section(_("导入"), "import", "imports", manages_something),
    Section(_("存证日志"), "shield-check", "log", may_see_log),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A section as the sub-navigation shows it."""

    name: str
    icon: str
    url: str
    here: bool


def tabs(request: HttpRequest) -> list[Tab]:
    """Return the sections that the person behind a request may see, the one they are in marked."""
    reader = reader_of(request)
    seen = [(section, section.url) for section in SECTIONS if section.seen_by(reader)]
    return [Tab(str(section.name), section.icon, url, _within(request.path, url)) for section, url in seen]


def _within(path: str, url: str) -> bool:
    return path == url or path.startswith(f"{url}/")
