"""What conditions of the query language are called on a page, and the icons of suggestions."""

from django.utils.translation import get_language

from huidang.search.operators import BY_NAME
from huidang.web.words import platform_name

_SUGGESTED = {
    "operator": "sliders",
    "value": "tag",
    "person": "user",
    "department": "building",
    "conversation": "chat",
}


def suggestion_icon(kind: str) -> str:
    """Return the icon of a kind of suggestion."""
    return _SUGGESTED.get(kind, "search")


def operator_name(name: str) -> str:
    """Return what an operator is called in the language of the page."""
    return name if get_language() == "en" else BY_NAME[name].aliases[0]


def operator_value(value: str, name: str) -> str:
    """Return the value of an operator as people say it."""
    choice = BY_NAME[name].choose(value)
    if choice is None:
        return value.lstrip("=＝") or value
    return dict(operator_options(name)).get(choice, choice)


def operator_options(name: str) -> list[tuple[str, str]]:
    """Return the values that an operator takes, where it takes only these, each with its name."""
    if name not in BY_NAME:
        return []
    operator = BY_NAME[name]
    if name == "platform":
        return [(value, platform_name(value)) for value in operator.choices]
    chosen = get_language() == "en"
    return [
        (value, value if chosen or not others else others[0])
        for value, others in operator.choices.items()
        if value not in operator.later
    ]
