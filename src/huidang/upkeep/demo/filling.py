"""Brings the demo company into an empty archive: departments and people, then three months day by day."""

import fcntl
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from itertools import groupby
from typing import IO, Final
from zoneinfo import ZoneInfo

from django.core.management import call_command

from huidang.kernel import clock
from huidang.people import create_user, departments, get_user, give, invite
from huidang.people.models import Department, User
from huidang.records import Appender, Origin
from huidang.records.models import Conversation
from huidang.records.prepared import ReadyFact, arrive, prepare_all
from huidang.settings import HOUSE
from huidang.upkeep.demo import company
from huidang.upkeep.demo.company import Agent
from huidang.upkeep.demo.talk import DAYS, Spoken, Thread, plan
from huidang.upkeep.demo.wire import Post, open_posts

MESSAGES: Final = 20_000
SEED: Final = 20241118
ZONE: Final = ZoneInfo("Asia/Shanghai")
WHY: Final = "the demo company places the conversations it has just made"
Progress = Callable[[float, str], object]
_BEGUN, _DONE = "begun", "done"


@contextmanager
def once() -> Iterator[bool]:
    """Say whether the block is to fill the demo's archive; blocks of several processes wait for each other.

    What a block left that was cut short, were it by a kill, is thrown away first: nothing else can be in that archive.
    """
    with (HOUSE.data.parent / "filling").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        mark.seek(0)
        said = mark.read()
        if said == _DONE or (not said and is_filled()):
            yield False
            return
        if said:
            _clear()
        _say(mark, _BEGUN)
        yield True
        _say(mark, _DONE)


def is_filled() -> bool:
    """Say whether the demo company lives here."""
    return User.objects.filter(username=company.CAST[-1].username).exists()


def fill(*, messages: int = MESSAGES, seed: int = SEED, progress: Progress | None = None) -> int:
    """Fill an empty archive and return the number of messages; `progress` is told the share done and words on it."""
    places = {short: departments.ensure(path) for short, path in company.DEPARTMENTS.items()}
    agents = [_hire(agent, places) for agent in company.AGENTS]
    spoken = plan(clock.now().astimezone(ZONE), messages=messages, seed=seed)
    posts = open_posts(seed)
    with ExitStack() as stack:
        doors = {name: stack.enter_context(Appender(_origin(post))) for name, post in posts.items()}
        for done, (day, said) in enumerate(_days(spoken), 1):
            _deliver(posts, doors, said)
            if progress is not None:
                progress(done / DAYS, f"{day:%m-%d}")
    _place({act.thread.number: act.thread for act in spoken}.values(), posts, places, agents)
    _cast(places)
    return len(spoken)


def links() -> list[tuple[str, str]]:
    """Return who of the cast (`周敏 客服 · agent`) signs in with which new one-time token."""
    return [(f"{one.name} {one.title}", invite(get_user(one.username))) for one in company.CAST]


def _clear() -> None:
    call_command("flush", verbosity=0, interactive=False)
    shutil.rmtree(HOUSE.data / "index", ignore_errors=True)  # it comes back


def _say(mark: IO[str], word: str) -> None:
    mark.truncate(0)
    mark.write(word)
    mark.flush()


def _hire(agent: Agent, places: dict[str, Department]) -> User:
    user = create_user(agent.username, name=agent.name, department=places[agent.team])
    give(user, "agent", over=places[agent.team])
    return user


def _cast(places: dict[str, Department]) -> None:
    """Give the cast and the supervisors what they may do."""
    known = {agent.username for agent in company.AGENTS}
    for short, above in company.SUPERVISORS.items():
        user = create_user(above.username, name=above.name, department=places[short])
        give(user, "supervisor", over=places[short])
        known.add(above.username)
    for one in company.CAST:
        if one.username not in known:
            user = create_user(one.username, name=one.name, department=places[one.over])
            give(user, one.role, everything=True)


def _days(spoken: Iterable[Spoken]) -> Iterator[tuple[date, list[Spoken]]]:
    for day, said in groupby(spoken, key=lambda act: act.at.date()):
        yield day, list(said)


def _deliver(posts: dict[str, Post], doors: dict[str, Appender], said: list[Spoken]) -> None:
    """Append one day as it would have come in: a minute after its last message."""
    with clock.frozen(min(said[-1].at + timedelta(minutes=1), clock.now())):
        for platform, post in posts.items():
            doors[platform].append(_ready(post, [act for act in said if act.thread.platform == platform]))


def _origin(post: Post) -> Origin:
    custody = {"format": "demo", "name": f"demo-{post.source.platform}", "tool": "huidang serve --demo"}
    return Origin(source=post.source, custody=custody, open_media=post.open)


def _ready(post: Post, said: list[Spoken]) -> Iterator[ReadyFact]:
    arrival = arrive(post.source)
    for act in said:
        for parcel in post.send(act):
            yield from prepare_all(parcel.facts, parcel.raw, arrival)


def _place(
    threads: Iterable[Thread], posts: dict[str, Post], places: dict[str, Department], agents: list[User]
) -> None:
    """Give every conversation its department and the agent who owns it."""
    users = {user.username: user for user in agents}
    ids: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for thread in threads:
        name = posts[thread.platform].platform.conversation_id(thread)
        ids[thread.platform, thread.team, thread.agent.username].append(name)
    for (platform, team, username), names in ids.items():
        Conversation.objects.unguarded(WHY).filter(source__platform=platform, platform_id__in=names).update(
            department=places[team], owner=users[username]
        )
