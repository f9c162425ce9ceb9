"""Why somebody sees a conversation, in sentences: the grants, shares and loans that decide, and those that do not."""

from django.utils.translation import gettext as _

from huidang.people.grounds import Answer, Ground
from huidang.people.roles import title_of
from huidang.web.words import CAPABILITIES, capability_name, until


def ground_sentence(ground: Ground) -> str:
    """Return how one grant or loan meets the conversation, with its end."""
    facts = {"role": title_of(ground.role), "department": ground.department}
    said = _sentence(ground) % facts
    if ground.ended:
        return _("%(said)s，已到期（%(until)s）") % {"said": said, "until": until(ground.until_at)}
    return _("%(said)s，%(until)s") % {"said": said, "until": until(ground.until_at)} if ground.until_at else said


def allowed(answer: Answer) -> list[str]:
    """Return what the person may do with the conversation, by name, in the usual order."""
    return [capability_name(can) for can in CAPABILITIES if can in answer.capabilities]


def allows(ground: Ground) -> list[str]:
    """Return what one ground allows, by name, in the usual order."""
    return [capability_name(can) for can in CAPABILITIES if can in ground.capabilities]


def _sentence(ground: Ground) -> str:
    if ground.way == "loan":
        return _("同事共享了这个会话") if ground.shared else _("申请获批，临时可看")
    if ground.way == "elsewhere":
        if ground.department:
            return _("「%(role)s」授权在%(department)s，管不到这个会话")
        return _("「%(role)s」授权只管待分拣，这个会话已有部门")
    return {
        "everything": _("「%(role)s」授权范围是全公司"),
        "department": _("「%(role)s」授权就在会话所属的%(department)s"),
        "above": _("「%(role)s」授权在上级%(department)s，连同下级"),
        "intake": _("「%(role)s」授权含待分拣，这个会话还没有部门"),
        "own": _("「%(role)s」授权管本人名下，这个会话归在其名下"),
        "not-own": _("「%(role)s」授权只管本人名下，这个会话不在其名下"),
    }[ground.way]
