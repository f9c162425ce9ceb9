"""The facts that the court transcript prints around the messages."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from huidang import __version__
from huidang.exports.document import Document
from huidang.exports.evidence.proving import Standing, stamps_of
from huidang.exports.evidence.records import Collected
from huidang.exports.evidence.signing import Level
from huidang.exports.testimony import Handling, Party, Testimony
from huidang.kernel import ledger
from huidang.records.disclosing import Custody
from huidang.records.words import role_name


def testify(
    document: Document, found: Collected, custody: Sequence[Custody], standing: Standing, level: Level
) -> Testimony:
    """Return what the paper says beside the transcript."""
    return Testimony(
        holder=settings.HOUSE.organisation or _("档案持有人"),
        matter=document.title,
        parties=_parties(found),
        collected=_collected(document, found, custody),
        exhibits=tuple(found.exhibits),
        custody=_custody(document, custody),
        checkpoint=_checkpoint(document, standing),
        steps=_steps(standing),
        signature=_signature(level),
        limits=_limits(found, standing),
    )


def _parties(found: Collected) -> tuple[Party, ...]:
    parties: dict[tuple[str, str], Party] = {}
    for line in found.messages():
        sender = line.message.sender
        parties.setdefault((sender.id, sender.name), Party(sender.name, role_name(sender.role)))
    return tuple(parties.values())


def _collected(document: Document, found: Collected, custody: Sequence[Custody]) -> tuple[tuple[str, str], ...]:
    sources = dict.fromkeys(
        section.conversation.source_name or section.conversation.platform for section in found.sections
    )
    formats = dict.fromkeys(str(each.origin.get("format", "")) for each in custody)
    return (
        (_("来源"), "、".join(sources)),
        (_("收取方式"), "、".join(filter(None, formats)) or _("平台接口")),
        (_("会话"), str(document.conversations)),
        (_("消息"), str(document.messages)),
        (_("隐去的字数"), str(found.hidden)),
        (_("软件"), f"会档 Huidang {__version__}"),
    )


def _custody(document: Document, custody: Sequence[Custody]) -> tuple[Handling, ...]:
    handled = [
        Handling(
            datetime.fromisoformat(each.stored_at),
            str(each.origin.get("host", "") or _("会档")),
            _("收取 %(count)d 条，同一事务内写入日志（%(format)s）")
            % {"count": each.entries, "format": each.origin.get("format", "")},
        )
        for each in custody
    ]
    taken = Handling(document.made_at, document.made_by, _("导出存证包，事由：%s") % document.why)
    return (*handled, taken)


def _checkpoint(document: Document, standing: Standing) -> tuple[tuple[str, str], ...]:
    newest = standing.checkpoint
    zone = ZoneInfo(document.zone)
    stamped = [
        (_("时间戳"), f"{stamp.authority.name}  {stamp.stamped_at.astimezone(zone):%Y-%m-%d %H:%M:%S}")
        for stamp in stamps_of([newest.size])
    ]
    return (
        (_("日志"), ledger.origin()),
        (_("条数"), str(newest.size)),
        (_("根哈希"), bytes(newest.root).hex()),
        (_("签署时间"), f"{newest.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"),
        *(stamped or [(_("时间戳"), _("无外部时间戳，签署时间是档案自己的说法"))]),
        (_("日志公钥"), ledger.verifier().public.hex()),
    )


def _steps(standing: Standing) -> tuple[str, ...]:
    stamp = [_("openssl ts -verify 验证 stamps 目录中的时间戳")] if standing.stamped else []
    return (
        _("sha256sum -c SHA256SUMS 核对包内文件"),
        _("openssl pkeyutl -verify 验证 manifest.json 与检查点的签名"),
        *stamp,
        _("pdfsig 或 Adobe Reader 验证本报告的签名"),
        _("Go 的 note 与 tlog 验证 proofs 目录中的证明，或用浏览器离线打开 verify.html"),
        _("逐步命令见包内 README-验证说明.txt"),
    )


def _signature(level: Level) -> str:
    whose = _("档案自建证书") if level.signing.own else _("机构证书")
    if level.authority is None:
        return _("%(level)s，%(whose)s，不含外部时间戳") % {"level": level.name, "whose": whose}
    facts = {"level": level.name, "whose": whose, "authority": level.authority.name}
    return _("%(level)s，%(whose)s，时间戳由 %(authority)s 签发") % facts


def _limits(found: Collected, standing: Standing) -> str:
    said = [
        _("本报告属防篡改存证：证明所列消息写入日志后未被修改，不证明写入之前未被修改，也不证明内容属实或发言人身份。"),
        _("档案由持有人自行运行，是否采信由法庭判断。同一会话可能还有未列入的消息。"),
    ]
    if not standing.stamped:
        said.append(_("没有外部时间戳，写入时间只有持有人自己的说法。"))
    if found.hidden:
        said.append(_("星号处的内容已隐去，其位置和字数与日志相符。"))
    return "".join(said)
