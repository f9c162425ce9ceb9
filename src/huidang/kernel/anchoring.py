"""Asking parties outside the house for their word over checkpoints: authorities that stamp, witnesses, anchors.

One mechanism for all of them. Each party is asked for the newest checkpoint by a job of its own, so that one that is
away delays nobody; the consistency of the log carries its word back to every earlier entry. An answer is stored only
after it was verified as far as it can be. A failure is noted, shown, and tried again by the job.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from huidang.kernel import clock, jobs, ledger
from huidang.kernel.jobs import Run
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Answer, Party
from huidang.kernel.problems import Absent, Problem

SECONDS = 30
"""How long a party may take to answer."""

P = TypeVar("P", bound=Party)
A = TypeVar("A", bound=Answer)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Kind(Generic[P, A]):
    """A kind of party: its tables, and how it is asked.

    `obtain` asks one over a checkpoint and returns the verified fields of its answer, or raises `Problem`. `check`
    raises `Problem` where a stored answer is not one over that checkpoint (by its note, "" where it is gone).
    `wants` says whether one is to be asked now. `key` names the party in its answers and in the job's arguments.
    """

    job: str
    key: str
    parties: type[P]
    answers: type[A]
    obtain: Callable[[P, Checkpoint], dict[str, Any]]
    check: Callable[[A, str], object]
    wants: Callable[[P], bool] = lambda _party: True

    def add(self, *, name: str, url: str, **facts: Any) -> P:
        """Store a party and ask it. Raises `Problem` (`party-name`) for a name that is missing or taken."""
        name = name.strip()
        if not name or _all(self.parties).filter(name=name).exists():
            raise Problem("party-name", _("写一个还没用过的名称。"))
        with transaction.atomic():
            stored = self.parties(name=name[:60], url=url[:500], created_at=clock.now(), **facts)
            stored.save()
            self.ask_all()
        return stored

    def switch(self, party_id: int, *, enabled: bool) -> P:
        """Ask a party from now on, or no longer. Raises `Absent`."""
        party = _all(self.parties).filter(pk=party_id).first()
        if party is None:
            raise Absent
        with transaction.atomic():
            party.enabled = enabled
            party.save(update_fields=["enabled"])
            self.ask_all()
        return party

    def asked(self) -> list[P]:
        """Return the parties that are to be asked for the newest checkpoint, if they have not answered."""
        newest = _newest()
        if newest is None:
            return []
        done = _all(self.answers).filter(size=newest.size).values(f"{self.key}_id")
        rows = _all(self.parties).filter(enabled=True).exclude(pk__in=done).order_by("pk")
        return [party for party in rows if self.wants(party)]

    def ask_all(self) -> None:
        """Enqueue a job for every party that is to be asked."""
        for party in self.asked():
            jobs.enqueue(self.job, key=f"{self.job}:{party.pk}", **{self.key: party.pk})

    def carry_out(self, run: Run) -> None:
        """Ask one party: the job of this kind. A failure is noted and raised again."""
        party = _all(self.parties).filter(pk=run.args[self.key], enabled=True).first()
        if party is None:
            return
        try:
            self.ask_newest(party)
        except Problem as problem:
            note_failure(party, problem)
            raise

    def ask_newest(self, party: P) -> A | None:
        """Return a party's answer over the newest checkpoint, asking for it where there is none.

        None before the first checkpoint. Raises `Problem`: it is away, refuses, or its answer does not verify.
        """
        newest = _newest()
        if newest is None:
            return None
        known = self.answers_of(party).filter(size=newest.size).first()
        if known is not None:
            return known
        facts = self.obtain(party, newest)
        with transaction.atomic():
            _all(self.parties).filter(pk=party.pk).update(failing_since_at=None, problem="")
            named: dict[str, Any] = {self.key: party, "size": newest.size}
            return _all(self.answers).update_or_create(defaults=facts, **named)[0]

    def answers_of(self, party: P) -> "QuerySet[A]":
        """Return what a party has answered, the newest first."""
        return _all(self.answers).filter(**{self.key: party}).order_by("-size")

    def over(self, sizes: Iterable[int]) -> "QuerySet[A]":
        """Return what was answered over checkpoints of these sizes."""
        return self.every_answer().filter(size__in=list(sizes))

    def every_answer(self) -> "QuerySet[A]":
        """Return all that was answered, with the parties, in the order of the log."""
        return _all(self.answers).select_related(self.key).order_by("size", f"{self.key}_id")


KINDS: list[Kind[Any, Any]] = []


def connect(kinds: Iterable[Kind[Any, Any]]) -> None:
    """Make the kinds of parties known; `wiring` calls this once at start-up."""
    KINDS[:] = kinds


def sign(_run: Run) -> None:
    """Sign the log if it has grown, and ask everybody: the job `checkpoint`."""
    checkpoint()


def checkpoint() -> Checkpoint | None:
    """Sign the log as it stands and ask everybody over it; see `ledger.checkpoint`."""
    with transaction.atomic():
        signed = ledger.checkpoint()
        ask_everybody()
    return signed


def ask_everybody() -> None:
    """Enqueue a job for each party that is to be asked for the newest checkpoint."""
    for kind in KINDS:
        kind.ask_all()


def ask_at_once() -> list[Party]:
    """Ask everybody now, one after the other; return those that failed, which is noted."""
    silent = []
    for kind in KINDS:
        for party in kind.asked():
            try:
                kind.ask_newest(party)
            except Problem as problem:
                note_failure(party, problem)
                silent.append(party)
    return silent


def note_failure(party: Party, problem: Problem) -> None:
    """Keep what went wrong, and since when, for the page."""
    since = party.failing_since_at or clock.now()
    rows = _all(type(party)).filter(pk=party.pk)
    rows.update(failing_since_at=since, problem=problem.text[:1000])


def checked_url(url: str) -> str:
    """Return an address over HTTP without the space around it. Raises `Problem` (`party-url`)."""
    url = url.strip()
    if not url.startswith(("https://", "http://")):
        raise Problem("party-url", _("地址要以 https:// 或 http:// 开头。"))
    return url


def _all(model: type[M]) -> "QuerySet[M]":
    return model._default_manager.all()  # noqa: SLF001  # the one name that abstract models have for it


def _newest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()
