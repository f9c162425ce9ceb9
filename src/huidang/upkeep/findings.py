"""What a verification found: problems named one by one up to a limit, counted beyond it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

NAMED = 1000


@dataclass(slots=True)
class Findings:
    """Collects problems and counts of what was looked at, in constant memory."""

    checked: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    unnamed: int = 0

    def add(self, code: str, text: str, **facts: Any) -> None:
        """Note one problem: a stable code, a sentence, and what it concerns (JSON types)."""
        if len(self.problems) < NAMED:
            self.problems.append({"code": code, "text": text, **facts})
        else:
            self.unnamed += 1

    def report(self) -> dict[str, Any]:
        """Return the result as the command prints it."""
        if self.unnamed:
            more = {"code": "more", "text": f"另有 {self.unnamed} 个问题未逐一列出。", "count": self.unnamed}
            self.problems.append(more)
        return {"ok": not self.problems, "checked": dict(self.checked), "problems": self.problems}
