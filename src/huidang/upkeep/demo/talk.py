"""Three months of talk: which matters come up, on which thread, when, and who says what.

The result is free of any platform: `Thread` and `Spoken`, in order of time. Times are in the company's zone.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal

from huidang.upkeep.demo import company, scripts
from huidang.upkeep.demo.scripts import Line, Script
from huidang.upkeep.demo.slots import NAMES, Setting, Slots, person

DAYS: Final = 91
WEIGHTS: Final = {"售后": 34, "售前": 13, "物流": 17, "投诉": 7, "学员": 12, "财务": 9, "经销商": 10, "海外": 11}
RETURNING: Final = 0.45  # share of matters that a known customer brings
WEEKEND: Final = 0.65
SALE_DAYS_AGO: Final = (12, 13, 47)  # a promotion brings half as many more
SALE: Final = 1.6
SPICES: Final = {"补充语音": 0.10, "催促": 0.06, "误发撤回": 0.04}
DEALERS, CLASSES, PARTNERS = 16, 8, 12
HOURS: Final = (2, 4, 7, 9, 8, 5, 6, 8, 9, 8, 6, 5, 6, 5, 2)  # weight of each hour from 8 to 22
FIRST_HOUR: Final = 8
DELAYS: Final = {"客": (4, 150), "C": (10, 900), "机": (1, 3), "B": (1, 3), "师": (30, 1500), "主": (40, 900)}
AGENT_DELAY: Final = (6, 200)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on a thread: `who` is stable, `role` one of agent, customer, robot, system."""

    who: str
    name: str
    role: Literal["agent", "customer", "robot"]


