"""Slack's mrkdwn as the text a person saw: mentions by name, links with their label, HTML entities decoded.

`<@U1>` and `<@U1|name>` people, `<#C1|name>` channels, `<!here>` and `<!subteam^S1|@team>` groups,
`<!date^…|fallback>`, `<url>` and `<url|label>`; `&amp;` `&lt;` `&gt;` are the only entities Slack writes.
"""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return `text` as it was shown; `names` knows the names of users and channels by id."""
    if "<" in text:
        text = _TOKEN.sub(lambda token: _shown(token, names), text)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def _shown(token: re.Match[str], names: Mapping[str, str]) -> str:
    sigil, value, label = token[1], token[2], token[3]
    if sigil == "@":
        return f"@{names.get(value) or label or value}"
    if sigil == "#":
        return f"#{label or names.get(value) or value}"
    if sigil == "!":
        return _special(value, label)
    return f"{label} ({value})" if label and label != value else value


def _special(value: str, label: str | None) -> str:
    if label:
        return label if label.startswith("@") or value.startswith("date^") else f"@{label}"
    return f"@{value.partition('^')[0]}"
