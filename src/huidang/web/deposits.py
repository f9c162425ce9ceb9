"""The names that deposits of checkpoints have on a page: what a receipt is, what is sent to an interface."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang.kernel import anchors
from huidang.kernel.models import Receipt

_FIELDS: dict[str, Promise] = {
    "hash": lazy("哈希的字段名"),
    "checkpoint": lazy("检查点全文的字段名"),
    "size": lazy("条数的字段名"),
    "title": lazy("标题的字段名"),
}


def receipt_kind(receipt: Receipt) -> str:
    """Return what a receipt is: a chain is named only where it gave the number of a transaction."""
    if receipt.anchor.way == anchors.MAIL:
        return _("发信服务器的回复")
    return _("区块链交易号") if anchors.is_on_chain(receipt) else _("机构的回执")


def field_name(name: str) -> str:
    """Return what a field of an interface is for (`anchors.FIELDS`)."""
    return str(_FIELDS[name])
