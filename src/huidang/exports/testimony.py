"""What a transcript for a court says beyond its messages: who, how it was collected, what goes with it, how to check.

Whoever fills it has looked the facts up; `exports.court` only prints them. Texts are for people and stand in the
language of the document; hashes are lower hex, moments are shown in the document's zone.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who takes part: the name shown, the role with its ground, the account on the platform."""

    name: str
    role: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file that belongs to a message (`line`, as numbered in the transcript). `note` says why a hash is missing."""

    line: int
    name: str
    kind: str
    size: int | None
    sha256: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Handling:
    """One step in the chain of custody."""

    at: datetime
    actor: str
    deed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """The facts around a court transcript.

    `collected` and `checkpoint` are pairs of name and value, in order: how the records came in; origin, size, root
    hash and time of the checkpoint that covers them, its time stamps and the fingerprints of the keys. `steps` are the
    steps of a verification, `signature` says how the PDF is signed, `limits` what the paper does not prove.
    """

    holder: str
    matter: str
    parties: tuple[Party, ...]
    collected: tuple[tuple[str, str], ...]
    exhibits: tuple[Exhibit, ...]
    custody: tuple[Handling, ...]
    checkpoint: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    signature: str
    limits: str
