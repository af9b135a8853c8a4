"""Hosts that asked to be left alone: what one address was told holds for every feed and page of the host.

A host is known by its name and port, http and https on their own ports are one: what stands behind another port is
another server, which asked for nothing.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from math import inf

from msgspec import Struct
from yarl import URL

from flows.steps._fetching.limits import FetchLimits
from models.errors import LeftAlone
from models.stages import Problem

_TOO_MANY, _UNAVAILABLE = 429, 503
_DEFAULT_PORTS = frozenset({80, 443})


class _QuietHost(Struct):
    """What one host asked for in this run."""

    until: datetime | None = None
    refusals: int = 0  # 429 without a moment
    pauses: int = 0  # answers that named one
    is_closed: bool = False  # for the rest of the run
    status: int | None = None  # that it said last


class QuietHosts:
    """Remembers which hosts answered 429, or 503 with Retry-After, and until when they are not asked."""

    def __init__(self, limits: FetchLimits, clock: Callable[[], datetime]) -> None:
        self._limits = limits
        self._clock = clock
        self._hosts: defaultdict[str, _QuietHost] = defaultdict(_QuietHost)

    def note(self, url: URL, status: int | None, problem: Problem | None) -> None:
        """Take note of an answer. A moment that has passed already is none."""
        retry_at = problem.retry_at if problem else None
        has_moment = retry_at is not None and retry_at > self._clock()
        if status != _TOO_MANY and not (status == _UNAVAILABLE and has_moment):
            return
        host = self._hosts[_name(url)]
        host.status = status
        if retry_at is not None and has_moment:
            host.pauses += 1
            host.until = max(retry_at, host.until or retry_at)
        else:
            host.refusals += 1
        host.is_closed = host.refusals >= self._limits.refusals_per_host or host.pauses >= self._limits.pauses_per_host

    def leave_alone(self, url: URL, until: datetime) -> None:
        """Do not ask this URL's host before a moment that was learnt elsewhere."""
        host = self._hosts[_name(url)]
        host.until = max(until, host.until or until)

    def wait_s(self, url: URL) -> float:
        """Return for how many seconds this URL's host is to be left alone; infinite for the rest of the run."""
        host = self._hosts.get(_name(url))
        if host is None:
            return 0.0
        if host.is_closed:
            return inf
        return max(0.0, (host.until - self._clock()).total_seconds()) if host.until else 0.0

    def reason(self, url: URL) -> LeftAlone:
        """Say why this URL's host is not asked, and until when."""
        host = self._hosts[_name(url)]
        said = f" (it said {host.status})" if host.status else ""
        now = self._clock()
        until = host.until if host.until is not None and host.until > now else None
        span = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "for the rest of this run"
        return LeftAlone(f"{_name(url)} asked for patience{said}: left alone {span}", retry_at=until)


def _name(url: URL) -> str:
    host = (url.host_subcomponent or "").lower()
    return host if url.port in _DEFAULT_PORTS else f"{host}:{url.port}"
