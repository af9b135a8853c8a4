"""When to ask again: Retry-After, and the pause before the next try. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from msgspec import Struct

from flows.steps._fetching.limits import FetchLimits
from models.errors import HttpRefused, TimedOut, TryLater
from models.stages import Problem

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?")  # servers that count in fractions write them
_TRY_LATER = frozenset({408, 425, 429})
_LONGEST_WAIT = timedelta(days=7)  # no server silences a feed for good


class Budget(Struct, kw_only=True):
    """Seconds that may still be spent on one address; waits for a slot are not booked."""

    left_s: float

    def spend(self, seconds: float) -> None:
        """Book seconds spent in a request or in a pause between tries."""
        self.left_s -= seconds


def refusal(status: int, retry_after: str | None, now: datetime) -> TryLater | HttpRefused:
    """Say what a status that brings no document means."""
    sentence = f"the server answered {status} {_phrase(status)}".rstrip()
    if status in _TRY_LATER or 500 <= status <= 599:
        return TryLater(sentence, retry_at=moment_to_retry(retry_after, now))
    return HttpRefused(sentence)


def moment_to_retry(retry_after: str | None, now: datetime) -> datetime | None:
    """Read a Retry-After header in either form; None if there is none or it is neither."""
    if not retry_after:
        return None
    text = retry_after.strip()
    if _SECONDS.fullmatch(text):
        return now + timedelta(seconds=min(float(text), _LONGEST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # no such date, or one that in UTC lies outside of the calendar
        return None
    return min(max(moment, now), now + _LONGEST_WAIT)


def has_tries_left(problem: Problem | None, attempt: int, max_tries: int, limits: FetchLimits) -> bool:
    """Tell whether a try that ended in this problem may be followed by another."""
    if problem is None or not problem.is_transient:
        return False
    return attempt < min(max_tries, limits.timeout_tries if problem.error == TimedOut.__name__ else limits.tries)


def pause_s(problem: Problem, attempt: int, now: datetime, limits: FetchLimits) -> float | None:
    """Return the seconds to wait before the next try, without jitter; None if the server asks for too many."""
    backoff = limits.backoff_s[min(attempt, len(limits.backoff_s)) - 1]
    wished = (problem.retry_at - now).total_seconds() if problem.retry_at else 0.0
    return max(backoff, wished) if wished <= limits.retry_after_max_s else None


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
