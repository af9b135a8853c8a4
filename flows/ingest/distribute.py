"""Share a night's feeds with other workers: hand out shares, collect the outcomes, do what nobody did.

Whatever becomes of the others, each feed gets its outcome: one that is not recorded in time is worked here. Both may
come to an outcome then, and the ledger keeps the first.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Final, Protocol

from msgspec import Struct, field
from sqlalchemy import Connection

from flows.ingest.passes import TaskRunner, work_feeds
from flows.runs.context import RunContext
from flows.runs.plan import Shard, shards_of
from models.archive.ledger.feeds import load_memories
from models.queries.ledger.runs import run_report
from models.reports import FeedReport
from models.stages import FeedSpec

log = logging.getLogger(__name__)


class ShareProgress(Enum):
    """How far a worker is with its share."""

    WAITING = auto()  # none has taken it yet
    WORKING = auto()
    ENDED = auto()


class WorkerPool(Protocol):
    """Other workers, which can be given shares."""

    async def size(self) -> int:
        """Count the workers that could take a share now."""

    async def give(self, run_id: int, share: Shard) -> str | None:
        """Ask for a share to be worked and return the name of the run that will; None where nobody can be asked."""

    async def standings(self) -> Mapping[str, ShareProgress]:
        """Tell how the runs stand; one that is not named is not known about just now."""

    async def withdraw(self, runs: list[str]) -> None:
        """End runs that are not wanted any more."""


class WaitLimits(Struct, frozen=True, kw_only=True):
    """How long others are waited for, in seconds."""

    start_s: float = 60.0  # a free worker looks for work every ten
    silent_s: float = 300.0  # without one more feed: longer than a feed's deadline and its parser's together
    look_s: float = 1.0  # between two looks


WAIT_LIMITS: Final = WaitLimits()


class _Given(Struct, kw_only=True):
    """A share that was given out, and what is known of it. Moments are by the loop's clock."""

    share: Shard
    given_at: float
    heard_at: float
    standing: ShareProgress = ShareProgress.WAITING
    left: dict[str, FeedSpec] = field(default_factory=dict)  # not recorded yet

    def hear(self, standing: ShareProgress, recorded: set[str], now: float) -> None:
        """Take note of how it stands and of what it recorded."""
        left = {name: spec for name, spec in self.left.items() if name not in recorded}
        if len(left) < len(self.left) or standing is not self.standing:
            self.heard_at = now
        self.left, self.standing = left, standing

    def why_give_up(self, now: float, retry_after: WaitLimits) -> str | None:
        """Return why its feeds are not waited for any more; None where they are."""
        if self.standing is ShareProgress.ENDED:
            return "it ended without them"
        if self.standing is ShareProgress.WAITING and now - self.given_at > retry_after.start_s:
            return "no worker took it"
        if now - self.heard_at > retry_after.silent_s:
            return "nothing was heard of it"
        return None


async def distribute(
    run: RunContext, runner: TaskRunner, pool: WorkerPool, most: int, retry_after: WaitLimits = WAIT_LIMITS
) -> None:
    """Work a night's feeds together with at most so many others. One share is always this process's own."""
    shares = shards_of(run.plan.specs, 1 + min(most, await pool.size()))
    given: dict[str, _Given] = {}
    try:
        await _give(run, pool, shares[1:], given)
        taken = {name for one in given.values() for name in one.left}
        await work_feeds(run, [spec for spec in run.plan.specs if spec.id not in taken], runner)
        while given:
            await work_feeds(run, await _look(run, pool, given, retry_after), runner)
            await asyncio.sleep(retry_after.look_s if given else 0)
    finally:
        await pool.withdraw(list(given))


async def _give(run: RunContext, pool: WorkerPool, shares: Iterable[Shard], given: dict[str, _Given]) -> None:
    """Give shares out; one that nobody can be asked for stays here."""
    for share in shares:
        if run_name := await pool.give(run.plan.run_id, share):
            now = asyncio.get_running_loop().time()
            left = {spec.id: spec for spec in share.specs}
            given[run_name] = _Given(share=share, given_at=now, heard_at=now, left=left)


async def _look(run: RunContext, pool: WorkerPool, given: dict[str, _Given], retry_after: WaitLimits) -> list[FeedSpec]:
    """Take in what others recorded, strike out who is done or given up, and return the feeds that are left over."""
    standings = await pool.standings()  # first: what an ended run recorded is there then
    theirs = {name for one in given.values() for name in one.left}
    recorded, asked = await run.session.read(_recorded, run.plan.run_id, theirs)
    run.reports |= recorded
    run.retry_after |= asked
    now = asyncio.get_running_loop().time()
    left_over: list[FeedSpec] = []
    for run_name, one in list(given.items()):
        one.hear(standings.get(run_name, one.standing), set(recorded), now)
        reason = one.why_give_up(now, retry_after) if one.left else None
        if reason:
            log.warning("shard %s: %s; its %d feeds are worked here", one.share.name, reason, len(one.left))
            await pool.withdraw([run_name])
            left_over += one.left.values()
        if reason or not one.left:
            del given[run_name]
    return left_over


def _recorded(
    connection: Connection, run_id: int, names: set[str]
) -> tuple[dict[str, FeedReport], dict[str, datetime]]:
    """Read what a run has recorded of feeds, and until when some of them asked to be left alone."""
    reports = {one.feed: one for one in run_report(connection, run_id).feeds if one.feed in names}
    memories = load_memories(connection) if reports else {}
    asked = {name: moment for name in reports if (moment := memories[name].next_attempt_at)}
    return reports, asked
