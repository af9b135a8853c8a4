"""How a night's feeds are shared out, and which of them are asked again."""

import pytest
from msgspec.structs import replace

from flows.runs.plan import MAX_FEED_TASKS, MAX_RETRY_TASKS, PageLimits, RunPlan, second_pass, shards_of
from models.archive.ledger.feeds import FeedMemory
from models.stages import FeedSpec
from tests.nights import EVENING


def spec(name: str, host: str, *, full_text: bool = False) -> FeedSpec:
    """Make a feed of a host."""
    return FeedSpec(id=name, name=name, url=f"https://{host}/{name}", position=0, full_text=full_text)


def plan(specs: list[FeedSpec], failing_nights: int = 0) -> RunPlan:
    """Make the plan of a night over feeds that failed on so many nights before."""
    return RunPlan(
        run_id=1,
        mode="run",
        started_at=EVENING,
        run_ids=frozenset({1}),
        specs=specs,
        memories={one.id: FeedMemory(id=one.id, current_url=one.url, failing_nights=failing_nights) for one in specs},
        is_whole=True,
        pages=PageLimits(per_night=1, per_host=1),
        second_pass_delay_s=0.0,
    )


@pytest.mark.parametrize(
    ("hosts", "shards"),
    [
        pytest.param(["a"], ["a-0"], id="one feed names its shard"),
        pytest.param(["a", "a"], ["a.example"], id="several of a host are named after it"),
        pytest.param(["a", "b", "a"], ["a.example", "b-1"], id="each host has its own shard"),
        pytest.param(["a", "A"], ["a.example"], id="a host has no upper case"),
        pytest.param([], [], id="no feeds, no shard"),
    ],
)
def test_a_host_stays_in_one_shard(hosts: list[str], shards: list[str]) -> None:
    """Politeness is a host's: its feeds are worked together."""
    specs = [spec(f"{host}-{number}", f"{host}.example") for number, host in enumerate(hosts)]
    found = shards_of(specs)
    assert [shard.name for shard in found] == shards
    assert sorted(one.id for shard in found for one in shard.specs) == sorted(one.id for one in specs)


def test_a_night_has_few_tasks() -> None:
    """However many hosts there are, a night is at most 45 tasks: shards of about equal length, and retries."""
    specs = [spec(f"feed-{number}", f"host-{number % 200}.example") for number in range(1000)]
    shards = shards_of(specs)
    again = second_pass({one.id for one in specs}, plan(specs))
    assert len(shards) == MAX_FEED_TASKS
    assert {len(shard.specs) for shard in shards} <= {30, 35}
    assert len({one.url.partition("/feed")[0] for one in shards[0].specs}) == len(shards[0].specs) // 5
    assert shards[0].name.endswith(" and 34 more")
    assert len(again) == MAX_RETRY_TASKS
    assert len(shards) + len(again) + 1 <= 45


def test_a_feed_that_failed_for_three_nights_gets_no_second_pass() -> None:
    """It gets no more than its first tries."""
    specs = [spec("a", "a.example"), spec("b", "b.example")]
    assert [shard.name for shard in second_pass({"a"}, plan(specs, failing_nights=2))] == ["a"]
    assert second_pass({"a"}, plan(specs, failing_nights=3)) == []
    assert second_pass(set(), plan(specs)) == []


@pytest.mark.parametrize(
    ("mode", "full_text", "reads_pages"),
    [
        pytest.param("run", [False, False], False, id="a night over feeds that are not followed reads feeds alone"),
        pytest.param("run", [False, True], True, id="one that is followed has pages"),
        pytest.param("rerun", [False], False, id="so it is where a night is run again"),
        pytest.param("rerun", [True], True, id="with feeds that are followed"),
        pytest.param("import", [], True, id="what is handed in is no feed"),
        pytest.param("reprocess", [False], True, id="what is worked again may have been a page"),
    ],
)
def test_a_run_knows_whether_it_reads_more_than_feeds(mode: str, full_text: list[bool], *, reads_pages: bool) -> None:
    """By it the workers are prepared."""
    specs = [spec(f"feed-{at}", "a.example", full_text=one) for at, one in enumerate(full_text)]
    assert replace(plan(specs), mode=mode).reads_pages is reads_pages
