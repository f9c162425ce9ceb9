"""Invented service chats as the DingTalk Workspace CLI and a DingTalk robot would hand them over."""

import json
from typing import Any

GROUP = "cidQ7yZ0n3r4Kx1vT8mWp2s5A=="
CORP = "ding9f50b15bccd16741"
CUSTOMER = "o7kS2dXcVbNmQwErTyUiOp"
AGENT = "a1zXcVbNmAsDfGhJkLqWeRt"


def history() -> dict[str, Any]:
    """Return a history of a group: quoted, forwarded, edited, reactions, pictures and files in the text."""
    messages: list[dict[str, Any]] = [
        {"messageId": "msg01", "conversationId": GROUP, "sender": "陈光", "senderId": CUSTOMER, "senderType": "user",
         "messageType": "text", "text": "课程退费怎么办理？合同号 HT-2026-0815", "createTime": "2026-09-02 10:00:01"},
        {"messageId": "msg02", "conversationId": GROUP, "sender": "周敏", "senderId": AGENT, "senderType": "user",
         "messageType": "text", "text": "您好，请提供学员姓名和手机号。", "createTime": 1788314460123,
         "updateTime": "2026-09-02 10:02:00",
         "quotedMessage": {"messageId": "msg01", "sender": "陈光", "text": "课程退费怎么办理？",
                           "createTime": "2026-09-02 10:00:01"},
         "reactions": {"counts": [{"emoji": "赞", "count": 1}], "details": [{"emoji": "赞", "replyUsers": ["陈光"]}]}},
        {"messageId": "msg03", "conversationId": GROUP, "sender": "陈光", "senderId": CUSTOMER,
             "messageType": "picture",
         "text": "[图片消息](mediaId=lQLPJxYz0KbT)", "createTime": "2026-09-02 10:03:00"},
        {"messageId": "msg04", "conversationId": GROUP, "sender": "陈光", "senderId": CUSTOMER,
         "text": "[文件] 报名合同.pdf fileId: 8a7b6c5d", "createTime": "2026-09-02 10:03:05"},
        {"messageId": "msg05", "conversationId": GROUP, "sender": "周敏", "senderId": AGENT, "messageType": "text",
         "text": "[聊天记录]", "createTime": "2026-09-02 10:04:00",
         "forwarded": [{"sender": "null", "text": "按合同扣除已上课时", "createTime": "2026-09-01 09:00:00"}]},
        {"messageId": "msg06", "conversationId": GROUP, "sender": "退费助手",
             "senderId": "robot-7", "senderType": "robot",
         "messageType": "interactiveCard", "content": {"cardContent": [
             {"children": [{"elementType": "TEXT", "value": "退费申请"}, {"elementType": "TEXT", "value": "已受理"}]}]},
         "createTime": "2026-09-02 10:05:00", "threadId": "t1"},
    ]  # fmt: skip
    return {
        "contractVersion": "im.message-list.v1",
        "messages": messages,
        "count": len(messages),
        "pagesFetched": 1,
        "complete": True,
        "hasMore": False,
        "failures": [],
    }


def raw_variant() -> dict[str, Any]:
    """Return the same kind of history under the names of the gateway, wrapped in `result`."""
    message = {
        "openMessageId": "msg11",
        "openConversationId": GROUP,
        "senderName": "陈光",
        "senderOpenDingTalkId": CUSTOMER,
        "msgType": "text",
        "content": {"text": "还没有收到退款"},
        "createTime": 1788400000000,
        "emotionReplyList": [{"emotionName": "收到", "replyUsers": ["周敏"], "replyCount": 1}],
    }
    return {"success": True, "result": {"messages": [message], "hasMore": True}}


