"""What a run records of a feed: its current address, when to ask it again, when it is dormant."""

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from models.archive.ledger.feeds import FeedMemory, FeedState
from models.stages import FeedSpec, FetchResult, Problem

# A night begins a little earlier or later than the one a week before: half a day decides which one is meant.
WEEKLY: Final = timedelta(days=6, hours=12)
LONGEST_REST: Final = timedelta(days=30)  # four times any; what ends later was written by a clock that was ahead
DORMANT_AFTER_NIGHTS: Final = 10
DORMANT_AFTER_POINTS: Final = 30.0
_POINTS: Final = {"TemporaryDnsFailure": 0.25, "TimedOut": 0.5, "TryLater": 0.5, "ConnectFailed": 0.5}
_SOFT_STATUS: Final = 404  # it may come back
# A night begins a little earlier or later than the one before: counted a little short, a day ends with the next night.
NEXT_NIGHT: Final = timedelta(hours=18)
PROVEN_NIGHTS: Final = 3  # that a permanent redirect must lead to the same feed


def why_skip(memory: FeedMemory, now: datetime, *, is_by_hand: bool) -> str | None:
    """Return why a feed is not asked in this run; None if it is. By hand, dormant and gone feeds are asked too."""
    if memory.state == FeedState.GONE and not is_by_hand:
        return "gone: it said 410 and is not asked again"
    if memory.next_attempt_at is not None and now < memory.next_attempt_at <= now + LONGEST_REST:
        is_dormant = memory.state == FeedState.DORMANT
        if is_dormant and is_by_hand:
            return None
        why = "dormant" if is_dormant else "Retry-After in effect"
        return f"{why}: left alone until {memory.next_attempt_at:%Y-%m-%d %H:%M} UTC"
    return None


def may_be_conditional(memory: FeedMemory, now: datetime) -> bool:
    """Tell whether a feed's validators may be used: once in seven days they are not."""
    return memory.unconditional_at is not None and abs(now - memory.unconditional_at) < WEEKLY


def parsed_as(spec: FeedSpec, parser_version: int) -> str:
    """Name the reading of a document: the same bytes read otherwise must be read again."""
    return f"{parser_version} {spec.relevance} {'full_text' if spec.full_text else 'summary'}"


def is_another_night(last: datetime | None, now: datetime) -> bool:
    """Tell whether a moment belongs to another night than one that was counted, however many runs a day has."""
    return last is None or abs(now - last) >= NEXT_NIGHT


def proof_before(memory: FeedMemory, result: FetchResult) -> datetime | None:
    """Return before which moment a feed must have shown an entry, for it to prove where a redirect leads.

    None: at any time. What came from a place that is not proven at all proves nothing for it.
    """
    return memory.moved_since if result.moved_to and memory.moved_nights == 0 else None


def is_unchanged_proof(memory: FeedMemory, result: FetchResult) -> bool:
    """Tell whether an unchanged document proves where a redirect leads: the one before came from there, and was proven.

    A 304 from elsewhere proves nothing; the very bytes of the old address do.
    """
    is_from_there = memory.moved_to == result.moved_to
    return memory.moved_nights > 0 if is_from_there else not result.is_not_modified and memory.moved_to is None


def after_redirect(memory: FeedMemory, result: FetchResult, now: datetime, *, is_same_feed: bool) -> FeedMemory:
    """Remember where permanent redirects led, and believe them after three nights of leading to the same feed."""
    target = result.moved_to
    if target is None:
        return replace(memory, moved_to=None, moved_since=None, moved_at=None, moved_nights=0)
    if target != memory.moved_to:
        since = memory.moved_since if memory.moved_nights == 0 and memory.moved_since else now
        memory = replace(memory, moved_to=target, moved_since=since, moved_at=None, moved_nights=0)
    if is_same_feed and is_another_night(memory.moved_at, now):
        memory = replace(memory, moved_at=now, moved_nights=memory.moved_nights + 1)
    if memory.moved_nights < PROVEN_NIGHTS:
        return memory
    here = replace(memory, moved_to=None, moved_since=None, moved_at=None, moved_nights=0)
    return replace(here, current_url=target, state_reason=f"moved to {target}")


def back_home(memory: FeedMemory, url: str) -> FeedMemory:
    """Go back to the address of feeds.yaml: where the feed had moved, it is no more."""
    moved = replace(memory, moved_to=None, moved_since=None, moved_at=None, moved_nights=0)
    return replace(moved, current_url=url, state_reason=None, etag=None, last_modified=None)


def after_success(memory: FeedMemory, result: FetchResult, now: datetime, *, is_conditional: bool) -> FeedMemory:
    """Remember a feed that answered well: failures are forgiven."""
    return replace(
        memory,
        etag=result.etag,
        last_modified=result.last_modified,
        unconditional_at=memory.unconditional_at if is_conditional else now,
        next_attempt_at=None,
        failure_points=0.0,
        failing_nights=0,
        state=FeedState.ACTIVE.value,
        state_reason=memory.state_reason if memory.state == FeedState.ACTIVE else None,  # why it rested is history
        last_success_at=now,
        failing_since=None,
        failed_at=None,
    )


def after_failure(
    memory: FeedMemory, problem: Problem, status: int | None, now: datetime, *, is_whole: bool = True
) -> FeedMemory:
    """Remember a run in which a feed gave nothing.

    A night is counted once, however often it is run; a run over feeds that somebody named counts for none.
    """
    if status == 410:
        return replace(memory, state=FeedState.GONE.value, state_reason=problem.message)
    memory = replace(
        memory,
        etag=None,  # what comes next is asked for whole
        last_modified=None,
        failing_since=memory.failing_since or now,
    )
    if not is_whole or not is_another_night(memory.failed_at, now):
        return replace(memory, next_attempt_at=_later(memory, problem))
    points = 0.5 if status == _SOFT_STATUS else _POINTS.get(problem.error, 1.0)
    memory = replace(
        memory,
        failed_at=now,
        failure_points=memory.failure_points + points,
        failing_nights=memory.failing_nights + 1,
        next_attempt_at=problem.retry_at,
    )
    if memory.failure_points < DORMANT_AFTER_POINTS and memory.failing_nights < DORMANT_AFTER_NIGHTS:
        return memory
    rest = max(now + WEEKLY, problem.retry_at or now)
    return replace(memory, state=FeedState.DORMANT.value, state_reason=problem.message, next_attempt_at=rest)


def _later(memory: FeedMemory, problem: Problem) -> datetime | None:
    """Return until when a feed is left alone after a failure that counts for no night: its rest goes on."""
    if memory.state != FeedState.DORMANT or memory.next_attempt_at is None:
        return problem.retry_at
    return max(memory.next_attempt_at, problem.retry_at or memory.next_attempt_at)
