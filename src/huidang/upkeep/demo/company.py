"""Who works at 望山家电: twelve departments, forty agents, and the cast that the demo's sign-in links are for."""

from dataclasses import dataclass
from typing import Final

DEPARTMENTS: Final = {
    "": "望山家电",
    "中心": "望山家电/客户服务中心",
    "售前": "望山家电/客户服务中心/售前咨询组",
    "售后": "望山家电/客户服务中心/售后服务组",
    "物流": "望山家电/客户服务中心/物流配送组",
    "投诉": "望山家电/客户服务中心/投诉处理组",
    "渠道": "望山家电/渠道事业部",
    "经销商": "望山家电/渠道事业部/经销商服务组",
    "海外": "望山家电/渠道事业部/海外服务组",
    "学堂": "望山家电/望山学堂",
    "学员": "望山家电/望山学堂/学员服务组",
    "财务": "望山家电/财务票据组",
}
"""Short name -> path from the top."""

TEAM_OF: Final = {"课程顾问": "学员", "教务": "学员"}
"""Names in the scripts that stand for a team with another name."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One of the forty."""

    username: str
    name: str
    team: str


_AGENTS: Final = {
    "售前": "liuyang 刘洋 chenjing 陈静 xuli 徐丽 sunhao 孙浩 mating 马婷 gaofei 高飞 linxue 林雪",
    "售后": "zhoumin 周敏 wanglei 王磊 zhangyan 张燕 liqiang 李强 huangrong 黄蓉 wuxia 吴霞 zhengkai 郑凯 fengjie 冯洁 "
    "dongli 董丽 panwei 潘伟",
    "物流": "yangfan 杨帆 hejun 何军 tangyan 唐艳 songtao 宋涛 qiaona 乔娜",
    "投诉": "luolan 罗兰 shenyi 沈毅 caoyu 曹宇 jiangmei 江梅",
    "经销商": "weidong 魏东 pengfei 彭飞 yuanli 袁莉 xiaogang 肖刚",
    "海外": "emilyxu 徐艾米 kevinliu 刘凯文 gracehe 何葛瑞 leozhao 赵立奥",
    "学员": "dingxiang 丁香 suyun 苏云 jiangbo 蒋波 caiqin 蔡琴",
    "财务": "yefang 叶芳 duanrui 段瑞",
}


def hire() -> tuple[Agent, ...]:
    """Return the forty agents, in the order of their teams."""
    hired: list[Agent] = []
    for team, listed in _AGENTS.items():
        words = listed.split()
        hired += [Agent(username, name, team) for username, name in zip(words[::2], words[1::2], strict=True)]
    return tuple(hired)


AGENTS: Final = hire()
SUPERVISORS: Final = {
    "中心": Agent("zhaolan", "赵岚", "中心"),
    "渠道": Agent("fangyuan", "方源", "渠道"),
    "学堂": Agent("meiqing", "梅青", "学堂"),
}
ABOVE: Final = {"经销商": "渠道", "海外": "渠道", "学员": "学堂"}
"""Team -> where its supervisor sits; everybody else reports to the service centre."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the cast: who they are in the story, and what they may do over which department."""

    username: str
    name: str
    title: str
    role: str
    over: str  # short name of a department; "" is the whole company


CAST: Final = (
    Member("zhoumin", "周敏", "客服 · agent", "agent", "售后"),
    Member("zhaolan", "赵岚", "主管 · supervisor", "supervisor", "中心"),
    Member("guzhen", "顾真", "法务 · compliance", "compliance", ""),
    Member("linkai", "林凯", "管理员 · administrator", "administrator", ""),
    Member("suhe", "苏禾", "审计员 · auditor", "auditor", ""),
    Member("heli", "何立", "经理 · manager", "supervisor", ""),
)


def supervisor_of(team: str) -> Agent:
    """Return who answers when a customer of this team asks for somebody above."""
    return SUPERVISORS[ABOVE.get(team, "中心")]
