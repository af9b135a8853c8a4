"""What a night teaches of a feed: where it lives, whether to ask it again, when it is given rest."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from models.archive.feeds import FeedMemory, FeedState
from models.stages import FeedSpec, FetchResult, Problem

# A night begins a little earlier or later than the one a week before: half a day decides which one is meant.
WEEKLY: Final = timedelta(days=6, hours=12)
DORMANT_AFTER_NIGHTS: Final = 10
DORMANT_AFTER_POINTS: Final = 30.0
_POINTS: Final = {"TemporaryDnsFailure": 0.25, "TimedOut": 0.5, "TryLater": 0.5, "ConnectFailed": 0.5}
_SOFT_STATUS: Final = 404  # it may come back


def why_skip(memory: FeedMemory, now: datetime, *, is_by_hand: bool) -> str | None:
    """Return why a feed is not asked in this run; None if it is. By hand, dormant and gone feeds are asked too."""
    if memory.state == FeedState.GONE and not is_by_hand:
        return "gone: it said 410 and is not asked again"
    if memory.next_attempt_at is not None and memory.next_attempt_at > now:
        is_dormant = memory.state == FeedState.DORMANT
        if is_dormant and is_by_hand:
            return None
        why = "dormant" if is_dormant else "Retry-After in effect"
        return f"{why}: left alone until {memory.next_attempt_at:%Y-%m-%d %H:%M} UTC"
    return None


def may_be_conditional(memory: FeedMemory, now: datetime) -> bool:
    """Tell whether a feed's validators may be used: once in seven days they are not."""
    return memory.unconditional_at is not None and now - memory.unconditional_at < WEEKLY


def parsed_as(spec: FeedSpec, parser_version: int) -> str:
    """Name the reading of a document: the same bytes read otherwise must be read again."""
    return f"{parser_version} {spec.relevance} {'full_text' if spec.full_text else 'summary'}"


def after_success(memory: FeedMemory, result: FetchResult, now: datetime, *, is_conditional: bool) -> FeedMemory:
    """Remember a feed that answered well: failures are forgiven.

    A permanent redirect is believed where it led to a document, which was read: a 304 from elsewhere proves nothing.
    """
    moved_to = None if result.is_not_modified else result.moved_to
    return replace(
        memory,
        current_url=moved_to or memory.current_url,
        etag=result.etag,
        last_modified=result.last_modified,
        unconditional_at=memory.unconditional_at if is_conditional else now,
        next_attempt_at=None,
        failure_points=0.0,
        failing_nights=0,
        state=FeedState.ACTIVE.value,
        state_reason=_reason_of_success(memory, moved_to),
        last_success_at=now,
    )


def _reason_of_success(memory: FeedMemory, moved_to: str | None) -> str | None:
    if moved_to:
        return f"moved to {moved_to}"
    return memory.state_reason if memory.state == FeedState.ACTIVE else None  # why it rested is history


def after_failure(memory: FeedMemory, problem: Problem, status: int | None, now: datetime) -> FeedMemory:
    """Remember a night on which a feed gave nothing."""
    if status == 410:
        return replace(memory, state=FeedState.GONE.value, state_reason=problem.message)
    points = 0.5 if status == _SOFT_STATUS else _POINTS.get(problem.error, 1.0)
    memory = replace(
        memory,
        etag=None,  # what comes next is asked for whole
        last_modified=None,
        failure_points=memory.failure_points + points,
        failing_nights=memory.failing_nights + 1,
        next_attempt_at=problem.retry_at,
    )
    if memory.failure_points < DORMANT_AFTER_POINTS and memory.failing_nights < DORMANT_AFTER_NIGHTS:
        return memory
    rest = max(now + WEEKLY, problem.retry_at or now)
    return replace(memory, state=FeedState.DORMANT.value, state_reason=problem.message, next_attempt_at=rest)
