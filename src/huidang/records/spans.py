"""What a detector says: where something sensitive stands in the original text, what it is, and by which rule."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What is hidden."""

    RESIDENT = "resident"
    MOBILE = "mobile"
    CARD = "card"
    LANDLINE = "landline"
    EMAIL = "email"
    PLATE = "plate"
    COMPANY = "company"
    PASSPORT = "passport"
    WECHAT = "wechat"
    QQ = "qq"
    ADDRESS = "address"
    NAME = "name"
    OWN = "own"  # a pattern of the company
    HAND = "hand"  # blacked out by a person


class Span(NamedTuple):
    """A half-open range of code points of the original text. `rule` names detector and version, as in `mobile/1`."""

    start: int
    end: int
    kind: Kind
    rule: str
