"""What nights teach of a feed: points, rest, weekly probes, revival, and where it lives."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from flows.ingest.feed_memory import after_failure, after_redirect, after_success, may_be_conditional, why_skip
from models.archive.ledger.feeds import FeedMemory, FeedState
from models.stages import FetchResult, Problem

EVENING = datetime(2026, 3, 1, 4, 15, tzinfo=UTC)
NIGHT = timedelta(days=1)
URL, NEW_URL = "https://tide.example/rss", "https://tide.example/feed"
FEED = FeedMemory(id="tide", current_url=URL)


def problem(error: str, retry_at: datetime | None = None) -> Problem:
    """Make a problem of a class of errors."""
    return Problem(error=error, message=f"it said {error}", retry_at=retry_at)


def fails(nights: int, error: str, status: int | None = None) -> FeedMemory:
    """Let a feed fail on so many nights."""
    memory = FEED
    for run in range(nights):
        memory = after_failure(memory, problem(error), status, EVENING + run * NIGHT)
    return memory


def answered(status: int = 200, moved_to: str | None = None) -> FetchResult:
    """Make an answer that brought a document, or said that there is no other."""
    return FetchResult(url=URL, final_url=moved_to or URL, status=status, moved_to=moved_to)


@pytest.mark.parametrize(
    ("error", "status", "points"),
    [
        ("HttpRefused", 403, 1),
        ("UnknownHost", None, 1),
        ("NotAFeed", 200, 1),
        ("HttpRefused", 404, 0.5),
        ("TryLater", 503, 0.5),
        ("TimedOut", None, 0.5),
        ("ConnectFailed", None, 0.5),
        ("TemporaryDnsFailure", None, 0.25),
    ],
)
def test_points(error: str, status: int | None, points: float) -> None:
    """A hard failure counts one point, a soft one half, a name that cannot be resolved now a quarter."""
    assert fails(1, error, status).failure_points == points
    assert fails(3, error, status).failure_points == 3 * points


def test_rest_after_ten_failing_nights() -> None:
    """Nine nights are patience, the tenth brings rest with its reason, whatever the kind of failure."""
    assert fails(9, "TemporaryDnsFailure").state == FeedState.ACTIVE
    rested = fails(10, "TemporaryDnsFailure")
    assert (rested.state, rested.state_reason) == (FeedState.DORMANT, "it said TemporaryDnsFailure")


def test_rest_after_thirty_points() -> None:
    """Points alone bring rest too."""
    rested = after_failure(replace(FEED, failure_points=29.5), problem("TryLater"), 503, EVENING)
    assert rested.state == FeedState.DORMANT


@pytest.mark.parametrize("begins", [timedelta(), timedelta(minutes=-20), timedelta(minutes=20)])
def test_a_resting_feed_is_probed_once_a_week(begins: timedelta) -> None:
    """In eight weeks of nights, each begun at its own minute, it is asked on every seventh and stays at rest."""
    memory, asked = fails(10, "HttpRefused", 403), []
    for run in range(10, 66):
        now = EVENING + run * NIGHT + (begins if run % 2 else timedelta())
        if why_skip(memory, now, is_by_hand=False) is None:
            asked.append(run)
            memory = after_failure(memory, problem("HttpRefused"), 403, now)
            assert memory.state == FeedState.DORMANT
    assert asked == list(range(16, 66, 7))


def test_revival() -> None:
    """One success ends the rest and forgives everything; the reason of the rest goes with it."""
    memory = after_success(fails(12, "TryLater", 503), answered(), EVENING, is_conditional=False)
    assert (memory.state, memory.state_reason, memory.next_attempt_at) == (FeedState.ACTIVE, None, None)
    assert (memory.failure_points, memory.failing_nights) == (0, 0)
    assert why_skip(memory, EVENING + NIGHT, is_by_hand=False) is None


def test_by_hand_a_resting_feed_is_asked_and_patience_is_kept() -> None:
    """A person may probe a dormant or gone feed, and not one that asked to be left alone."""
    gone = after_failure(FEED, problem("HttpRefused"), 410, EVENING)
    patient = after_failure(FEED, problem("TryLater", EVENING + NIGHT), 429, EVENING)
    for memory, is_asked in ((fails(10, "NotAFeed"), True), (gone, True), (patient, False)):
        assert why_skip(memory, EVENING, is_by_hand=False) is not None
        assert (why_skip(memory, EVENING, is_by_hand=True) is None) is is_asked


@pytest.mark.parametrize(
    ("nights", "url"),
    [
        ("new new new", NEW_URL),
        ("new new", URL),
        ("new other new", URL),
        ("new new old new new", URL),
        ("new new third new new", URL),
        ("new other new other new", NEW_URL),
        ("other other other other", URL),
        ("new soon soon soon", URL),
    ],
    ids=[
        "three nights",
        "two nights",
        "a night with other entries does not count",
        "the old address answered again",
        "it led somewhere else",
        "three of five nights",
        "always other entries",
        "four runs of one night",
    ],
)
def test_a_redirect_is_believed_after_three_nights(nights: str, url: str) -> None:
    """Only nights count on which it led to the same feed; the old address is asked first till then."""
    targets = {"old": None, "third": "https://third.example/feed"}
    memory, now = FEED, EVENING
    for run in nights.split():
        now += timedelta(hours=1) if run == "soon" else NIGHT
        result = answered(moved_to=targets.get(run, NEW_URL))
        memory = after_redirect(memory, result, now, is_same_feed=run != "other")
    assert memory.current_url == url


def test_a_night_is_counted_once() -> None:
    """Neither runs of one day nor runs over named feeds silence a feed, and a rest is not cut short by them."""
    memory = FEED
    for hour in range(40):
        memory = after_failure(memory, problem("NotAFeed"), 200, EVENING + timedelta(minutes=hour))
    assert (memory.failing_nights, memory.failure_points) == (1, 1)
    for run in range(1, 20):
        memory = after_failure(memory, problem("NotAFeed"), 200, EVENING + run * NIGHT, is_whole=False)
    assert (memory.failing_nights, memory.state, memory.failing_since) == (1, FeedState.ACTIVE, EVENING)
    rested = fails(10, "NotAFeed")
    again = after_failure(rested, problem("NotAFeed"), 200, EVENING + 10 * NIGHT, is_whole=False)
    assert again.next_attempt_at == rested.next_attempt_at


def test_what_a_clock_that_was_ahead_has_written_is_void() -> None:
    """A night in the year 2099 by mistake: once the clock is set back, no feed rests till then, none stays unread."""
    mistake = EVENING.replace(year=2099)
    memory = after_failure(FEED, problem("TryLater", mistake + NIGHT), 503, mistake)
    assert why_skip(memory, mistake, is_by_hand=False) is not None
    assert why_skip(memory, EVENING, is_by_hand=False) is None
    assert may_be_conditional(replace(memory, unconditional_at=mistake), mistake)
    assert not may_be_conditional(replace(memory, unconditional_at=mistake), EVENING)


def test_validators_rest_one_night_in_seven() -> None:
    """After six nights with validators a whole document is asked for, though the night begins some minutes early."""
    memory = after_success(FEED, answered(), EVENING, is_conditional=False)
    asked = [may_be_conditional(memory, EVENING + run * NIGHT - timedelta(minutes=5)) for run in range(1, 8)]
    assert asked == [True] * 6 + [False]