def events() -> list[dict[str, Any]]:
    """Return events: a message as raw frame and flattened, a recall, a reaction, a receipt, a new member, approval."""
    body = {"createTime": "2026-09-02 11:00:35", "sender": "陈光", "openMessageId": "msg21",
            "senderOpenDingTalkId": CUSTOMER, "openConversationId": GROUP, "content": "在吗？",
            "quotedMessage": {"openMessageId": "msg02", "sender": "周敏", "content": "您好",
                 "createTime": "2026-09-02 10:01:00"}}  # fmt: skip
    recall = {"msgRecallTime": "2026-09-02 11:02:00", "openConversationId": GROUP, "openMessageId": "msg21",
              "recaller": "陈光", "recallerOpenDingTalkId": CUSTOMER, "sender": "陈光"}  # fmt: skip
    reaction = {"emotionName": "like", "emotionText": "赞", "openSourceMessageId": "msg22", "operateType": "add",
                "oper": "周敏", "operateTime": "2026-09-02 11:03:00", "openConversationId": GROUP}  # fmt: skip
    flat = {"type": "user_im_message_receive_group_all", "event_id": "e2", "timestamp": 1788318065000,
            "message_id": "msg22", "conversation_id": GROUP, "sender": "周敏", "sender_open_dingtalk_id": AGENT,
            "content": "在的，请讲。", "create_time": "2026-09-02 11:01:05"}  # fmt: skip
    return [
        _frame("e1", "user_im_message_receive_group", body),
        flat,
        _frame("e3", "user_im_message_recall_group", recall),
        _frame("e4", "user_im_message_reaction_group", reaction),
        _frame("e5", "user_im_message_read_group", {"msgReadTime": 1788318065000, "reader": "周敏"}),
        _frame("e6", "user_im_group_member_added", {"openConversationId": GROUP, "title": "家长服务群"}),
        _frame("e7", "user_oa_approval_task_created", {"processInstanceId": "p1"}),
    ]


def _frame(event_id: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    payload = {"body": body, "event_time": 1788318100000}
    return {"eventId": event_id, "eventKey": key, "occurredAtMs": 1788318100000, "subId": "s1", "payload": payload}


def callbacks() -> list[dict[str, Any]]:
    """Return robot callbacks of every type, the last one in its stream frame."""
    rich = {"richText": [{"text": "发票抬头错了"}, {"downloadCode": "dc2", "type": "picture"}, {"text": "请重开"}]}
    bodies: list[dict[str, Any]] = [
        {"msgtype": "text", "text": {"content": " 你好，发票什么时候寄出？"}},
        {"msgtype": "picture", "content": {"downloadCode": "dc1"}},
        {"msgtype": "richText", "content": rich},
        {"msgtype": "audio", "content": {"duration": 4200, "downloadCode": "dc3", "recognition": "麻烦快一点"}},
        {"msgtype": "video", "content": {"duration": "9000", "downloadCode": "dc4", "videoType": "mp4"}},
        {"msgtype": "file", "content": {"downloadCode": "dc5", "fileName": "发票.pdf"}},
        {"msgtype": "interactiveCard", "content": {"title": "审批单"}},
    ]
    plain = [_callback(number, body) for number, body in enumerate(bodies)]
    framed = _callback(len(bodies), {"msgtype": "text", "text": {"content": "谢谢"}})
    headers = {"topic": "/v1.0/im/bot/messages/get", "messageId": "m9", "contentType": "application/json"}
    frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers}
    return [*plain, {**frame, "data": json.dumps(framed, ensure_ascii=False)}]


def _callback(number: int, body: dict[str, Any]) -> dict[str, Any]:
    created = 1788314401062 + number * 1000
    return {
        "conversationId": GROUP,
        "atUsers": [{"dingtalkId": "$:LWCP_v1:$robot"}],
        "chatbotCorpId": CORP,
        "chatbotUserId": "$:LWCP_v1:$robot",
        "msgId": f"msgR{number}==",
        "senderNick": "陈光",
        "senderId": "$:LWCP_v1:$chenguang",
        "senderStaffId": "452523285939877041" if number % 2 else None,
        "createAt": str(created) if number % 2 else created,
        "conversationType": "2",
        "conversationTitle": "发票服务群",
        "robotCode": "ding1f",
        **body,
    }
