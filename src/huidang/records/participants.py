"""Accounts that wrote or are members: one row each; the newest name stands, an unstated role overwrites nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from huidang.kernel import bulk
from huidang.kernel.spelling import spell
from huidang.records import entries
from huidang.records.drafts import ParticipantDraft
from huidang.records.leaves import Facts
from huidang.records.models import Participant

_TABLE = Participant._meta.db_table
_COLUMNS = ("source_id", "platform_id", "name", "spelling", "role", "role_ground", "role_corrected", "union_id")
_REMEMBERED = 50_000


@dataclass(slots=True)
class Claim:
    """What one batch says of an account, and since when (ms since 1970; 0 = at an unknown time)."""

    name: str = ""
    name_ms: int = -1
    role: str = ""
    ground: str = ""
    role_ms: int = -1
    union_id: str = ""

    def said(self) -> tuple[str, ...]:
        """Return what is said, without since when."""
        return self.name, self.role, self.ground, self.union_id

    def take_name(self, name: str, at_ms: int) -> bool:
        """Keep the newer name; of two at the same moment the greater, so that order does not matter."""
        newer = bool(name) and (at_ms, name) > (self.name_ms, self.name)
        if newer:
            self.name, self.name_ms = name, at_ms
        return newer

    def take_role(self, role: str, ground: str, at_ms: int) -> bool:
        """Keep the newer stated role with its ground."""
        newer = bool(role) and (at_ms, role, ground) > (self.role_ms, self.role, self.ground)
        if newer:
            self.role, self.ground, self.role_ms = role, ground, at_ms
        return newer


def claims_of(written: Iterable[Facts], stated: Iterable[ParticipantDraft], stated_ms: int) -> dict[str, Claim]:
    """Gather by stored id what a batch says of its accounts."""
    claims: dict[str, Claim] = {}
    for facts in written:
        if facts.sender:
            claim = claims.get(facts.sender)
            if claim is None:
                claim = claims[facts.sender] = Claim()
            if facts.sent_ms >= claim.name_ms:
                claim.take_name(facts.sender_name, facts.sent_ms)
            if facts.role:
                claim.take_role(facts.role, "message", facts.sent_ms)
    for account in stated:
        claim = claims.setdefault(entries.fit(account.id), Claim())
        claim.take_name(account.name[: entries.LONGEST_NAME], stated_ms)
        claim.take_role(account.role, account.ground, stated_ms)
        claim.union_id = account.union_id or claim.union_id
    return claims


class Accounts:
    """The accounts of one source, remembered between batches. Forget it when a transaction was rolled back.

    Whoever writes on and on under one name is written once, and the time since when the name stands by `flush`.
    """

    def __init__(self, source_id: int) -> None:
        self._source = source_id
        self._known: dict[str, tuple[int, Claim]] = {}
        self._written: set[str] = set()
        self._late: set[str] = set()

    def settle(self, claims: Mapping[str, Claim]) -> dict[str, int]:
        """Store what is new in the claims and return the row id of every account."""
        if len(self._known) > _REMEMBERED:
            self.flush()
            self._known.clear()
            self._written.clear()
        missing = [account for account in claims if account not in self._known]
        if missing:
            self._load(missing)
            self._add([account for account in missing if account not in self._known])
        self._write([account for account, claim in claims.items() if self._renew(account, claim)])
        return {account: self._known[account][0] for account in claims}

    @property
    def is_behind(self) -> bool:
        """Whether there is anything to flush."""
        return bool(self._late)

    def flush(self) -> None:
        """Store the times that were not worth a row of their own in each batch, unless somebody else said more."""
        known = [self._known[account] for account in self._late]
        bulk.execute(
            f'UPDATE "{_TABLE}" SET named_at=%s, role_at=%s WHERE id=%s AND name=%s AND role=%s',  # noqa: S608
            [(*_times(claim), row, claim.name, claim.role) for row, claim in known],
        )
        self._late.clear()

    def _load(self, accounts: list[str]) -> None:
        wanted, parameters = bulk.table_of(account=("text", accounts))
        rows = bulk.select(
            f"SELECT p.platform_id, p.id, p.name, p.named_at, p.role, p.role_ground, p.role_at, p.union_id "  # noqa: S608
            f'FROM {wanted} wanted CROSS JOIN "{_TABLE}" p WHERE p.source_id = %s AND p.platform_id = wanted.account',
            [*parameters, self._source],
        )
        for account, row, name, named_at, role, ground, role_at, union_id in rows:
            claim = Claim(name, bulk.ms_of(named_at), role, ground, bulk.ms_of(role_at), union_id)
            self._known[account] = (row, claim)

    def _add(self, accounts: list[str]) -> None:
        rows = [(self._source, account, "", "", "", "", "", "") for account in accounts]
        bulk.insert(_TABLE, _COLUMNS, rows)
        self._load(accounts)

    def _renew(self, account: str, claim: Claim) -> bool:
        """Take over what a claim says that is new; say whether it is to be written now."""
        known = self._known[account][1]
        before = known.said()
        newer = known.take_name(claim.name, claim.name_ms) | known.take_role(claim.role, claim.ground, claim.role_ms)
        known.union_id = claim.union_id or known.union_id
        if known.said() == before and (not newer or account in self._written):
            self._late |= {account} if newer else set()
            return False
        self._late.discard(account)
        return True

    def _write(self, accounts: Collection[str]) -> None:
        changed = [(*_row(claim), row) for row, claim in (self._known[account] for account in accounts)]
        self._written.update(accounts)
        bulk.execute(
            f'UPDATE "{_TABLE}" SET name=%s, spelling=%s, named_at=%s, role=%s, role_ground=%s, role_at=%s, '  # noqa: S608
            f"union_id=%s WHERE id=%s",
            changed,
        )


def _row(claim: Claim) -> tuple[str | None, ...]:
    named_at, role_at = _times(claim)
    return claim.name, spell(claim.name), named_at, claim.role, claim.ground, role_at, claim.union_id


def _times(claim: Claim) -> tuple[str | None, str | None]:
    return _moment(claim.name_ms), _moment(claim.role_ms)


def _moment(milliseconds: int) -> str | None:
    return bulk.moment(milliseconds) if milliseconds >= 0 else None
