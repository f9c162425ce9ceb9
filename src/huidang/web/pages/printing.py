"""The print view: conversations as one page made for paper, with watermark and contents, to be printed by the browser.

It is the web page that an export writes, so that what is printed and what is saved never differ. Who looks at it, and
under which number, is noted: paper leaves the house like any file.
"""

import tempfile
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huidang.exports.asking import preview
from huidang.exports.formats import get_format
from huidang.exports.gathering import Gathered
from huidang.exports.orders import Order
from huidang.exports.receipts import new_number
from huidang.exports.selection import Selection, read_since, read_until
from huidang.exports.writing import compose
from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import Reader, sightings
from huidang.web.visitors import reader_of, user_of

MOST_MESSAGES = 2000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; sandbox allow-downloads"
"""The page carries a stricter policy of its own, by the hash of its style; it runs nothing and asks for nothing."""


@require_safe
def printing(request: HttpRequest) -> HttpResponse:
    """Show conversations (`?conversation=1&conversation=2`, perhaps `since` and `until`) as they are printed."""
    reader = reader_of(request)
    order = _order(request, reader)
    gathered, approval = preview(reader, order)
    if approval:
        raise Refused("approval-wanted", _("打印也是导出，要先申请。"))
    if gathered.messages > MOST_MESSAGES:
        text = _("一次最多打印 %d 条消息，改用 PDF，或缩小时间范围。") % MOST_MESSAGES
        raise Problem("print-long", text, messages=gathered.messages)
    number = new_number()
    for conversation in gathered.conversations:
        sightings.note("print", by=reader, about=f"conversation:{conversation}", number=number)
    page = _page(gathered, order, reader, number=number, made_by=user_of(request).name or reader.name)
    return HttpResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})


def _order(request: HttpRequest, reader: Reader) -> Order:
    try:
        conversations = tuple(int(each) for each in request.GET.getlist("conversation"))
    except ValueError:
        raise Absent from None
    selection = Selection(
        conversations=conversations,
        since_at=read_since(request.GET.get("since", ""), reader.zone),
        until_at=read_until(request.GET.get("until", ""), reader.zone),
    )
    return Order(selection=selection, format="html", why=request.GET.get("why", "")[:200] or _("打印"))


def _page(gathered: Gathered, order: Order, reader: Reader, *, number: str, made_by: str) -> bytes:
    document = compose(gathered, order, reader, receipt=number, made_by=made_by, made_at=clock.now())
    with tempfile.TemporaryDirectory() as folder:
        (path,) = get_format("html").writer()(document, Path(folder, "print.html"), progress=lambda _written: None)
        return path.read_bytes()
