"""One family of errors for the whole house: the domain raises, each door translates."""

from typing import Any


class Problem(Exception):
    """A refusal or failure that a person can act on.

    `code` is stable and for programs (`format-unknown`), `text` is one sentence for people, `facts` are the
    values behind it (JSON types). Doors turn it into a page, a JSON problem, or an exit code and one line.
    """

    status = 400

    def __init__(self, code: str, text: str, **facts: Any) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.facts = facts

    def __str__(self) -> str:
        return self.text


class Absent(Problem):
    """What was asked for does not exist, or must look as if it did not: forbidden and absent are one answer."""

    status = 404

    def __init__(self, text: str = "没有这条记录，或者无权查看。") -> None:
        super().__init__("absent", text)


class Refused(Problem):
    """The person may know of the thing, but may not do this with it."""

    status = 403


class TooOften(Problem):
    """Somebody has done this too often; `retry_seconds` says when to come back."""

    status = 429


class Unknown(Problem):
    """The door does not know who asks."""

    status = 401
