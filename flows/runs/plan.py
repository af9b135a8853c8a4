"""The plan of a run as data: its feeds, limits and page budget, and how feeds are grouped into shards."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from config.settings import Settings
from models.archive.ledger.feeds import FeedMemory
from models.reports import RunMode
from models.stages import FeedSpec

MAX_FEED_TASKS: Final = 32  # a Prefect task costs 30 ms of CPU
MAX_RETRY_TASKS: Final = 8
HOPELESS_NIGHTS: Final = 3  # a feed that failed this often gets no second pass


class PageLimits(Struct, frozen=True, kw_only=True):
    """How many pages a night asks for."""

    per_night: int
    per_host: int
    near_misses: int = 0  # beside them, of entries that came near the gate


def page_limits(settings: Settings) -> PageLimits:
    """Turn settings into how many pages a night asks for."""
    pages = settings.pages
    return PageLimits(per_night=pages.per_night, per_host=pages.per_host, near_misses=pages.near_misses)


class RunPlan(Struct, frozen=True, kw_only=True):
    """What a run works on, decided when it is opened."""

    run_id: int
    mode: str
    started_at: datetime
    run_ids: frozenset[int]  # this run and the crashed ones that it makes good
    specs: Sequence[FeedSpec]
    memories: dict[str, FeedMemory]
    is_whole: bool  # all feeds; else those named by hand: dormant and gone ones are asked, other feeds' pages wait
    pages: PageLimits
    second_pass_delay_s: float
    untried: frozenset[str] = frozenset()  # feeds whose last document older code failed on; it is read again
    reading_share: float = 0.0  # of the time in which the run waits for servers: for the second reader at its end

    @property
    def reads_pages(self) -> bool:
        """Tell whether it is likely to read more than feeds: a night does where entries are followed to their pages."""
        is_night = self.mode in {RunMode.RUN, RunMode.RERUN}
        return not is_night or any(spec.full_text for spec in self.specs)


class Shard(Struct, frozen=True, kw_only=True):
    """Feeds that are worked one task at a time; all feeds of a host are in one."""

    name: str
    specs: tuple[FeedSpec, ...]


def shards_of(specs: Iterable[FeedSpec], most: int = MAX_FEED_TASKS) -> list[Shard]:
    """Share feeds out: a host stays whole, the shards are about equally long, and each is named after what it holds."""
    hosts: dict[str, list[FeedSpec]] = defaultdict(list)
    for spec in specs:
        hosts[host_of(spec)].append(spec)
    bins: list[list[str]] = [[] for _ in range(min(len(hosts), most))]
    for host in sorted(hosts, key=lambda name: -len(hosts[name])):
        min(bins, key=lambda names: sum(len(hosts[name]) for name in names)).append(host)
    return [_shard(names, [spec for name in names for spec in hosts[name]]) for names in bins]


def host_of(spec: FeedSpec) -> str:
    """Return the host, with its port, that feeds.yaml names for a feed."""
    return urlsplit(spec.url).netloc.lower()


def second_pass(failed: AbstractSet[str], plan: RunPlan) -> list[Shard]:
    """Choose, of feeds that failed for a passing reason, those that deserve another request tonight."""
    chosen = [spec for spec in plan.specs if spec.id in failed and _may_hope(plan.memories[spec.id])]
    return shards_of(chosen, MAX_RETRY_TASKS)


def longest_unread_first(specs: Iterable[FeedSpec], memories: Mapping[str, FeedMemory]) -> list[FeedSpec]:
    """Put feeds whose last good answer is days older before the others: a host that allows few requests reaches all."""
    return sorted(specs, key=lambda spec: _day(memories[spec.id].last_success_at))


def _day(moment: datetime | None) -> date:
    return moment.date() if moment else date.min


def _may_hope(memory: FeedMemory) -> bool:
    return memory.failing_nights < HOPELESS_NIGHTS


def _shard(hosts: list[str], specs: list[FeedSpec]) -> Shard:
    first = specs[0].id if len(specs) == 1 else hosts[0]
    name = first if len(hosts) == 1 else f"{first} and {len(specs) - 1} more"
    return Shard(name=name, specs=tuple(specs))
