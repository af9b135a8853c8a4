"""Share a night's feeds with other workers: give shares out, take in what they recorded, work what nobody did.

Whatever becomes of the others, each feed gets its outcome: one that is not recorded in time is worked here. Both may
come to an outcome then, and the ledger keeps the first.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from sqlalchemy import Connection

from flows.night.night import Night
from flows.night.plan import Shard, shards_of
from flows.night.story import Hands, work_feeds
from models.archive.feeds import load_memories
from models.queries.runs import run_report
from models.reports import FeedReport
from models.stages import FeedSpec

log = logging.getLogger(__name__)


class Standing(Enum):
    """How far a worker is with its share."""

    WAITING = auto()  # none has taken it yet
    WORKING = auto()
    ENDED = auto()


class Crew(Protocol):
    """Other workers, which can be given shares."""

    async def size(self) -> int:
        """Count the workers that could take a share now."""

    async def give(self, run_id: int, share: Shard) -> str | None:
        """Ask for a share to be worked and return the name of the run that will; None where nobody can be asked."""

    async def standings(self) -> Mapping[str, Standing]:
        """Tell how the runs stand; one that is not named is not known about just now."""

    async def withdraw(self, runs: list[str]) -> None:
        """End runs that are not wanted any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long others are waited for, in seconds."""

    start_s: float = 60.0  # a free worker looks for work every ten
    silent_s: float = 300.0  # without one more feed: longer than a feed's deadline and its parser's together
    look_s: float = 1.0  # between two looks


PATIENCE: Final = Patience()


@dataclass(slots=True, kw_only=True)
class _Given:
    """A share that was given out, and what is known of it. Moments are by the loop's clock."""

    share: Shard
    given_at: float
    heard_at: float
    standing: Standing = Standing.WAITING
    left: dict[str, FeedSpec] = field(default_factory=dict)  # not recorded yet

    def hear(self, standing: Standing, recorded: set[str], now: float) -> None:
        """Take note of how it stands and of what it recorded."""
        left = {name: spec for name, spec in self.left.items() if name not in recorded}
        if len(left) < len(self.left) or standing is not self.standing:
            self.heard_at = now
        self.left, self.standing = left, standing

    def why_give_up(self, now: float, patience: Patience) -> str | None:
        """Return why its feeds are not waited for any more; None where they are."""
        if self.standing is Standing.ENDED:
            return "it ended without them"
        if self.standing is Standing.WAITING and now - self.given_at > patience.start_s:
            return "no worker took it"
        if now - self.heard_at > patience.silent_s:
            return "nothing was heard of it"
        return None


async def work_shared(night: Night, hands: Hands, crew: Crew, most: int, patience: Patience = PATIENCE) -> None:
    """Work a night's feeds together with at most so many others. One share is always this process's own."""
    shares = shards_of(night.plan.specs, 1 + min(most, await crew.size()))
    given: dict[str, _Given] = {}
    try:
        await _give(night, crew, shares[1:], given)
        taken = {name for one in given.values() for name in one.left}
        await work_feeds(night, [spec for spec in night.plan.specs if spec.id not in taken], hands)
        while given:
            await work_feeds(night, await _look(night, crew, given, patience), hands)
            await asyncio.sleep(patience.look_s if given else 0)
    finally:
        await crew.withdraw(list(given))


async def _give(night: Night, crew: Crew, shares: Iterable[Shard], given: dict[str, _Given]) -> None:
    """Give shares out; one that nobody can be asked for stays here."""
    for share in shares:
        if run := await crew.give(night.plan.run_id, share):
            now = asyncio.get_running_loop().time()
            left = {spec.id: spec for spec in share.specs}
            given[run] = _Given(share=share, given_at=now, heard_at=now, left=left)


async def _look(night: Night, crew: Crew, given: dict[str, _Given], patience: Patience) -> list[FeedSpec]:
    """Take in what others recorded, strike out who is done or given up, and return the feeds that are left over."""
    standings = await crew.standings()  # first: what an ended run recorded is there then
    theirs = {name for one in given.values() for name in one.left}
    recorded = await night.desk.read(_recorded, night, theirs)
    night.reports |= recorded
    now = asyncio.get_running_loop().time()
    left_over: list[FeedSpec] = []
    for run, one in list(given.items()):
        one.hear(standings.get(run, one.standing), set(recorded), now)
        reason = one.why_give_up(now, patience) if one.left else None
        if reason:
            log.warning("shard %s: %s; its %d feeds are worked here", one.share.name, reason, len(one.left))
            await crew.withdraw([run])
            left_over += one.left.values()
        if reason or not one.left:
            del given[run]
    return left_over


def _recorded(connection: Connection, night: Night, names: set[str]) -> dict[str, FeedReport]:
    """Read what a run has recorded of feeds, and which of them asked to be left alone for a while."""
    reports = {one.feed: one for one in run_report(connection, night.plan.run_id).feeds if one.feed in names}
    if reports:
        memories = load_memories(connection)
        asked = {name: memories[name].next_attempt_at for name in reports}
        night.patience |= {name: moment for name, moment in asked.items() if moment}
    return reports
