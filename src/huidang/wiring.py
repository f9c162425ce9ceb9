"""The flow of the system on one page: event -> handlers, job kinds, schedules.

Read it from the top: something happens (`EVENTS`), which asks for work (`JOBS`); some work is asked for by the clock
(`SCHEDULES`). Handlers of events run inside the transaction of the event and only enqueue keyed jobs.
"""

from huidang.exports import asking, running
from huidang.kernel import anchoring, anchors, blobs, compacting, events, jobs, limits, stamps, witnesses
from huidang.kernel.events import EventHandler
from huidang.kernel.jobs import Every, Handler
from huidang.people import departments, pruning, reveals, sightings
from huidang.people.login import sessions
from huidang.people.login.limits import forget_old as forget_attempts
from huidang.records import cases, deletions, erasing, filetexts, identities, placing
from huidang.search import comparison, indexer, labels, saved
from huidang.shelves import lexicons
from huidang.shelves.labelling import Labels
from huidang.sources import uploads
from huidang.upkeep import verify

EVENTS: dict[str, tuple[EventHandler, ...]] = {
    "records": (indexer.wanted, cases.wanted, filetexts.wanted),
    "placements": (indexer.placed,),
    "lexicons": (indexer.relabel_wanted,),
    "masks": (indexer.relabel_wanted,),
    "requests": (asking.decided, deletions.decided),
    "marks": (indexer.marked,),
    "erasures": (indexer.changed, uploads.erased, running.erased),
    "file-texts": (indexer.changed,),
}

PARTIES = (stamps.AUTHORITIES, witnesses.WITNESSES, anchors.ANCHORS)
"""Who is asked over every checkpoint: the jobs `stamp`, `cosign` and `anchor`."""

JOBS: dict[str, Handler] = {
    "prune-changes": Handler(events.prune),
    "clean-blobs": Handler(blobs.clean),
    "checkpoint": Handler(anchoring.sign),
    **{kind.job: Handler(kind.carry_out, lease_seconds=120) for kind in PARTIES},
    "index": Handler(indexer.index),
    "rebuild-index": Handler(indexer.rebuild_beside),
    "compare-index": Handler(comparison.compare),
    "relabel": Handler(indexer.relabel, lease_seconds=300),
    "settle-sightings": Handler(sightings.settle),
    "prune-audit": Handler(pruning.daily, lease_seconds=300),
    "forget-reveals": Handler(reveals.forget_old),
    "forget-attempts": Handler(forget_attempts),
    "forget-views": Handler(saved.forget_removed),
    "forget-tallies": Handler(limits.forget_old),
    "forget-sessions": Handler(sessions.forget_old),
    "cases": Handler(cases.cut_stale),
    "identities": Handler(identities.merge_by_key),
    "ingest": Handler(uploads.read, lease_seconds=300),
    "export": Handler(running.carry_out, attempts=3, lease_seconds=600),
    "export-decision": Handler(asking.follow_decision),
    "tend-exports": Handler(running.tend),
    "verify": Handler(verify.verify_in_background, lease_seconds=600),
    "erase": Handler(deletions.carry_out, lease_seconds=300),
    "forget-files": Handler(erasing.forget_files),
    "forget-uploads": Handler(uploads.forget_erased),
    "forget-exports": Handler(running.forget_erased),
    "compact": Handler(compacting.compact, lease_seconds=3600),
    "read-files": Handler(filetexts.read_new, lease_seconds=300),
}

SCHEDULES = (
    Every("compare-index", seconds=86_400),
    Every("prune-changes", seconds=600),
    Every("clean-blobs", seconds=3600),
    Every("checkpoint", seconds=600),
    Every("settle-sightings", seconds=60),
    Every("prune-audit", seconds=24 * 3600),
    Every("forget-reveals", seconds=24 * 3600),
    Every("forget-attempts", seconds=24 * 3600),
    Every("forget-views", seconds=24 * 3600),
    Every("forget-tallies", seconds=3600),
    Every("forget-sessions", seconds=24 * 3600),
    Every("identities", seconds=60),
    Every("tend-exports", seconds=3600),
    Every("read-files", seconds=3600),
)


HOLDINGS = (placing.first_of, lexicons.first_of)
"""What lies in departments besides people and rights, so that no department is deleted over it."""


def connect() -> None:
    """Connect all of it; the start of the program calls this once."""
    events.connect(EVENTS)
    jobs.connect(JOBS, SCHEDULES)
    anchoring.connect(PARTIES)
    labels.connect(Labels())
    departments.connect(HOLDINGS)
