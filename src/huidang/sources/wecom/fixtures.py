"""An invented service chat with every message type of WeCom's archive, written after its documentation."""

import json
from typing import Any

CUSTOMER = "wmErxtDgAA9AW32YyyuYRimKr7D1KWlw"
AGENT = "zhoumin"
ROBOT = "wbErxtDgAAq2Zx8vN3kQmT5yRjU7HsLd"
ROOM = "wrErxtDgAAzJ4nV8yT2mKq6RbXcP0sWe"
START_MS = 1788314401123


def _item(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "content": json.dumps(content, ensure_ascii=False), "msgtime": 1788314300}


# The body of each type, under the key that the platform uses.
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("text", {"content": "您好，订单 SH20260901-0047 的退款什么时候到？"}),
    "image": ("image", {"md5sum": "50de8e5ae8ffe4f1df7a93841f71993a", "filesize": "70961", "sdkfileid": "CtYBMzA2"}),
    "agree": ("agree", {"userid": CUSTOMER, "agree_time": 1788314390000}),
    "disagree": ("disagree", {"userid": CUSTOMER, "disagree_time": 1788314390000}),
    "voice": ("voice", {"voice_size": 1994, "play_length": 12, "sdkfileid": "CmcwZTE2", "md5sum": ""}),
    "video": ("video", {"md5sum": "d06fc80c01d6fbffcca3b229ba41eac6", "filesize": 15169724, "play_length": 108,
                        "sdkfileid": "MzAzMjY1"}),
    "card": ("card", {"corpname": "微信联系人", "userid": CUSTOMER}),
    "location": ("location", {"longitude": 121.47, "latitude": 31.23, "address": "上海市黄浦区人民大道 200 号",
                              "title": "人民广场", "zoom": 15}),
    "emotion": ("emotion", {"type": 1, "width": 290, "height": 290, "imagesize": 962604, "md5sum": "94c2b0bba52cc456",
                            "sdkfileid": "NmEwN2Q0"}),
    "file": ("file", {"md5sum": "18e93fc2ea884df23b3d2d3b8667b9f0", "filename": "退货申请单.xlsx", "fileext": "xlsx",
                      "filesize": 18181, "sdkfileid": "E4ODRkZjI"}),
    "link": ("link", {"title": "退款进度查询", "description": "三个工作日内到账", "link_url": "https://example.com/r/47",
                      "image_url": "https://example.com/r.png"}),
    "weapp": ("weapp", {"title": "查看物流", "description": "快递小程序", "username": "gh_0047@app",
         "displayname": "物流助手"}),
    "chatrecord": ("chatrecord", {"title": "陈光和周敏的聊天记录", "item": [
        {**_item("ChatRecordText", {"content": "我上周就说过漏水"}), "from_chatroom": False},
        {**_item("ChatRecordFile", {"filename": "照片.zip", "filesize": 100,
             "sdkfileid": "AA"}), "from_chatroom": True},
    ]}),
    "todo": ("todo", {"title": "回访陈先生", "content": "明天上午十点前电话回访"}),
    "vote": ("vote", {"votetitle": "哪天上门方便", "voteitem": ["周三", "周四"], "votetype": 101, "voteid": "v1"}),
    "collect": ("collect", {"room_name": "华东售后", "creator": AGENT, "create_time": "2026-09-02 10:00:00",
                            "title": "登记地址", "details": [{"id": 1, "ques": "收货地址", "type": "Text"}]}),
    "redpacket": ("redpacket", {"type": 1, "wish": "给您添麻烦了", "totalcnt": 1, "totalamount": 2000}),
    "external_redpacket": ("external_redpacket", {"type": 1, "wish": "祝您生活愉快", "totalcnt": 1,
         "totalamount": 500}),
    "meeting": ("meeting", {"topic": "质量复盘会", "starttime": 1788400000, "endtime": 1788403600,
         "address": "三号会议室",
                            "remarks": "请带样品", "meetingtype": 102, "meetingid": 4700, "status": 1}),
    "docmsg": ("doc", {"title": "售后话术 2026", "link_url": "https://doc.weixin.qq.com/x", "doc_creator": AGENT}),
    "markdown": ("info", {"content": "**退款** 已提交，预计三天到账"}),
    "news": ("info", {"item": [{"title": "国庆发货安排", "description": "十月一日至三日暂停发货",
                                "url": "https://example.com/n", "picurl": "https://example.com/n.png"}]}),
    "calendar": ("calendar", {"title": "上门维修", "creatorname": "周敏", "attendeename": ["王师傅"],
                              "starttime": 1788400000, "endtime": 1788403600, "place": "陈光家", "remarks": "带滤芯"}),
    "mixed": ("mixed", {"item": [_item("text", {"content": "这是漏水的地方"}),
                                 _item("image", {"md5sum": "ab", "filesize": 9, "sdkfileid": "BB"})]}),
    "meeting_voice_call": ("meeting_voice_call", {"endtime": 1788314900, "sdkfileid": "CpsBKjAqd0", "demofiledata": [
        {"filename": "报价单.pdf", "demooperator": AGENT, "starttime": 1788314600, "endtime": 1788314700}],
        "sharescreendata": [{"share": AGENT, "starttime": 1788314600, "endtime": 1788314700}]}),
    "voip_doc_share": ("voip_doc_share", {"filename": "维修合同.pdf", "md5sum": "ff893900f24e55e216e617a40e5c4648",
                                          "filesize": 4400654, "sdkfileid": "CpsBKjAqZUlLdWJM"}),
    "sphfeed": ("sphfeed", {"feed_type": 4, "sph_name": "净水小课堂", "feed_desc": "滤芯三分钟更换教程"}),
    "voiptext": ("voiptext", {"callduration": 10, "invitetype": 2}),
    "qydiskfile": ("qydiskfile", {"filename": "质检报告.pdf"}),
    "solitaire": ("solitaire", {"title": "报名上门时间", "items": ["陈光 周三"]}),
}  # fmt: skip


def message(number: int, kind: str, **changes: Any) -> dict[str, Any]:
    """Return one message of the archive; its number is in its id and moves its time by a second."""
    key, body = BODIES.get(kind, (kind, {}))
    sender, receiver = (CUSTOMER, AGENT) if number % 2 else (AGENT, CUSTOMER)
    return {
        "msgid": f"{number}_1788314401_external",
        "action": "send",
        "from": sender,
        "tolist": [receiver, ROBOT],
        "roomid": ROOM,
        "msgtime": START_MS + number * 1000,
        "msgtype": kind,
        key: body,
        **({"voiceid": "grb8a4c48a3c094a70982c518d55e40557"} if kind == "meeting_voice_call" else {}),
        **({"voipid": "gr2751c98b19300571f8afb3b74514bd32"} if kind == "voip_doc_share" else {}),
        **changes,
    }


def archive() -> list[dict[str, Any]]:
    """Return one message of every type, a recall of the first, a message outside the room, and a change of corp."""
    messages = [message(number, kind) for number, kind in enumerate(BODIES)]
    recall = message(100, "revoke", action="recall", revoke={"pre_msgid": messages[0]["msgid"]})
    direct = message(101, "text", roomid="", tolist=[AGENT])
    switch = {"msgid": "125289002219525886280", "action": "switch", "time": START_MS + 200_000, "user": AGENT}
    return [*messages, recall, direct, switch]