@dataclass(slots=True)
class Thread:
    """A conversation that lasts: its speakers by the script's letter, and when it is taken."""

    platform: str
    number: int
    title: str
    group: bool
    team: str
    agent: company.Agent
    cast: dict[str, Account] = field(default_factory=dict)
    taken: list[tuple[datetime, datetime]] = field(default_factory=list)

    def is_free(self, begin: datetime, end: datetime) -> bool:
        """Say whether no other matter is being talked about."""
        return all(end < first or begin > last for first, last in self.taken)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One act of one speaker on one thread; `number` is unique, `answers` the number of the line before."""

    number: int
    thread: Thread
    speaker: Account
    at: datetime
    act: str
    text: str
    scene: str
    begins: int  # number of the first line of this matter
    answers: int


ROBOT: Final = Account("robot", "望山小助手", "robot")


def plan(now: datetime, *, messages: int, seed: int) -> list[Spoken]:
    """Return about `messages` acts of the three months that end at `now`, in order of time."""
    spoken = _Planner(now, Random(seed)).speak(messages)
    return sorted(spoken, key=lambda act: (act.at, act.number))


class _Planner:
    """Draws matters until enough has been said."""

    def __init__(self, now: datetime, chance: Random) -> None:
        self.now = now
        self.chance = chance
        self.number = 0
        self.threads: dict[tuple[str, ...], Thread] = {}
        self.customers: dict[str, list[tuple[str, company.Agent]]] = {}
        self.library = _by_team()
        self.days = self._days()
        self.shown: Counter[str] = Counter()

    def _days(self) -> list[tuple[datetime, float]]:
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        days = [(ago, midnight - timedelta(days=ago)) for ago in range(DAYS)]
        return [(day, _busy(day, ago)) for ago, day in days]

    def speak(self, messages: int) -> Iterator[Spoken]:
        """Yield whole matters until `messages` is reached."""
        teams = list(WEIGHTS)
        while self.number < messages:
            team = self.chance.choices(teams, [WEIGHTS[name] for name in teams])[0]
            yield from self._matter(self._choose(team), team)

    def _choose(self, team: str) -> Script:
        """Prefer what was told less often, so that no script is worn out while another was never heard."""
        drawn = self.chance.sample(self.library[team], min(3, len(self.library[team])))
        script = min(drawn, key=lambda one: self.shown[one.title])
        self.shown[script.title] += 1
        return script if script.platform == "slack" else self._spiced(script)

    def _spiced(self, script: Script) -> Script:
        """Let happen in any matter what may happen in any: a voice note, impatience, a message to the wrong person."""
        lines = list(script.lines)
        for block, share in SPICES.items():
            if self.chance.random() < share:
                lines.insert(self.chance.randrange(len(lines) // 2, len(lines)), f"+ {block}")
        return replace(script, lines=tuple(lines))

    def _matter(self, script: Script, team: str) -> Iterator[Spoken]:
        customer, agent = self._who(team)
        begin = self._begin()
        slots = Slots(self.chance, self._setting(script, team, begin, customer, agent))
        lines = scripts.draw(script, slots, self.chance)
        needs_group = script.group or any(line.speaker not in "客服" for line in lines)
        thread = self._thread(script, team, customer, agent, group=needs_group)
        timed = self._time(lines, begin)
        for _ in range(6):
            if thread.is_free(timed[0][0], timed[-1][0]):
                break
            timed = self._time(lines, self._begin())
        thread.taken.append((timed[0][0], timed[-1][0]))
        yield from self._say(thread, timed, script)

    def _who(self, team: str) -> tuple[str, company.Agent]:
        known = self.customers.setdefault(team, [])
        enough = {"经销商": DEALERS, "海外": PARTNERS}.get(team)
        if known and (len(known) == enough or (not enough and self.chance.random() < RETURNING)):
            return self.chance.choice(known)
        agents = [agent for agent in company.AGENTS if agent.team == team]
        name = self.chance.choice(NAMES) if team == "海外" else person(self.chance)
        known.append((name, self.chance.choice(agents)))
        return known[-1]

    def _setting(self, script: Script, team: str, at: datetime, customer: str, agent: company.Agent) -> Setting:
        colleague = self.chance.choice(company.AGENTS).name
        supervisor = company.supervisor_of(team).name
        return Setting(at, script.product, script.scene, customer, agent.name, colleague, supervisor)

    def _begin(self) -> datetime:
        day = self.chance.choices([day for day, _ in self.days], [busy for _, busy in self.days])[0]
        hour = self.chance.choices(range(FIRST_HOUR, FIRST_HOUR + len(HOURS)), HOURS)[0]
        return day + timedelta(hours=hour, seconds=self.chance.randrange(3600))

    def _time(self, lines: list[Line], begin: datetime) -> list[tuple[datetime, Line]]:
        timed, at = [], begin
        for line in lines:
            low, high = DELAYS.get(line.speaker, AGENT_DELAY)
            seconds = low + (high - low) * self.chance.random() ** 3 + min(len(line.text), 60) / 4
            at += timedelta(seconds=round(seconds + line.pause_seconds * self.chance.uniform(0.6, 1.5)))
            at = _daytime(at) if line.pause_seconds else at
            timed.append((at, line))
        return timed

    def _thread(self, script: Script, team: str, customer: str, agent: company.Agent, *, group: bool) -> Thread:
        platform = "dingtalk" if team == "学员" and group else script.platform
        key = (platform, customer, agent.username, str(group))
        if key not in self.threads:
            cast = _cast(customer, agent, team)
            title = _title(platform, customer, team, group=group, number=len(self.threads))
            self.threads[key] = Thread(platform, len(self.threads) + 1, title, group, team, agent, cast)
        return self.threads[key]

    def _say(self, thread: Thread, timed: list[tuple[datetime, Line]], script: Script) -> Iterator[Spoken]:
        begins = self.number + 1
        for at, line in timed:
            if at > self.now:
                return
            self.number += 1
            speaker = thread.cast.get(line.speaker, ROBOT)
            scene = line.text if line.act == "image" else script.scene
            answers = self.number - 1 if self.number > begins else 0
            yield Spoken(self.number, thread, speaker, at, line.act, line.text, scene, begins, answers)


def _by_team() -> dict[str, list[Script]]:
    found: dict[str, list[Script]] = {}
    for script in scripts.read_library().scripts:
        found.setdefault(company.TEAM_OF.get(script.team, script.team), []).append(script)
    return found


def _busy(day: datetime, ago: int) -> float:
    weekend = WEEKEND if day.isoweekday() > 5 else 1.0
    return weekend * (SALE if ago in SALE_DAYS_AGO else 1.0)


def _daytime(at: datetime) -> datetime:
    """Move what would be said at night to the next morning."""
    if FIRST_HOUR <= at.hour < FIRST_HOUR + len(HOURS):
        return at
    later = at + timedelta(days=1 if at.hour > FIRST_HOUR else 0)
    return later.replace(hour=FIRST_HOUR + at.minute % 3)


def _title(platform: str, customer: str, team: str, *, group: bool, number: int) -> str:
    if not group:
        return customer
    if platform == "slack":
        return f"partner-{customer.rsplit(maxsplit=1)[-1].lower()}"
    if team == "经销商":
        return f"望山经销商群 · {customer}（{number % 90 + 10} 店）"
    return f"{customer} · 望山{'学堂' if team == '学员' else ''}服务群"


def _cast(customer: str, agent: company.Agent, team: str) -> dict[str, Account]:
    above = company.supervisor_of(team)
    buyer = Account(f"customer:{customer}", customer, "customer")
    host = Account(agent.username, agent.name, "agent")
    boss = Account(above.username, above.name, "agent")
    fitter = Account(f"fitter{len(customer) + ord(customer[0]) % 12}", "安装服务站", "agent")
    money = Account("yefang", "叶芳", "agent")
    return {
        "客": buyer,
        "服": host,
        "机": ROBOT,
        "师": fitter,
        "主": boss,
        "财": money,
        "C": buyer,
        "A": host,
        "S": boss,
    }
