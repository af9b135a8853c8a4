"""Which pages of the queue a night asks for."""

import pytest

from flows.ingest.pages import within_limits
from flows.runs.plan import PageLimits
from models.archive.pages import DuePage


@pytest.mark.parametrize(
    ("limits", "chosen"),
    [
        pytest.param(PageLimits(per_night=9, per_host=9), "a1 a2 b1 a3 b2", id="all, where the limits allow"),
        pytest.param(PageLimits(per_night=9, per_host=2), "a1 a2 b1 b2", id="two of each host"),
        pytest.param(PageLimits(per_night=3, per_host=2), "a1 a2 b1", id="three in all"),
        pytest.param(PageLimits(per_night=0, per_host=2), "", id="none"),
    ],
)
def test_limits_choose_the_first_of_the_queue(limits: PageLimits, chosen: str) -> None:
    """The queue's order stays; a host that has had its share lets the next one come in."""
    queue = [_due(name) for name in ("a1", "a2", "b1", "a3", "b2")]
    assert " ".join(one.url.rpartition("/")[2] for one in within_limits(queue, limits)) == chosen


def _due(name: str, feed: str | None = None) -> DuePage:
    url = f"https://{name[0]}.example/{name}"
    return DuePage(story_id=1, url=url, feed_id=feed)


@pytest.mark.parametrize(
    ("limits", "chosen"),
    [
        pytest.param(
            PageLimits(per_night=6, per_host=9), "a1 z1 q1 b1 z2 c1", id="every feed has its share of a night"
        ),
        pytest.param(PageLimits(per_night=99, per_host=2), "a1 z1 q1 b1 z2 c1 d1", id="and of a host"),
    ],
)
def test_each_feed_has_a_share(limits: PageLimits, chosen: str) -> None:
    """Two feeds with pages of many hosts, newer than all others, keep no third one waiting; each keeps its order."""
    flood = [_due(name, "flood") for name in ("a1", "b1", "c1", "d1")]
    other_flood = [_due(name, "other flood") for name in ("z1", "z2", "z3", "z4")]
    queue = [*flood, *other_flood, _due("q1", "quiet")]
    assert " ".join(one.url.rpartition("/")[2] for one in within_limits(queue, limits)) == chosen
